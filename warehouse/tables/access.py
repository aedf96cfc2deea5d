"""The access layer: who may sign in, what is open right now, and what was done. Never published, never exported."""

from __future__ import annotations

from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer


@in_layer("access")
class UserAccount(SQLModel, table=True):
    """One person who may sign in. A disabled one stays, so that the audit log keeps its names."""

    __tablename__ = "user_account"
    __table_args__ = (Index("user_account_login", "login", unique=True),)
    account_id: str = Field(primary_key=True)
    login: str = Field(description="the e-mail address, in lower case")
    name: str
    roles_json: str = Field(description="roles, sorted")
    organizations_json: str | None = Field(
        default=None, description="the organizations this person may see; null: all"
    )
    password_hash: str | None = Field(default=None, description="argon2id; null until a password was chosen")
    created_at: str
    created_by: str
    disabled_at: str | None = None


@in_layer("access")
class SignInLink(SQLModel, table=True):
    """One link that signs somebody in once. The link itself is not kept, only its hash."""

    __tablename__ = "sign_in_link"
    token_hash: str = Field(primary_key=True, description="SHA-256 of what stands in the link")
    account_id: str
    created_at: str
    expires_at: str
    used_at: str | None = None


@in_layer("access")
class WebSession(SQLModel, table=True):
    """One browser that is signed in. The cookie itself is not kept, only its hash."""

    __tablename__ = "web_session"
    __table_args__ = (Index("web_session_account", "account_id"),)
    session_hash: str = Field(primary_key=True, description="SHA-256 of the cookie")
    account_id: str
    started_at: str
    seen_at: str = Field(description="the last request, to the minute")
    ended_at: str | None = Field(default=None, description="signed out, or ended by an administrator")


@in_layer("access")
class ApiKey(SQLModel, table=True):
    """One key by which a program asks. The key itself is shown once and not kept."""

    __tablename__ = "api_key"
    key_id: str = Field(primary_key=True)
    name: str
    secret_hash: str = Field(description="SHA-256 of 32 random bytes")
    permissions_json: str = Field(description="what it may do, sorted")
    created_at: str
    created_by: str
    expires_at: str | None = None
    seen_at: str | None = Field(default=None, description="the last use, to the minute")
    ended_at: str | None = None


@in_layer("access")
class AuditEntry(SQLModel, table=True):
    """One thing somebody did or saw. Append-only: each entry carries the hash of the one before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_entry_subject", "subject", "number"),)
    number: int = Field(primary_key=True, description="1, 2, 3, … without a gap")
    happened_at: str
    actor: str = Field(description="login, `key:<id>`, `cli:<user of the machine>` or nobody")
    verb: str = Field(description="what was done, as `partner.merge` or `session.start`")
    subject: str = Field(description="what it was done to, as `organization:<id>`")
    detail: str = Field(description="JSON with sorted keys, as it was hashed; never a text of a mail")
    previous_hash: str
    entry_hash: str = Field(
        description="SHA-256 over the hash before, the number and what stands in the entry"
    )


@in_layer("access")
class MailVisibility(SQLModel, table=True):
    """How much of a mailbox or of one conversation others may see, as somebody set it by hand. The newest row stands.

    For what nobody set, the source's `mail_visibility` in partnerhub.yaml decides, and else the least does.
    """

    __tablename__ = "mail_visibility"
    __table_args__ = (Index("mail_visibility_subject", "scope", "subject", "number"),)
    number: int = Field(primary_key=True, description="counts up")
    scope: str = Field(description="mailbox or thread")
    subject: str = Field(description="the mailbox's address in lower case, or the conversation's id")
    level: str | None = Field(
        default=None, description="everything, subject, metadata or private; null: as if nobody had set it"
    )
    actor: str
    set_at: str


@in_layer("access")
class SavedView(SQLModel, table=True):
    """A list of partners saved under a name: a rule (what the list's address asks for), or an explicit list."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("saved_view_account", "account_id"),)
    view_id: str = Field(primary_key=True)
    name: str
    kind: str = Field(description="rule or cohort")
    query_json: str = Field(description="of a rule: the parameters of the list as pairs, in order")
    account_id: str | None = Field(default=None, description="whose it is; null: everybody's")
    created_at: str
    created_by: str


@in_layer("access")
class SavedViewMember(SQLModel, table=True):
    """A partner on an explicit list. A merged id stands for its survivor."""

    __tablename__ = "saved_view_member"
    view_id: str = Field(primary_key=True)
    organization_id: str = Field(primary_key=True)
    added_at: str
    added_by: str

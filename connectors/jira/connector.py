"""The Jira connector: its settings, its streams, and which reader serves which stream."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import Field, PrivateAttr, SecretStr, StringConstraints, field_validator
from pydantic_settings import SettingsConfigDict

from connectors.credential import SignsIn
from connectors.errors import FixSetup, SkipStream, SyncError
from connectors.jira.attached import CHANGELOG_FIELDS, COMMENT_FIELDS, Changelog, Comments
from connectors.jira.client import JiraClient, MissingScope, each_dict
from connectors.jira.issues import IssueReader, issue_fields, issues_of
from connectors.jira.listed import ProjectReader, UserReader
from connectors.jira.records import CUSTOM
from connectors.jira.search import IssueSearch
from connectors.jira.streams import CHANGELOG, COMMENTS, ISSUES, PROJECTS, STREAMS, USERS, WORKLOGS
from connectors.jira.worklogs import WorklogReader
from connectors.record import CheckResult, CursorState, Page, Stream
from connectors.transport import Pace, Patience, encrypted_address

PERMISSIONS = {
    "BROWSE_PROJECTS": "project permission Browse projects",
    "USER_PICKER": "global permission Browse users and groups",
}
"""What reading needs, and what Jira's administration calls it."""

Project = Annotated[str, StringConstraints(pattern=r"^([A-Z][A-Z0-9_]*|[0-9]+)$")]


class Jira(SignsIn):
    """One Jira Cloud site, read with an account's e-mail address and API token."""

    name: ClassVar[str] = "jira"
    title: ClassVar[str] = "Jira"

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_JIRA_")

    base_url: str = Field(description="the site, `https://NAME.atlassian.net`; https, except on this machine")
    email: str = Field(description="e-mail address of the account the token belongs to")
    token: SecretStr = Field(description="API token of that account")
    ca_bundle: Path | None = Field(default=None, description="PEM file of further certificate authorities")
    projects: tuple[Project, ...] = Field(
        default=(), description="only these projects, by key or id; empty reads all the account may browse"
    )
    partner_field: str = Field(
        default="Partner",
        description="name of the custom field that says whom an issue is about: a name, a domain or a CRM id",
    )
    fields: tuple[str, ...] = Field(default=(), description="only these issue fields; empty reads all")
    leave_out: tuple[str, ...] = Field(default=(), description="streams not to read")
    full_days: float = Field(
        default=7.0, ge=0, description="read everything again this often, which shows deletions; 0 is never"
    )
    page_size: int = Field(default=100, ge=1, le=1000, description="issues per search")
    requests_per_second: float = Field(
        default=8.0, ge=0, description="the hub's share of the site; 0 is no limit"
    )
    request_burst: int = Field(default=10, ge=1, description="requests at once before that limit holds")
    tries: int = Field(default=8, ge=1, description="requests at most for one answer")
    first_wait_seconds: float = Field(
        default=1.0, ge=0, description="doubles with each try, with full jitter"
    )
    deadline_seconds: float = Field(
        default=600.0, gt=0, description="time at most for one answer, waits included"
    )
    timeout_seconds: float = Field(
        default=60.0, gt=0, description="silence at most before a try counts as failed"
    )

    _client: JiraClient | None = PrivateAttr(default=None)
    _search: IssueSearch | None = PrivateAttr(default=None)
    _site: str = PrivateAttr(default="")

    @field_validator("base_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        """Refuse to send a token unencrypted, except to this machine."""
        return encrypted_address(value, "base_url")

    @field_validator("leave_out")
    @classmethod
    def _known_streams(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse names that would silently do nothing."""
        known = [stream.name for stream in STREAMS]
        if strange := sorted(set(value) - set(known)):
            raise ValueError(f"there is no {', '.join(strange)}; use {', '.join(known)}")
        return value

    def streams(self) -> tuple[Stream, ...]:
        """Projects and users, issues, then what hangs on them; without those left out."""
        return tuple(stream for stream in STREAMS if stream.name not in self.leave_out)

    def check(self) -> CheckResult:
        """Ask who the account is and what it may read. Raises `FixSetup` or `RetryLater`."""
        client = self.client()
        try:
            me = client.get("/rest/api/3/myself").json
            server = client.get("/rest/api/3/serverInfo").json
        except MissingScope as refusal:
            raise FixSetup(code=refusal.code, do=refusal.do, happened=refusal.happened) from None
        except SkipStream as refusal:
            raise FixSetup(
                code="no_access",
                do="Set `base_url` to the Jira site, and give the account access to Jira there.",
                happened=f"{self.title} does not let the account in. {refusal.happened}",
            ) from None
        self._site = str(server.get("baseUrl") or self.base_url).rstrip("/")
        details = {
            "site": self._site,
            "account": str(me.get("displayName") or ""),
            "time zone": str(me.get("timeZone") or ""),
            "deployment": str(server.get("deploymentType") or ""),
        }
        account = f"{self._site} {me.get('accountId') or ''}".strip()
        return CheckResult(account, {key: value for key, value in details.items() if value}, self._missing())

    def _missing(self) -> tuple[str, ...]:
        """The permissions the account lacks, and the configured projects it cannot see."""
        wanted = (
            PERMISSIONS
            if USERS.name not in self.leave_out
            else {"BROWSE_PROJECTS": PERMISSIONS["BROWSE_PROJECTS"]}
        )
        answer = self.client().get("/rest/api/3/mypermissions", {"permissions": ",".join(wanted)}).json
        granted = answer.get("permissions") or {}
        missing = [said for key, said in wanted.items() if not _granted(granted.get(key))]
        missing += [f"Browse projects in {project}" for project in self.search().missing()]
        return tuple(missing)

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Pages of one stream; see `Connector.pull`. Raises `FixSetup` for a stream there is none of."""
        try:
            yield from self._pages(stream, cursor, full=full)
        except SyncError as failure:
            failure.at(source=self.source, stream=stream)
            raise

    def _pages(self, stream: str, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        if stream == PROJECTS.name:
            return ProjectReader(self.client(), self.projects).pull()
        if stream == USERS.name:
            return UserReader(self.client()).pull()
        if stream == WORKLOGS.name:
            return WorklogReader(self.client(), self.projects).pull(cursor, full=full)
        return self._reader(stream).pull(cursor, full=full)

    def _reader(self, stream: str) -> IssueReader:
        """The reader of a stream that follows the issues."""
        client = self.client()
        readers = {
            ISSUES.name: (issue_fields(self.fields), issues_of),
            COMMENTS.name: (COMMENT_FIELDS, Comments(client).of),
            CHANGELOG.name: (CHANGELOG_FIELDS, Changelog(client).of),
        }
        if stream not in readers:
            raise FixSetup(
                code="unknown_stream",
                do=f"Use one of: {', '.join(one.name for one in self.streams())}.",
                happened=f"{self.title} has no stream called {stream!r}.",
            )
        fields, make = readers[stream]
        refresh = timedelta(days=self.full_days)
        return IssueReader(stream, client, self.search(), fields, self.page_size, refresh, make)

    def count(self, stream: str) -> int | None:
        """How many issues there are, as Jira estimates; None for the other streams."""
        return self.search().count() if stream == ISSUES.name else None

    def described_fields(self, stream: str) -> dict[str, str] | None:
        """The custom fields of issues by id, with the names people gave them; None for the other streams."""
        if stream != ISSUES.name:
            return None
        known = each_dict(self.client().get_list("/rest/api/3/field").json["values"])
        custom = (one for one in known if str(one.get("id") or "").startswith(CUSTOM))
        return {str(one["id"]): str(one.get("name") or one["id"]) for one in custom}

    def deep_link(self, stream: str, source_id: str) -> str | None:
        """The record's page: of an issue found by its id, which never changes, and of a user; None for the others."""
        site = self._site or self.base_url
        if stream == ISSUES.name:
            return f"{site}/issues/?jql={quote(f'id = {source_id}')}"
        if stream == USERS.name:
            return f"{site}/jira/people/{quote(source_id)}"
        return None

    def client(self) -> JiraClient:
        """The site's client, made once, so that all streams share its pace."""
        if self._client is None:
            patience = Patience(
                tries=self.tries,
                first_wait=self.first_wait_seconds,
                deadline=self.deadline_seconds,
                read_timeout=self.timeout_seconds,
            )
            self._client = JiraClient(
                base_url=self.base_url,
                email=self.email,
                token=self.token.get_secret_value(),
                ca_bundle=str(self.ca_bundle) if self.ca_bundle else None,
                patience=patience,
                pace=Pace(self.requests_per_second, self.request_burst, patience=patience),
            )
        return self._client

    def search(self) -> IssueSearch:
        """The search all streams share, so that zone and projects are asked for once."""
        if self._search is None:
            self._search = IssueSearch(self.client(), self.projects)
        return self._search


def _granted(permission: Any) -> bool:
    return isinstance(permission, dict) and bool(permission.get("havePermission"))

"""How much of a mailbox or of one conversation others may see, as somebody set it by hand.

Revision ID: 0020
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0020"
down_revision = "0019"

LAYER: Final = "access"
VISIBILITY: Final = Table(
    "mail_visibility",
    """
    How much of a mailbox or of one conversation others may see, as somebody set it by hand. The newest row stands.

    For what nobody set, the source's `mail_visibility` in partnerhub.yaml decides, and else the least does.
    """,
    (
        Field("number", "int key", "counts up"),
        Field("scope", "text", "mailbox or thread"),
        Field("subject", "text", "the mailbox's address in lower case, or the conversation's id"),
        Field(
            "level", "text null", "everything, subject, metadata or private; null: as if nobody had set it"
        ),
        Field("actor", "text"),
        Field("set_at", "time"),
    ),
    (Index("mail_visibility_subject", ("scope", "subject", "number")),),
)


def upgrade() -> None:
    """Nobody has set anything."""
    create(LAYER, VISIBILITY)


def downgrade() -> None:
    """What was set by hand is forgotten; what was done stays in the audit log."""
    drop(LAYER, VISIBILITY)

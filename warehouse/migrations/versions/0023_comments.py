"""Comments name every kind, method, band and reason of identity there is, and every sign of life.

Revision ID: 0023
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Final, NamedTuple

from alembic import op

revision = "0023"
down_revision = "0022"


class Comment(NamedTuple):
    """What a table or a column says of itself. place: schema.table or schema.table.column."""

    place: str
    before: str
    now: str


COMMENTS: Final = (
    Comment(
        "ledger.identity_event",
        """One thing that happened to an id: minted, merged, split, revived, moved or retired.

    merged: `entity_id` answers by `other_id` from then on. moved: `record` went from `other_id` to `entity_id`.
    """,
        """One thing that happened to an id: minted, merged, redirected, revived, split or moved.

    merged, redirected: `entity_id` answers by `other_id` from then on; a redirected one answered by a third before.
    revived: it answers for itself again, no longer by `other_id`. split: `record`, of `other_id` so far, founded it.
    moved: `record` went from `other_id` to `entity_id`.
    """,
    ),
    Comment(
        "ledger.identity_event.cause",
        "what led to it: rule, score or a person's decision",
        "what led to it: founding, same group, or the method by which `record` is linked",
    ),
    Comment(
        "ledger.organization_link.method",
        "founding, key:<kind>, score, decision, revived",
        "founding, decision, merged_into, key:<kind>, standing, score or kept",
    ),
    Comment(
        "ledger.match_edge.band",
        "auto, review or no",
        "auto, review, veto (looks like a branch), or no: compared once, nothing in common any more",
    ),
    Comment(
        "ledger.identity_review.reason",
        "registry, country, family, branch, size, bridge or retrained",
        "registry, country, owner, family, branch, size, bridge or retrained; of persons registry, size, addresses,"
        " either, moved or mailbox",
    ),
    Comment(
        "golden.question",
        "What waits for a steward: two organizations that may be one, by their strongest pair of records. Derived.",
        "What waits for a steward: two organizations or persons who may be one, by their strongest pair. Derived.",
    ),
    Comment(
        "golden.question.left_id",
        "the organization of the left record; its key while it has none",
        "the organization or person of the left record; its key while it has none",
    ),
    Comment(
        "ops.heartbeat",
        "One sign of life: of the pass that watches over health, and of each schedule it knows (`schedule:<source>`).",
        "One sign of life: of the pass that watches, of each `schedule:<source>`, of each `credential:<source>`.",
    ),
    Comment(
        "ops.heartbeat.said",
        "the schedule as it is written; empty for the pass",
        "the schedule as it is written; where a credential stands, its end, whether it lasts; else empty",
    ),
    Comment(
        "golden.question.reason",
        "score, or why the rules ask and do not act",
        "score, or why the rules ask and do not act: as in identity_review",
    ),
)


def upgrade() -> None:
    """They say what is."""
    for comment in COMMENTS:
        describe(comment.place, comment.now)


def downgrade() -> None:
    """They say what was."""
    for comment in COMMENTS:
        describe(comment.place, comment.before)


def describe(place: str, comment: str) -> None:
    """Comments are PostgreSQL's; SQLite has none."""
    if op.get_bind().dialect.name != "postgresql":
        return
    schema, table, *column = place.split(".")
    if column:
        op.alter_column(table, *column, comment=comment, schema=schema)
    else:
        op.create_table_comment(table, cleandoc(comment), schema=schema)

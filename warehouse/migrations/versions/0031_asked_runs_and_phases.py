"""What people ask to be run waits in `job`, with who took it; each run keeps what its phases did.

Revision ID: 0031
"""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import text

from warehouse.migrations.tables import Field, Index, Table, create, drop, schema_of

revision = "0031"
down_revision = "0030"

LAYER: Final = "ops"
JOB: Final = "job"
ADDED: Final = (
    Field("target", "text", "the source to sync; the run to resume or to end", default="''"),
    Field("tries", "int", "how often it was taken", default="0"),
    Field("taken_at", "time null", "when it was taken last"),
    Field("taken_by", "text null", "the process that took it"),
    Field("run_id", "text null", "the id its run gets, chosen when it is taken"),
)
INDEXES: Final = (
    Index("job_open", ("created_at",), "state IN ('waiting', 'running')"),
    Index("job_target", ("target", "created_at")),
    Index("job_run", ("run_id",)),
)
FORMER: Final = "A long task a person asked for, drained by a worker. State: waiting, running, done, failed."
SAID: Final = """\
One run, or the end of one, that a person asked for on a page; whoever takes asked runs takes one at a time.

State: waiting, running, done, refused (never begun, for a reason), failed (could not begin) or lost (its taker was
killed, or nobody took it in time)."""
COLUMNS: Final[dict[str, str | None]] = {
    "kind": "sync, resume or cancel",
    "outcome": "how it ended, in words",
}
PHASE: Final = Table(
    "run_phase",
    """
    What one phase of one run did: land, stage, resolve, publish, fetch, signals or validate.

    entered = changed + unchanged + rejected, in the phase's own unit. State: running, complete or failed.
    """,
    (
        Field("run_id", "text key"),
        Field("phase", "text key"),
        Field("state", "text"),
        Field("started_at", "time"),
        Field("finished_at", "time null"),
        Field("unit", "text", "what is counted: records, pairs, texts, signals or rules"),
        Field("entered", "int", "came in, or was looked at", default="0"),
        Field("changed", "int", "of these: new, or another one since", default="0"),
        Field("unchanged", "int", "of these: as it was", default="0"),
        Field("rejected", "int", "of these: set aside, not found or broken", default="0"),
        Field("counts_json", "json null", "JSON object: further counts by name"),
    ),
    by_key=True,
)


def upgrade() -> None:
    """Nobody has asked for anything yet; of former runs the phases were not recorded."""
    create(LAYER, PHASE)
    schema = schema_of(LAYER)
    for field in ADDED:
        op.add_column(JOB, field.column(), schema=schema)
    for index in INDEXES:
        where = None if index.where is None else text(index.where)
        op.create_index(
            index.name, JOB, list(index.columns), schema=schema, sqlite_where=where, postgresql_where=where
        )
    describe(SAID, COLUMNS)


def downgrade() -> None:
    """Without them; what was asked for stays in the audit log."""
    describe(FORMER, dict.fromkeys(COLUMNS))
    for index in INDEXES:
        op.drop_index(index.name, JOB, schema=schema_of(LAYER))
    for field in ADDED:
        op.drop_column(JOB, field.name, schema=schema_of(LAYER))
    drop(LAYER, PHASE)


def describe(table: str, columns: dict[str, str | None]) -> None:
    """PostgreSQL keeps what a table and a column hold beside them."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table_comment(JOB, table, schema=schema_of(LAYER))
    for name, said in columns.items():
        op.alter_column(JOB, name, comment=said, schema=schema_of(LAYER))

"""Versions of deals as they were published, how far webhooks were told, and how full published columns are.

Revision ID: 0033
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from alembic import op
from sqlalchemy import text

from warehouse.migrations.tables import Field, Index, Table, create, drop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

revision = "0033"
down_revision = "0032"

VALUES: Final = (
    "name", "amount_minor", "currency", "pipeline", "stage", "status", "close_date", "deal_type", "owner",
    "deleted_at",
)  # fmt: skip
COLUMNS: Final = ("fact_id", "recorded_from_at", "recorded_to_at", *VALUES, "run_id")
DEAL_VERSION: Final = Table(
    "deal_version",
    """
    What the hub published about a deal from `recorded_from_at` until `recorded_to_at` (null: still).

    A deal no record is left of has a last version that ends as it begins. History, not derived: a rebuild keeps it.
    """,
    (
        Field("version_id", "int key", "counts up in the order of publication, without a gap"),
        Field("fact_id", "text"),
        Field(
            "recorded_from_at",
            "time",
            "of what came before versions were kept: when its source says it was so",
        ),
        Field("recorded_to_at", "time null"),
        Field("name", "text"),
        Field("amount_minor", "int null"),
        Field("currency", "text null"),
        Field("pipeline", "text null"),
        Field("stage", "text null"),
        Field("status", "text null"),
        Field("close_date", "date null"),
        Field("deal_type", "text null"),
        Field("owner", "text null"),
        Field("deleted_at", "time null"),
        Field("run_id", "text"),
    ),
    (Index("deal_version_deal", ("fact_id", "version_id")),),
)
ENDPOINT: Final = Table(
    "webhook_endpoint",
    "How far one address that is told of changes was told.",
    (
        Field("name", "text key", "as `changes:` in the settings calls it"),
        Field("cursor", "text", "what it took last"),
        Field("told", "int", "changes it took", default="0"),
        Field("tried_at", "time null"),
        Field("delivered_at", "time null"),
        Field("failures", "int", "passes in a row that it did not take what it was sent", default="0"),
        Field("failure", "text null", "why, the last time"),
        Field("disabled_at", "time null", "since when nothing is sent to it, until `changes resume`"),
    ),
)
FILL: Final = Table(
    "column_fill",
    "How full one column of one published table was when it was measured.",
    (
        Field("mart", "text key"),
        Field("name", "text key", "of the column; empty for the table as a whole"),
        Field("row_count", "int", "rows of the table"),
        Field("sampled", "int", "rows the measure rests on: all, or a sample"),
        Field("filled", "int", "of those, rows that hold something"),
        Field("measured_at", "time"),
    ),
)
STOOD: Final = """
SELECT d.fact_id, f.happened_at, {values}, coalesce(r.run_id, ''), coalesce(r.landed_at, f.happened_at), c.stage,
c.changed_at
FROM deal d JOIN fact f ON f.fact_id = d.fact_id
LEFT JOIN deal_value v ON v.fact_id = d.fact_id AND v.field = 'stage'
LEFT JOIN staged_deal s ON s.record = coalesce(v.record, f.record)
LEFT JOIN raw_record r ON r.raw_id = s.raw_id
LEFT JOIN staged_deal_stage_change c ON c.deal_record = v.record AND c.deleted_at IS NULL
ORDER BY d.fact_id, c.changed_at, c.record
"""
"""Every deal as it stands, a row for each stage that its source says it went through."""
AT_ONCE: Final = 1_000
PASSING: Final = "former_deal_version"


def upgrade() -> None:
    """Deals that stand have the stages their sources remember; everything else is as it is known now."""
    create("golden", DEAL_VERSION)
    create("ops", ENDPOINT)
    create("ops", FILL)
    keep_history()
    op.get_bind().execute(
        text("INSERT INTO hub_state (name, value) VALUES ('changes', :feed)"), {"feed": uuid4().hex}
    )


def downgrade() -> None:
    """Without them."""
    op.execute("DELETE FROM hub_state WHERE name = 'changes'")
    drop("ops", FILL)
    drop("ops", ENDPOINT)
    drop("golden", DEAL_VERSION)


def keep_history() -> None:
    """Write the versions there were, numbered by time."""
    bind = op.get_bind()
    bind.execute(text(f"CREATE TEMPORARY TABLE {PASSING} AS SELECT * FROM deal_version WHERE 1 = 0"))
    listed = ", ".join(COLUMNS)
    marks = ", ".join(f":{name}" for name in COLUMNS)
    insert = text(f"INSERT INTO {PASSING} (version_id, {listed}) VALUES (0, {marks})")
    rows = bind.execute(text(STOOD.format(values=", ".join(f"d.{name}" for name in VALUES))))
    waiting: list[dict[str, Any]] = []
    for _, of_one in groupby(rows, lambda row: row[0]):
        waiting += versions(list(of_one))
        if len(waiting) >= AT_ONCE:
            bind.execute(insert, waiting)
            waiting = []
    if waiting:
        bind.execute(insert, waiting)
    bind.execute(
        text(
            f"INSERT INTO deal_version (version_id, {listed}) SELECT row_number() OVER"
            f" (ORDER BY recorded_from_at, fact_id, recorded_to_at IS NULL, recorded_to_at), {listed} FROM {PASSING}"
        )
    )
    bind.execute(text(f"DROP TABLE {PASSING}"))


def versions(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The versions of one deal: one for each stage it was in, the last of them as it stands."""
    fact_id, opened, *values = rows[0][: 2 + len(VALUES)]
    run_id, landed = rows[0][2 + len(VALUES) : 4 + len(VALUES)]
    now = dict(zip(VALUES, values, strict=True))
    made = [{**now, **each} for each in states(rows, now, opened, landed)]
    for each, following in zip(made, [*made[1:], None], strict=True):
        each |= {"fact_id": fact_id, "run_id": run_id}
        each["recorded_to_at"] = following["recorded_from_at"] if following else None
    return made


def states(
    rows: Sequence[Sequence[Any]], now: Mapping[str, Any], opened: Any, landed: Any
) -> Iterator[dict[str, Any]]:
    """What was otherwise than now, from when on, in order of time."""
    stages = [(row[-2], row[-1]) for row in rows if row[-2] is not None]
    stages = [each for at, each in enumerate(stages) if not at or stages[at - 1][0] != each[0]]
    former = {"status": "open", "deleted_at": None}
    begins, last = opened, len(stages) - 1
    for at, (stage, changed) in enumerate(stages):
        begins = opened if at == 0 else max(begins, changed)
        if at < last or stage != now["stage"]:
            yield {**former, "stage": stage, "recorded_from_at": begins}
    closed_otherwise = bool(stages) and stages[last][0] != now["stage"]
    begins = max(begins, landed) if closed_otherwise else begins
    yield {"recorded_from_at": begins, "deleted_at": None}
    if now["deleted_at"] is not None:
        yield {"recorded_from_at": max(begins, now["deleted_at"])}

"""Golden deals, recomputed whole per touched fact: one value per field by survivorship, and where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from partnerhub.identity.survivorship import ranked, rule_between
from pipelines.golden import work
from pipelines.golden.differences import write_difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.golden.deal_history import DealHistory
    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

CHUNK = 1_000
RANKED_BY = "deal"
"""How survivorship rules call the priority of sources for deals."""

TOGETHER = (
    ("name",),
    ("amount_minor", "currency"),
    ("status", "stage", "pipeline"),
    ("close_date",),
    ("deal_type",),
    ("owner",),
)
"""Fields taken from one record: an amount in another's currency or a stage of another's pipeline is said by nobody."""

VALUES = (
    "name", "amount_minor", "currency", "pipeline", "stage", "status", "close_date", "deal_type", "owner",
)  # fmt: skip
DEAL_COLUMNS = ("fact_id", *VALUES, "record_count", "deleted_at")
VALUE_COLUMNS = ("fact_id", "field", "value", "record", "raw_id", "rule", "others_json")
STAGED = ("record", "raw_id", "source", "modified_at", "deleted_at", *VALUES[:-1])

Row = tuple[Any, ...]


def publish_deals(connection: Connection, settings: PublishSettings, history: DealHistory) -> int:
    """Recompute every touched deal; returns how many rows were written. Expects its copies to be placed."""
    work.add(
        connection,
        "work_deal",
        "SELECT f.fact_id FROM work_colleague w CROSS JOIN staged_deal t CROSS JOIN fact_source f"
        " WHERE t.owner_record = w.record AND f.record = t.record",
    )
    written = 0
    for span in work.spans(connection, "work_deal", CHUNK):
        records = read_deals(connection, span)
        deals, values = [], []
        for fact_id, copies in sorted(records.items()):
            deal, provenance = survived(fact_id, copies, settings)
            deals.append(deal)
            values += provenance
        for name, columns, wanted in (("deal", DEAL_COLUMNS, deals), ("deal_value", VALUE_COLUMNS, values)):
            written += write_difference(
                connection, name, columns, standing(connection, name, columns, span), wanted
            )
        history.note(span, deals)
    return written


def read_deals(connection: Connection, span: Span) -> dict[str, list[dict[str, Any]]]:
    """The staged records of each deal of a span, with the owner's one name."""
    rows = connection.query(
        f"SELECT w.fact_id, {', '.join(f't.{name}' for name in STAGED)}, coalesce(c.name, c.email)"
        " FROM work_deal w CROSS JOIN fact_source s CROSS JOIN staged_deal t"
        " LEFT JOIN colleague_record o ON o.record = t.owner_record"
        " LEFT JOIN colleague c ON c.colleague_id = o.colleague_id"
        " WHERE w.fact_id BETWEEN ? AND ? AND s.fact_id = w.fact_id AND t.record = s.record",
        span,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for fact_id, *values in rows:
        found.setdefault(fact_id, []).append(dict(zip((*STAGED, "owner"), values, strict=True)))
    return found


def survived(
    fact_id: str, records: Sequence[Mapping[str, Any]], settings: PublishSettings
) -> tuple[Row, list[Row]]:
    """The row of a deal, and where each value is from. While one record lives, deleted ones have no say."""
    living = [record for record in records if record["deleted_at"] is None]
    order = ranked(living or records, settings.survivorship, RANKED_BY)
    chosen: dict[str, Any] = {}
    provenance = []
    for names in TOGETHER:
        having = [record for record in order if record[names[0]] is not None]
        if not having:
            continue
        best, rule = having[0], rule_between(having, settings.survivorship, RANKED_BY)
        for name in (name for name in names if best[name] is not None):
            chosen[name] = best[name]
            others = [
                {"record": other["record"], "value": str(other[name])}
                for other in having[1:]
                if other[name] not in (None, best[name])
            ]
            said = orjson.dumps(others, option=orjson.OPT_SORT_KEYS).decode() if others else None
            provenance.append((fact_id, name, str(best[name]), best["record"], best["raw_id"], rule, said))
    deleted_at = None if living else max(record["deleted_at"] for record in records)
    return (fact_id, *(chosen.get(name) for name in VALUES), len(living), deleted_at), provenance


def standing(connection: Connection, name: str, columns: Sequence[str], span: Span) -> list[Row]:
    """The rows a table holds of the touched deals of a span."""
    return connection.query(
        f"SELECT {', '.join(f't.{column}' for column in columns)} FROM work_deal w CROSS JOIN {name} t"
        " WHERE w.fact_id BETWEEN ? AND ? AND t.fact_id = w.fact_id",
        span,
    )

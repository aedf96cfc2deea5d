"""Of which tables the past is kept, and how what they held at a moment is read.

Versions and intervals say it by themselves; of facts, ties and colleagues before-images tell (`images`), and of what a
source record said (`staged_then`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.marts.images import CALLED, IMAGED, IMAGED_FOR, LANDINGS, OPEN_VERSION
from warehouse.marts.moment import MOMENT, Kept, kept_since, until
from warehouse.marts.staged_then import is_of_stream, of_stream, rows_then

if TYPE_CHECKING:
    from warehouse.marts.mart import Mart

PROGRAMS: Final = f"""
SELECT c.organization_id, substr(c.field, 13) AS program, c.after AS rule FROM change_log c
WHERE c.field LIKE 'partnership.%' AND c.recorded_at <= {MOMENT} AND c.after IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM change_log n WHERE n.organization_id = c.organization_id AND n.field = c.field
AND n.recorded_at <= {MOMENT} AND n.change_id > c.change_id)
"""
"""The same log and the same order as `queries.belonging_then` reads for one organization."""
RECORDS: Final = rows_then("organization", ("name", "modified_at", "deleted_at"))
OPEN_LINK: Final = f"b.started_at <= {MOMENT} AND (b.ended_at IS NULL OR b.ended_at > {MOMENT})"
PERSONS: Final = f"""
SELECT was.person_id, p.name, p.email, p.phone, p.title, was.record_count, was.deleted_at
FROM (SELECT l.person_id, count(*) AS records,
CASE WHEN count(*) = count(s.record) THEN count(*) - count(s.deleted_at) END AS record_count,
CASE WHEN count(*) = count(s.deleted_at) THEN max(s.deleted_at) END AS deleted_at,
count(CASE WHEN s.is_same AND l.ended_at IS NULL THEN 1 END) AS same_records
FROM (SELECT b.record, b.person_id, b.ended_at FROM {{base(person_link)}} b WHERE {OPEN_LINK}) l
LEFT JOIN ({rows_then("person", ("deleted_at",), same=True)}) s ON s.record = l.record GROUP BY l.person_id) was
LEFT JOIN ({CALLED}) p ON p.person_id = was.person_id AND ({kept_since("person_past_since")} <= {MOMENT}
OR was.same_records = was.records AND was.records = (SELECT count(*) FROM {{base(person_link)}} n
WHERE n.person_id = was.person_id AND n.ended_at IS NULL))
"""
"""What a person was called says an image. Of a moment before these were kept it is told where all their records are the
same ones, saying the same."""

KEPT: Final[dict[str, Kept]] = {
    "organization_version": Kept(
        f"b.recorded_from_at <= {MOMENT}", {"recorded_to_at": until("recorded_to_at")}
    ),
    "organization_link": Kept(f"b.started_at <= {MOMENT}", {"ended_at": until("ended_at")}),
    "redirect": Kept(f"b.started_at <= {MOMENT}", {"ended_at": until("ended_at")}),
    "identity_event": Kept(f"b.recorded_at <= {MOMENT}"),
    "change_log": Kept(f"b.recorded_at <= {MOMENT}"),
    "deal_version": Kept(f"b.recorded_from_at <= {MOMENT}", {"recorded_to_at": until("recorded_to_at")}),
    "measurement": Kept(f"b.measured_at <= {MOMENT}"),
    "partner_quality": Kept(f"b.measured_from_at <= {MOMENT}", {"measured_to_at": until("measured_to_at")}),
    "source_quality": Kept(f"b.measured_at <= {MOMENT}"),
    "kpi_definition": Kept(f"b.since_at <= {MOMENT}", {"until_at": until("until_at")}),
    "kpi_value": Kept(f"b.measured_at <= {MOMENT}"),
    "stream_column": Kept(f"b.since_at <= {MOMENT}"),
    "stream_run": Kept(f"b.finished_at <= {MOMENT}"),
    "organization": Kept(rows=f"SELECT v.organization_id FROM organization_version v WHERE {OPEN_VERSION}"),
    "partnership": Kept(rows=PROGRAMS),
    "staged_organization": Kept(rows=RECORDS),
    "person": Kept(rows=PERSONS),
    "person_link": Kept(f"b.started_at <= {MOMENT}", {"ended_at": until("ended_at")}),
    **IMAGED,
}
"""Every table whose past is kept."""
UNTOLD: Final[dict[str, frozenset[str]]] = {
    "dim_contact": frozenset({"count_records"}),
    "fct_deal": frozenset({"opened_at", "record_key"}),
    "fct_work_item": frozenset({"kind", "opened_at", "is_open"}),
}
"""Columns a mart has of every row now, and not of every row of then."""


def kept_for(mart: Mart, name: str) -> Kept | None:
    """How the past of a table is kept that a mart reads; None where it is not."""
    if not is_of_stream(mart):
        return IMAGED_FOR.get(mart.name, {}).get(name) or KEPT.get(name)
    return LANDINGS if name == "raw_record" else of_stream(mart, name)


def untold_of(mart: Mart) -> frozenset[str]:
    """The columns a mart has of every row now, and not of every row of then."""
    if not is_of_stream(mart):
        return UNTOLD.get(mart.name, frozenset())
    always = {*mart.key, "source_id"}
    return frozenset(each.name for each in mart.columns if each.name not in always)

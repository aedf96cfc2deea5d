"""A mart as it was known at a moment: its own query over the tables as they were then.

One query makes a mart, now and then. What differs are the tables below it: each table whose past is kept is put in its
place as a common table expression of the same name, with the rows that stood at the moment. A mart that reads any other
table is refused by name, with what to use instead: a guess would look like a fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from warehouse.errors import WarehouseError
from warehouse.layers import layer_of
from warehouse.marts.mart import spelled_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.marts.mart import Mart

MOMENT: Final = "{then()}"
"""Where a query names the moment."""
READS: Final = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")
STREAM: Final = "stg_"
"""How views of streams begin: they show fields of which no table keeps the past."""
SUFFIX: Final = "_asof"
"""`marts.dim_partner_asof(moment)` on PostgreSQL."""
WRITTEN: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def until(column: str) -> str:
    """An end that had not come by then had not come."""
    return f"CASE WHEN b.{column} <= {MOMENT} THEN b.{column} END"


@dataclass(frozen=True, slots=True)
class Kept:
    """How the past of one table is kept. where: which rows stood (`b` is the table). instead: column → what it was.

    rows: the whole query instead, where the past stands elsewhere; it names the columns marts read, no others.
    """

    where: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""


OPEN_VERSION: Final = (
    f"v.recorded_from_at <= {MOMENT} AND (v.recorded_to_at IS NULL OR v.recorded_to_at > {MOMENT})"
)
PROGRAMS: Final = f"""
SELECT c.organization_id, substr(c.field, 13) AS program, c.after AS rule FROM change_log c
WHERE c.field LIKE 'partnership.%' AND c.recorded_at <= {MOMENT} AND c.after IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM change_log n WHERE n.organization_id = c.organization_id AND n.field = c.field
AND n.recorded_at <= {MOMENT} AND n.change_id > c.change_id)
"""
"""The same log and the same order as `queries.belonging_then` reads for one organization."""


def same(column: str) -> str:
    """What a record said, where it did not arrive anew since."""
    return f"CASE WHEN stood.is_same THEN {column} END"


def standing(staged: str) -> str:
    """Staged records (`b`) with what stood of them (`stood`) and its raw version (`r`).

    What a record said stands in its newest version that had landed, as `pipelines.recall` reads it; only whether it was
    deleted can be told without reading the version by its mapping.
    """
    return f"""(SELECT o.record, a.landed_at IS NULL OR a.landed_at <= {MOMENT} AS is_same,
(SELECT max(n.raw_id) FROM {{base(raw_record)}} n WHERE n.source = o.source AND n.stream = o.stream
AND n.source_id = {{raw_id_of(o.source_id)}} AND n.landed_at <= {MOMENT}) AS raw_id
FROM {{base({staged})}} o LEFT JOIN {{base(raw_record)}} a ON a.raw_id = o.raw_id) stood
JOIN {{base({staged})}} b ON b.record = stood.record
LEFT JOIN {{base(raw_record)}} r ON r.raw_id = stood.raw_id"""


DELETED: Final = (
    "CASE WHEN stood.is_same THEN b.deleted_at WHEN r.op IN ('delete', 'merge', 'not_visible')"
    " THEN coalesce({time(r.version)}, r.landed_at) END"
)
RECORDS: Final = f"""
SELECT b.record, {same("b.name")} AS name, {same("b.modified_at")} AS modified_at, {DELETED} AS deleted_at
FROM {standing("staged_organization")}
"""
DEALS: Final = f"""
SELECT v.fact_id, v.name, v.amount_minor, v.currency, v.pipeline, v.stage, v.status, v.close_date, v.deal_type, v.owner,
{{null(integer)}} AS record_count, v.deleted_at FROM deal_version v WHERE {OPEN_VERSION}
"""
DEALS_AS_FACTS: Final = (
    "SELECT v.fact_id, {no_time()} AS happened_at, {null(text)} AS record"
    f" FROM deal_version v WHERE {OPEN_VERSION}"
)
"""Which records were one deal, and which of them was shown, is not remembered."""
HAD_COME: Final = "(stood.is_same OR stood.raw_id IS NOT NULL)"
WORK: Final = f"""
SELECT b.record, CASE WHEN stood.is_same THEN b.raw_id ELSE stood.raw_id END AS raw_id, {same("b.status")} AS status,
{same("b.priority")} AS priority, {same("b.due_at")} AS due_at, {same("b.done_at")} AS done_at,
{{null(text)}} AS owner_record FROM {standing("staged_work_item")}
"""
WORK_AS_FACTS: Final = f"""
SELECT f.fact_id, f.entity, f.record, {same("f.kind")} AS kind, {same("f.happened_at")} AS happened_at,
{same("f.title")} AS title, {DELETED} AS deleted_at FROM {standing("staged_work_item")}
JOIN {{base(fact)}} f ON f.record = stood.record AND f.entity = 'work_item' WHERE {HAD_COME}
"""
"""A work item has one record, for good: no other fact can be told so."""
OPEN_LINK: Final = f"b.started_at <= {MOMENT} AND (b.ended_at IS NULL OR b.ended_at > {MOMENT})"
PERSONS: Final = f"""
SELECT was.person_id, p.name, p.email, p.phone, p.title, was.record_count, was.deleted_at
FROM (SELECT l.person_id, count(*) AS records,
CASE WHEN count(*) = count(s.record) THEN count(*) - count(s.deleted_at) END AS record_count,
CASE WHEN count(*) = count(s.deleted_at) THEN max(s.deleted_at) END AS deleted_at,
count(CASE WHEN s.is_same AND l.ended_at IS NULL THEN 1 END) AS same_records
FROM (SELECT b.record, b.person_id, b.ended_at FROM {{base(person_link)}} b WHERE {OPEN_LINK}) l
LEFT JOIN (SELECT b.record, stood.is_same, {DELETED} AS deleted_at FROM {standing("staged_person")}) s
ON s.record = l.record GROUP BY l.person_id) was
LEFT JOIN {{base(person)}} p ON p.person_id = was.person_id AND was.same_records = was.records
AND was.records = (SELECT count(*) FROM {{base(person_link)}} n WHERE n.person_id = was.person_id
AND n.ended_at IS NULL)
"""
"""What a person was called follows from all their records: it is told where they are the same ones, saying the same."""

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
    "stream_run": Kept(f"b.finished_at <= {MOMENT}"),
    "organization": Kept(rows=f"SELECT v.organization_id FROM organization_version v WHERE {OPEN_VERSION}"),
    "partnership": Kept(rows=PROGRAMS),
    "staged_organization": Kept(rows=RECORDS),
    "person": Kept(rows=PERSONS),
}
"""Every table whose past is kept."""
EMPTY: Final = Kept("1 = 0")
KEPT_FOR: Final[dict[str, dict[str, Kept]]] = {
    "dim_contact": {"person_link": EMPTY, "staged_person": EMPTY, "raw_record": EMPTY},
    "fct_deal": {
        "deal": Kept(rows=DEALS),
        "fact": Kept(rows=DEALS_AS_FACTS),
        "staged_deal": EMPTY,
        "raw_record": EMPTY,
    },
    "fct_work_item": {
        "fact": Kept(rows=WORK_AS_FACTS),
        "staged_work_item": Kept(rows=WORK),
        "raw_record": Kept(rows="SELECT b.raw_id, b.run_id, b.landed_at FROM {base(raw_record)} b"),
        "colleague_record": EMPTY,
    },
}
"""Mart → tables of which what it shows is kept, and not what others show of them."""
UNTOLD: Final[dict[str, frozenset[str]]] = {
    "dim_contact": frozenset({"count_records"}),
    "fct_deal": frozenset({"opened_at", "record_key", "count_records"}),
    "fct_work_item": frozenset({"kind", "opened_at", "is_open"}),
}
"""Columns a mart has of every row now, and not of every row of then."""

NOTES: Final = {
    "bridge_partner_source": "record_name and modified_at are null where the record arrived anew since: what it"
    " said then stands in its raw version, which the partner's page as of a day reads.",
    "fct_deal": "opened_at, record_key, count_records, _hub_run_id, _hub_loaded_at and _hub_source are null: which"
    " records were one deal is not remembered. Of a moment before the hub kept versions of deals, a row says what their"
    " sources remembered.",
    "fct_work_item": "Where the record arrived anew since, kind, title, status, priority and times are null, and"
    " is_open too, unless it was deleted by then: what it said stands in its raw version. owner_id is null: which"
    " records were one colleague is not remembered. What was work then and is not now is missing, what was not and"
    " is now is there.",
    "dim_contact": "name, email, phone and title are null where a record of the person arrived anew, came or went"
    " since: what it said stands in its raw version, which the partner's page as of a day reads. count_records is null"
    " where one of the records is not staged any more, _hub_run_id and _hub_loaded_at are always. All this by the"
    " rules of today.",
    "fct_sync_run": "Readings that had ended by then; one that ran at that moment is not among them, nor one that"
    " `partnerhub prune` took away since.",
}
"""What of a kept mart cannot be told of then."""
INSTEAD: Final = {
    "bridge_contact_partner": "since and until say when each role lasted, as the sources know it today",
    "dim_owner": "a former export has who was known then",
    "fct_touchpoint": "happened_at says when it was; which of them a partner's record showed then is on its page as"
    " of a day",
    "bridge_touchpoint_partner": "bridge_partner_source as of then says which records made up the partner",
    "bridge_work_item_partner": "bridge_partner_source as of then says which records made up the partner",
    "fct_partner_activity_monthly": "fct_touchpoint and fct_deal have when each of them was, as it is known today; a"
    " former export has what was counted then",
    "fct_deal_stage": "fct_deal and fct_deal_history as of then have the stage that was published; entered_at and"
    " left_at say when a deal was in a stage, as its source knows it today",
    "bridge_deal_partner": "the deals of one partner then are on its page as of a day, read from raw versions",
    "lineage_column": "the contracts beside a former export say what was read then; since_at, since when a field"
    " is known",
}
"""Mart whose past is not kept → what to use instead."""
MISSING: Final = {
    "bridge_contact_partner": "who is said to have worked where is replaced when a record arrives anew, and an"
    " employment its source took back leaves no row",
    "dim_owner": "which records were one colleague, and what a record said that arrived anew since",
    "fct_touchpoint": "which records were copies of one touchpoint, on whose timeline it was or why on none, and what a"
    " record said that arrived anew since",
    "bridge_touchpoint_partner": "what hangs on whose timeline is made anew with every change: a tie that its source"
    " took back, and those of what was deleted since, leave no row",
    "bridge_work_item_partner": "as for bridge_touchpoint_partner",
    "fct_partner_activity_monthly": "months are counted off the timelines of today, as for bridge_touchpoint_partner",
    "fct_deal_stage": "the stages a deal's record tells of are replaced when it arrives anew, and a source may tell of"
    " fewer; which records were one deal is not remembered",
    "bridge_deal_partner": "the parts a deal's record tells of are replaced when it arrives anew, and those of a deal"
    " that was deleted since leave no row",
}
"""Mart whose past is not kept → what of it is not."""
OTHERWISE: Final = "an export made then has what it was"
VERSIONS: Final = (
    "what each record said then is kept as its raw version, and an export made then has the view"
)


class PastNotKept(WarehouseError):
    """A table was asked for as of a moment, and what it was then is not kept."""

    def __init__(self, name: str) -> None:
        """Name the table and what to use instead."""
        super().__init__(f"What {name} was at a moment is not kept.", f"Instead: {instead_of(name)}.")


def as_known(mart: Mart, dialect: str, as_of: str | date) -> Mart:
    """The mart whose rows are those the hub knew at a moment, on one engine. As `select_then`."""
    untold = UNTOLD.get(mart.name, frozenset())
    columns = tuple(replace(each, required=False) if each.name in untold else each for each in mart.columns)
    return replace(mart, columns=columns, relation=select_then(mart, dialect, as_of))


def select_then(mart: Mart, dialect: str, as_of: str | date) -> str:
    """The SELECT that returns a mart's columns as they were known at a moment, without parameters.

    as_of: as for `moment_of`. On PostgreSQL the layers must be on the search path. Raises PastNotKept and ValueError.
    """
    written = f"'{moment_of(as_of)}'"
    return over_the_past(mart, dialect, written if dialect == "sqlite" else f"{written}::timestamptz")


def over_the_past(mart: Mart, dialect: str, moment: str) -> str:
    """The same with the moment in SQL. Raises PastNotKept."""
    if not is_kept(mart):
        raise PastNotKept(mart.name)
    read = tables_of(mart, dialect)
    tables = ",\n".join(f"{name} AS ({rows_then(mart, name, dialect)})" for name in read)
    query = mart.select(dialect).strip()
    if not tables:
        return query
    columns = ", ".join(column.name for column in mart.columns)
    return f"WITH {tables}\nSELECT {columns} FROM ({query}) AS known".replace(MOMENT, moment)


def is_kept(mart: Mart) -> bool:
    """Whether a mart can be had as of a moment: every table that it reads can."""
    known = KEPT.keys() | KEPT_FOR.get(mart.name, {}).keys()
    return all(name in known for name in tables_of(mart, "sqlite")) and not mart.name.startswith(STREAM)


def tables_of(mart: Mart, dialect: str) -> list[str]:
    """The tables of the warehouse that a mart's query reads, each once."""
    return [name for name in dict.fromkeys(READS.findall(mart.select(dialect))) if is_table(name)]


def is_table(name: str) -> bool:
    """Whether a name in a query is a table's, and not one the query makes itself."""
    try:
        return bool(layer_of(name))
    except KeyError:
        return False


def rows_then(mart: Mart, name: str, dialect: str) -> str:
    """The rows of a table at the moment, as far as a mart shows them, under the names marts know its columns by."""
    from warehouse.tables import table  # costs 1 s, and most readings are of now

    kept = KEPT_FOR.get(mart.name, {}).get(name) or KEPT[name]
    if kept.rows:
        return spelled_out(kept.rows, dialect).strip()
    columns = ", ".join(
        f"{kept.instead[column.name]} AS {column.name}" if column.name in kept.instead else f"b.{column.name}"
        for column in table(name).columns
    )
    return spelled_out(f"SELECT {columns} FROM {{base({name})}} b WHERE {kept.where}", dialect)


def moment_of(as_of: str | date) -> str:
    """A moment as the hub's UTC text: a time with its zone, or a day, which means its end. Raises ValueError."""
    if isinstance(as_of, str):
        as_of = (
            date.fromisoformat(as_of) if len(as_of) == len("2026-10-01") else datetime.fromisoformat(as_of)
        )
    if not isinstance(as_of, datetime):
        return f"{as_of.isoformat()}T23:59:59.999999Z"
    if as_of.tzinfo is None:
        raise ValueError(f"{as_of} says no time zone: write it as {as_of.isoformat()}Z")
    return as_of.astimezone(UTC).strftime(WRITTEN)


def instead_of(name: str) -> str:
    """What to use in place of a mart as of a moment."""
    return INSTEAD.get(name, VERSIONS if name.startswith(STREAM) else OTHERWISE)


def said_of_the_past(mart: Mart) -> str:
    """What documentation says of a mart's past."""
    if not is_kept(mart):
        why = f": {MISSING[mart.name]}" if mart.name in MISSING else ""
        return f"What it was at a moment is not kept{why}. Instead: {instead_of(mart.name)}."
    return " ".join(["Can be had as it was known at any moment.", NOTES.get(mart.name, "")]).strip()

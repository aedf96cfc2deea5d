"""Facts, timelines, colleagues and employments as they were published at a moment, read off before-images.

How a row stood says its oldest image that ended after the moment (`warehouse.tables.past`); where none did, the row as
it is. What was new then was known since the first version of one of its records had landed.
"""

from __future__ import annotations

from typing import Final

from warehouse.marts.moment import MOMENT, Kept
from warehouse.marts.monthly import COUNTED
from warehouse.marts.staged_then import rows_then

EMPTY: Final = Kept("1 = 0")


def unchanged(past: str, key: tuple[str, ...], row: str) -> str:
    """A condition: nothing of this row changed since the moment."""
    return f"NOT EXISTS (SELECT 1 FROM {{base({past})}} l WHERE {equal('l', row, key)} AND l.ended_at > {MOMENT})"


def oldest(past: str, key: tuple[str, ...], row: str) -> str:
    """A condition: this image says how its row stood at the moment."""
    return (
        f"{row}.was_there AND {row}.ended_at > {MOMENT} AND NOT EXISTS (SELECT 1 FROM {{base({past})}} l"
        f" WHERE {equal('l', row, key)} AND l.ended_at > {MOMENT} AND l.ended_at < {row}.ended_at)"
    )


def equal(one: str, other: str, key: tuple[str, ...]) -> str:
    """A condition: two rows of one key."""
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in key)


def landed(record: str) -> str:
    """A condition: some version of this staged record had landed. What never landed is as old as the hub."""
    place = (
        f"n.source = {{source_of({record})}} AND n.stream = {{stream_of({record})}}"
        f" AND n.source_id = {{id_of({record})}}"
    )
    versions = f"SELECT 1 FROM {{base(raw_record)}} n WHERE {place}"
    return f"(EXISTS ({versions} AND n.landed_at <= {MOMENT}) OR NOT EXISTS ({versions}))"


def known(name: str, owner: str, row: str) -> str:
    """A condition: one of the records that belonged to this row at the moment had landed. name: who says which do."""
    past, key = f"{name}_past", ("record",)
    return (
        f"(EXISTS (SELECT 1 FROM {{base({name})}} c WHERE c.{owner} = {row}.{owner}"
        f" AND {unchanged(past, key, 'c')} AND {landed('c.record')})"
        f" OR EXISTS (SELECT 1 FROM {{base({past})}} c WHERE c.{owner} = {row}.{owner}"
        f" AND {oldest(past, key, 'c')} AND {landed('c.record')}))"
    )


def stood(
    name: str, key: tuple[str, ...], columns: tuple[str, ...], also: str, missing: tuple[str, ...] = ()
) -> str:
    """The rows of a table at the moment. also: what else is asked of `b`. missing: texts that images do not hold."""
    past = f"{name}_past"
    listed = ", ".join(f"b.{column}" for column in (*key, *columns))
    own = "".join(f", b.{column}" for column in missing)
    none = "".join(f", {{null(text)}} AS {column}" for column in missing)
    return (
        f"SELECT {listed}{own} FROM {{base({name})}} b WHERE {unchanged(past, key, 'b')} AND {also}\n"
        f"UNION ALL SELECT {listed}{none} FROM {{base({past})}} b WHERE {oldest(past, key, 'b')} AND {also}"
    )


FACT_KNOWN: Final = known("fact_source", "fact_id", "b")
ON_TIMELINE: Final = ("entity", "happened_at", "method")
TIE: Final = ("organization_id", "fact_id")
EMPLOYED: Final = ("person_id", "organization_id", "role")
PERSON_KNOWN: Final = (
    "EXISTS (SELECT 1 FROM {base(person_link)} l WHERE l.person_id = b.person_id"
    f" AND l.started_at <= {MOMENT} AND (l.ended_at IS NULL OR l.ended_at > {MOMENT}))"
)
CALLED: Final = stood("person", ("person_id",), ("name", "email", "phone", "title"), "1 = 1")
"""What persons were called, for whoever asks of those there were."""
OF_FACTS: Final = ("entity", "kind", "happened_at", "record", "nature", "direction", "attached", "deleted_at")
COPIES: Final = stood("fact_source", ("record",), ("fact_id",), landed("b.record"))
TOUCHPOINTS: Final = f"""
SELECT t.*, (SELECT count(*) FROM ({COPIES}) c WHERE c.fact_id = t.fact_id) AS source_count
FROM ({stood("fact", ("fact_id",), OF_FACTS, f"b.entity = 'touchpoint' AND {FACT_KNOWN}")}) t
"""
"""Copies are counted as they were, since images of facts do not hold how many."""
MONTHS: Final = f"""
SELECT t.organization_id, {{month(t.happened_at)}} AS month_on, f.entity, f.kind,
{COUNTED}
FROM ({stood("timeline", TIE, ON_TIMELINE, FACT_KNOWN)}) t
JOIN ({stood("fact", ("fact_id",), OF_FACTS, FACT_KNOWN)}) f ON f.fact_id = t.fact_id GROUP BY 1, 2, 3, 4
"""
"""Counted off timelines as they were: of the months no past is kept."""
STAGED_TOUCHPOINTS: Final = rows_then("touchpoint", ("ended_at", "status", "owner_record"))
LANDINGS: Final = Kept(rows="SELECT b.raw_id, b.run_id, b.landed_at FROM {base(raw_record)} b")
WORK: Final = rows_then(
    "work_item", ("kind", "title", "status", "priority", "due_at", "done_at", "owner_record", "deleted_at")
)
WORK_AS_FACTS: Final = f"""
SELECT f.fact_id, f.entity, f.record, CASE WHEN w.kind IS NOT NULL THEN f.kind END AS kind,
CASE WHEN w.kind IS NOT NULL THEN f.happened_at END AS happened_at, w.title, w.deleted_at
FROM ({stood("fact", ("fact_id",), OF_FACTS, f"b.entity = 'work_item' AND {FACT_KNOWN}")}) f
LEFT JOIN ({WORK}) w ON w.record = f.record
"""
"""Facts keep no title; a work item has one record, for good, whose title it is."""
OPEN_VERSION: Final = (
    f"v.recorded_from_at <= {MOMENT} AND (v.recorded_to_at IS NULL OR v.recorded_to_at > {MOMENT})"
)
STAGES: Final = f"""
SELECT v.record, {{source_of(v.record)}} AS source, v.deal_record, v.stage, v.changed_at, v.deleted_at,
s.raw_id FROM {{base(deal_stage_version)}} v
LEFT JOIN ({rows_then("deal_stage_change", ("deleted_at",))}) s ON s.record = v.record
WHERE {OPEN_VERSION}
"""
STAGED_DEALS: Final = rows_then("deal", ("deleted_at",))
COPIES_OF_DEALS: Final = stood(
    "fact_source",
    ("record",),
    ("fact_id",),
    f"b.fact_id IN (SELECT d.fact_id FROM {{base(deal_version)}} d) AND {landed('b.record')}",
)
DEALS: Final = f"""
SELECT v.fact_id, v.name, v.amount_minor, v.currency, v.pipeline, v.stage, v.status, v.close_date, v.deal_type, v.owner,
coalesce(n.live, 0) AS record_count, v.deleted_at FROM {{base(deal_version)}} v
LEFT JOIN (SELECT c.fact_id, count(*) AS live FROM ({COPIES_OF_DEALS}) c JOIN ({STAGED_DEALS}) s ON s.record = c.record
WHERE s.deleted_at IS NULL GROUP BY c.fact_id) n ON n.fact_id = v.fact_id WHERE {OPEN_VERSION}
"""
"""Copies are counted as they were, since versions do not hold how many."""
DEALS_AS_FACTS: Final = f"""
SELECT v.fact_id, f.happened_at, f.record FROM {{base(deal_version)}} v
LEFT JOIN ({stood("fact", ("fact_id",), OF_FACTS, f"b.entity = 'deal' AND {FACT_KNOWN}")}) f ON f.fact_id = v.fact_id
WHERE {OPEN_VERSION}
"""
DEAL_TIES: Final = f"""
SELECT d.organization_id, d.fact_id, d.entity, d.happened_at, d.method, d.organization_id AS anchor
FROM ({stood("timeline", TIE, ON_TIMELINE, f"b.entity = 'deal' AND {FACT_KNOWN}")}) d
"""
DEAL_ROLES: Final = f"""
SELECT b.fact_id, b.organization_id AS anchor, k.role FROM {{base(timeline)}} b
JOIN {{base(fact_link)}} k ON k.fact_id = b.fact_id AND k.anchor = b.anchor
WHERE b.entity = 'deal' AND {unchanged("timeline_past", TIE, "b")}
UNION ALL SELECT b.fact_id, b.organization_id, b.role FROM {{base(timeline_past)}} b
WHERE b.entity = 'deal' AND b.role IS NOT NULL AND {oldest("timeline_past", TIE, "b")}
"""
"""By organization and not by anchor, which may be somebody's address and which images leave out."""

IMAGED: Final = {
    "fact_source": Kept(rows=COPIES),
    "timeline": Kept(rows=stood("timeline", TIE, ON_TIMELINE, FACT_KNOWN)),
    "colleague": Kept(
        rows=stood(
            "colleague",
            ("colleague_id",),
            ("name", "email", "active", "team", "record_count"),
            known("colleague_record", "colleague_id", "b"),
        )
    ),
    "colleague_record": Kept(
        rows=stood("colleague_record", ("record",), ("colleague_id",), landed("b.record"))
    ),
    "person_organization": Kept(
        rows=stood("person_organization", EMPLOYED, ("record", "since", "until"), PERSON_KNOWN)
    ),
    "staged_deal_stage_change": Kept(rows=STAGES),
    "timeline_month": Kept(rows=MONTHS),
}
"""Table → its rows at the moment."""
NO_LINEAGE: Final = {"fact": EMPTY, "raw_record": EMPTY}
IMAGED_FOR: Final[dict[str, dict[str, Kept]]] = {
    "dim_contact": {"staged_person": Kept(rows=rows_then("person", ("deleted_at",))), "raw_record": LANDINGS},
    "fct_touchpoint": {
        "fact": Kept(rows=TOUCHPOINTS),
        "staged_touchpoint": Kept(rows=STAGED_TOUCHPOINTS),
        "raw_record": LANDINGS,
    },
    "fct_work_item": {
        "fact": Kept(rows=WORK_AS_FACTS),
        "staged_work_item": Kept(rows=WORK),
        "raw_record": LANDINGS,
    },
    "fct_deal": {
        "deal": Kept(rows=DEALS),
        "fact": Kept(rows=DEALS_AS_FACTS),
        "staged_deal": Kept(rows=STAGED_DEALS),
        "raw_record": LANDINGS,
    },
    "bridge_touchpoint_partner": {**NO_LINEAGE, "staged_touchpoint": EMPTY},
    "bridge_work_item_partner": {**NO_LINEAGE, "staged_work_item": EMPTY},
    "bridge_deal_partner": {
        **NO_LINEAGE,
        "staged_deal": EMPTY,
        "timeline": Kept(rows=DEAL_TIES),
        "fact_link": Kept(rows=DEAL_ROLES),
    },
    "fct_deal_stage": {"raw_record": LANDINGS},
    "dim_owner": {"staged_colleague": Kept(rows=rows_then("colleague", ("active",))), "raw_record": LANDINGS},
    "bridge_contact_partner": {
        "staged_relation": Kept(rows=rows_then("relation", ("deleted_at",))),
        "raw_record": LANDINGS,
    },
}
"""Mart → tables of which what it shows is kept, and not what others show of them."""

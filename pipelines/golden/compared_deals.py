"""What deals are compared by: their facts, the organizations they are about, and the ids of other systems they name.

Works on the temporary table `frontier` of record keys.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from mappings.copy_keys import deal_words
from pipelines.golden.same_deals import DealRecord
from pipelines.golden.stated import connectors_by_source, id_anchor, records_of, streams_of
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection

DEALS = (
    "SELECT t.record, t.source, t.name, t.close_date, t.created_at, t.deleted_at FROM frontier f"
    " CROSS JOIN staged_deal t WHERE t.record = f.record"
)
FACTS = "SELECT k.record, k.normalized FROM frontier f CROSS JOIN key k WHERE k.record = f.record AND k.kind = 'copy'"
ORGANIZATIONS = (
    (
        "SELECT f.record, l.organization_id, r.role FROM frontier f CROSS JOIN staged_relation r"
        " CROSS JOIN organization_link l WHERE r.from_record = f.record AND r.kind IN ('party', 'about')"
        " AND r.deleted_at IS NULL AND l.record = r.to_record AND l.ended_at IS NULL"
    ),
    (
        "SELECT f.record, p.organization_id, r.role FROM frontier f CROSS JOIN staged_relation r"
        " CROSS JOIN person_link l CROSS JOIN person_organization p"
        " WHERE r.from_record = f.record AND r.kind IN ('party', 'about')"
        " AND r.deleted_at IS NULL AND l.record = r.to_record AND l.ended_at IS NULL"
        " AND p.person_id = l.person_id"
    ),
)
"""Who a deal is with: by its relations to organizations, else by where its people work."""

BROUGHT = re.compile(r"partner|resell|referr|distribut|consult|integrator|alliance|agent", re.IGNORECASE)
"""Roles of those who bring a deal or help with it rather than buy."""

NAMED = (
    "SELECT k.record, k.scheme, k.normalized FROM frontier f CROSS JOIN key k"
    " WHERE k.record = f.record AND k.kind = 'crm_id'"
)
EXISTING = "SELECT t.record FROM wanted_deal w CROSS JOIN staged_deal t WHERE t.record = w.record"
NAMING = (
    "SELECT k.record, k.scheme, k.normalized FROM wanted_number w CROSS JOIN key k"
    " WHERE k.normalized = w.number AND k.kind = 'crm_id' AND k.entity = 'deal'"
)
SHORT_ID, LONG_ID = 15, 18


def load_deals(connection: Connection) -> list[DealRecord]:
    """The staged deals in `frontier`."""
    facts: dict[str, str] = dict(connection.query(FACTS))
    claims = claimed(connection)
    organizations: dict[str, set[str]] = {}
    for select in ORGANIZATIONS:
        organizations = parties(connection.query(select)) | organizations
    return [
        DealRecord(
            record,
            source,
            deal_words(name),
            facts.get(record),
            close_date,
            created_at,
            deleted_at is None,
            frozenset(organizations.get(record, ())),
            frozenset(claims.get(record, ())),
        )
        for record, source, name, close_date, created_at, deleted_at in connection.query(DEALS)
    ]


def parties(rows: Iterable[Sequence[str | None]]) -> dict[str, set[str]]:
    """Per deal whom it is with. Whoever only brought it counts where nobody else is named: partners bring many."""
    buyers: dict[str, set[str]] = defaultdict(set)
    partners: dict[str, set[str]] = defaultdict(set)
    for record, organization_id, role in rows:
        brought = BROUGHT.search(role or "") is not None
        (partners if brought else buyers)[str(record)].add(str(organization_id))
    return partners | buyers


def named_by_id(connection: Connection) -> set[str]:
    """The deals whose ids those in `frontier` name, and those that name theirs."""
    targets = {record for named in claimed(connection).values() for record in named}
    connectors = connectors_by_source(connection)
    frontier = [row[0] for row in connection.query("SELECT record FROM frontier")]
    numbers = {number for record in frontier for number in spellings(record)}
    bulk.load_keys(connection, "wanted_number", ("number",), ((number,) for number in sorted(numbers)))
    streams = sorted({(record.split("/", 2)[0], record.split("/", 2)[1]) for record in frontier})
    naming = {
        record
        for record, scheme, number in connection.query(NAMING)
        if set(records_of(id_anchor(scheme, number), streams, connectors)) & set(frontier)
    }
    bulk.load_keys(connection, "wanted_deal", ("record",), ((record,) for record in sorted(targets)))
    return {row[0] for row in connection.query(EXISTING)} | naming


def spellings(record: str) -> Iterable[str]:
    """The id of a record as others may write it: a Salesforce id also without its last three characters."""
    number = record.split("/", 2)[2].replace("%23", "#")
    return (number, number[:SHORT_ID]) if len(number) == LONG_ID else (number,)


def claimed(connection: Connection) -> dict[str, set[str]]:
    """Per deal in `frontier` the record keys that an id it names could stand for."""
    rows = connection.query(NAMED)
    if not rows:
        return {}
    streams, connectors = streams_of(connection, "staged_deal"), connectors_by_source(connection)
    found: dict[str, set[str]] = defaultdict(set)
    for record, scheme, number in rows:
        found[record].update(records_of(id_anchor(scheme, number), streams, connectors))
    return found

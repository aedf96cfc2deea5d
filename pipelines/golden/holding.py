"""Who holds which anchor right now: records by identity, addresses, hosts and domains by the key index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.golden.attach import Holders, Link, Workplace, identifiers
from pipelines.golden.stated import connectors_by_source, records_of, streams_of
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

BY_RECORD = (
    "SELECT a.anchor, l.organization_id FROM wanted_anchor a CROSS JOIN organization_link l"
    " WHERE a.kind = 'record' AND l.record = a.value AND l.ended_at IS NULL"
)
BY_KEY = (
    "SELECT a.anchor, l.organization_id, s.deleted_at FROM wanted_anchor a CROSS JOIN key k"
    " CROSS JOIN organization_link l CROSS JOIN staged_organization s"
    " WHERE k.normalized = a.value AND (k.kind = a.kind OR k.kind = 'domain' AND k.scheme = a.kind)"
    " AND k.entity = 'organization'"
    " AND l.record = k.record AND l.ended_at IS NULL AND s.record = k.record"
)
BY_NUMBER = (
    "SELECT a.anchor, l.organization_id FROM wanted_anchor a CROSS JOIN key k CROSS JOIN organization_link l"
    " WHERE a.kind LIKE 'crm_id:%' AND k.normalized = a.value AND k.kind IN ('crm_id', 'registry')"
    " AND a.kind = 'crm_id:' || k.scheme AND k.entity = 'organization'"
    " AND l.record = k.record AND l.ended_at IS NULL"
)
"""Ids of one system that records of another one carry, and registry numbers."""

WORKPLACES = (
    (
        "SELECT a.anchor, p.organization_id, p.since, p.until FROM wanted_anchor a CROSS JOIN person_link l"
        " CROSS JOIN person_organization p"
        " WHERE a.kind = 'record' AND l.record = a.value AND l.ended_at IS NULL AND p.person_id = l.person_id"
    ),
    (
        "SELECT a.anchor, p.organization_id, p.since, p.until FROM wanted_anchor a CROSS JOIN key k"
        " CROSS JOIN person_link l CROSS JOIN person_organization p"
        " WHERE a.kind = 'email' AND k.kind = 'email' AND k.normalized = a.value AND k.entity = 'person'"
        " AND l.record = k.record AND l.ended_at IS NULL AND p.person_id = l.person_id"
    ),
)
FACTS = (
    "SELECT a.anchor, t.organization_id FROM wanted_anchor a CROSS JOIN fact_source s CROSS JOIN timeline t"
    " WHERE a.kind = 'record' AND s.record = a.value AND t.fact_id = s.fact_id"
)
OWN = (
    "SELECT DISTINCT a.value FROM wanted_anchor a CROSS JOIN key k"
    " WHERE a.kind = 'email' AND k.kind = 'email' AND k.normalized = a.value AND k.entity = 'colleague'"
)


def read_holders(connection: Connection, links: Iterable[Link]) -> Holders:
    """The holders of every anchor of these links, and of what their addresses can stand for."""
    anchors = {link.anchor for link in links}
    for anchor in [each for each in anchors if each.startswith("email:")]:
        anchors.update(found for _, found in identifiers(anchor.removeprefix("email:")))
    numbers = sorted(anchor for anchor in anchors if anchor.startswith("crm_id:"))
    rows = [(anchor, *anchor.split(":", 1)) for anchor in sorted(anchors.difference(numbers))]
    rows += number_rows(connection, numbers) if numbers else []
    if not bulk.load_keys(connection, "wanted_anchor", ("anchor", "kind", "value"), rows):
        return Holders()
    holders = Holders(organizations=read_keys(connection))
    for select in (BY_RECORD, BY_NUMBER) if numbers else (BY_RECORD,):
        for anchor, organization_id in connection.query(select):
            holders.organizations.setdefault(anchor, set()).add(organization_id)
    for select in WORKPLACES:
        for anchor, *workplace in connection.query(select):
            holders.workplaces.setdefault(anchor, set()).add(Workplace(*workplace))
    for anchor, organization_id in connection.query(FACTS):
        holders.facts.setdefault(anchor, set()).add(organization_id)
    holders.own = {row[0] for row in connection.query(OWN)}
    return holders


def number_rows(connection: Connection, anchors: Iterable[str]) -> list[tuple[str, str, str]]:
    """What an id may be found by: the records that would have it as their own, and the keys that say it."""
    streams, connectors = streams_of(connection, "staged_organization"), connectors_by_source(connection)
    rows = []
    for anchor in anchors:
        form, scheme, number = anchor.split(":", 2)
        rows.append((anchor, f"{form}:{scheme}", number))
        rows += [(anchor, "record", record) for record in records_of(anchor, streams, connectors)]
    return rows


def read_keys(connection: Connection) -> dict[str, set[str]]:
    """Holders by key index. Deleted records only hold what no living one does."""
    living: dict[str, set[str]] = {}
    deleted: dict[str, set[str]] = {}
    for anchor, organization_id, deleted_at in connection.query(BY_KEY):
        (living if deleted_at is None else deleted).setdefault(anchor, set()).add(organization_id)
    return deleted | living

"""Which partners a problem is about: the business side of a record that cannot be read or lacks something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

# The join order is spelled out: SQLite has no statistics of the few records, and would read every link there is.
BY_ORGANIZATION: Final = """
SELECT w.record, o.organization_id, o.name FROM wanted_problem w CROSS JOIN organization_link l
CROSS JOIN organization o WHERE l.record = w.record AND l.ended_at IS NULL AND o.organization_id = l.organization_id
"""
BY_FACT: Final = """
SELECT DISTINCT w.record, o.organization_id, o.name FROM wanted_problem w CROSS JOIN fact_source f
CROSS JOIN timeline t CROSS JOIN organization o
WHERE f.record = w.record AND t.fact_id = f.fact_id AND o.organization_id = t.organization_id
"""
BY_PERSON: Final = """
SELECT DISTINCT w.record, o.organization_id, o.name FROM wanted_problem w CROSS JOIN person_link l
CROSS JOIN person_organization p CROSS JOIN organization o
WHERE l.record = w.record AND l.ended_at IS NULL AND p.person_id = l.person_id AND o.organization_id = p.organization_id
"""


def affected_partners(connection: Connection, records: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Record key → the organizations it says something about, by name: itself, its person's, its fact's.

    A record that never could be read belongs to nobody yet and is left out. Writes a temporary table only.
    """
    bulk.load_keys(connection, "wanted_problem", ("record",), ((record,) for record in set(records)))
    found: dict[str, dict[str, str]] = {}
    for query in (BY_ORGANIZATION, BY_FACT, BY_PERSON):
        for record, organization_id, name in connection.query(query):
            found.setdefault(record, {})[organization_id] = name
    return {
        record: [
            {"organization_id": one, "name": name}
            for one, name in sorted(partners.items(), key=lambda p: p[1] or "")
        ]
        for record, partners in found.items()
    }

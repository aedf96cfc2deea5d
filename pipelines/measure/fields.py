"""What partners' records say field by field: how many of them state it, and whether anybody disagrees."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import spelled_out
from warehouse.marts.quality import EXPECTED

COMPARED: Final = (
    "domain", "email", "phone", "street", "city", "region", "postcode", "country", "industry", "employees",
    "account_type", "status", "tier", "stage", "annual_value_minor", "currency", "renews_on", "reviewed_on",
)  # fmt: skip
"""Values of which a partner has one. Names differ by nature: other names are kept beside the one that is shown."""
PARTNERS: Final = (
    "SELECT DISTINCT p.organization_id FROM partnership p JOIN organization o ON o.organization_id = p.organization_id"
    " WHERE o.deleted_at IS NULL"
)
"""Whoever is on the partner list, deleted ones left out."""


def stated(name: str) -> str:
    """How many live records of a partner state a field."""
    return f"count(s.{name}) AS n_{name}"


def disputed(name: str) -> str:
    """Whether a record states another value of a field than the one that is shown."""
    return f"max(CASE WHEN g.field = '{name.removesuffix('_json')}' THEN 1 ELSE 0 END) AS d_{name}"


def together(template: str) -> str:
    """A sum over the fields that are compared."""
    return " + ".join(template.format(name=name) for name in COMPARED)


IS_COMPARED: Final = "CASE WHEN n_{name} > 1 THEN 1 ELSE 0 END"
AGREES: Final = "CASE WHEN n_{name} > 1 AND coalesce(d_{name}, 0) = 0 THEN 1 ELSE 0 END"
FIELDS: Final = f"""
partner AS ({PARTNERS}),
said AS (SELECT l.organization_id, max(s.modified_at) AS changed_at, {", ".join(map(stated, COMPARED))}
FROM partner p JOIN organization_link l ON l.organization_id = p.organization_id AND l.ended_at IS NULL
JOIN staged_organization s ON s.record = l.record AND s.deleted_at IS NULL GROUP BY l.organization_id),
dispute AS (SELECT g.organization_id, {", ".join(map(disputed, COMPARED))}
FROM partner p JOIN golden_value g ON g.organization_id = p.organization_id AND g.others_json IS NOT NULL
GROUP BY g.organization_id)
"""
"""CTEs: partners, what is said of each, what is disputed."""
RECORDS: Final = """
held AS (SELECT p.organization_id, count(*) AS records_held, count(*) - count(c.quarantine) AS records_readable
FROM partner p JOIN organization_link l ON l.organization_id = p.organization_id AND l.ended_at IS NULL
JOIN staged_organization s ON s.record = l.record
JOIN raw_current c ON c.source = s.source AND c.stream = s.stream AND c.source_id = {raw_id_of(s.source_id)}
AND c.op IN ('upsert', 'restore') GROUP BY p.organization_id)
"""
"""Live records as the hub holds them; the same as `queries.completeness` counts for one partner's organizations."""
DOUBLES: Final = """
doubt AS (SELECT e.organization_id, count(DISTINCT e.other_id) AS doubles FROM (
SELECT q.left_id AS organization_id, q.right_id AS other_id FROM question q WHERE q.proposal = 'join'
UNION SELECT q.right_id, q.left_id FROM question q WHERE q.proposal = 'join') e
WHERE e.organization_id <> e.other_id GROUP BY e.organization_id)
"""
COUNTED: Final = (
    "fields_filled", "fields_expected", "records_readable", "records_held", "fields_agreed", "fields_compared",
    "doubles", "changed_at",
)  # fmt: skip
FILLED: Final = " + ".join(f"CASE WHEN o.{name} IS NULL THEN 0 ELSE 1 END" for name in EXPECTED)
OF_PARTNERS: Final = f"""
WITH {FIELDS.strip()}, {RECORDS.strip()}, {DOUBLES.strip()}
SELECT o.organization_id, {FILLED} AS fields_filled, {len(EXPECTED)} AS fields_expected,
coalesce(h.records_readable, 0) AS records_readable, coalesce(h.records_held, 0) AS records_held,
coalesce({together(AGREES)}, 0) AS fields_agreed, coalesce({together(IS_COMPARED)}, 0) AS fields_compared,
coalesce(b.doubles, 0) AS doubles, s.changed_at
FROM partner p JOIN organization o ON o.organization_id = p.organization_id
LEFT JOIN said s ON s.organization_id = o.organization_id LEFT JOIN dispute d ON d.organization_id = o.organization_id
LEFT JOIN held h ON h.organization_id = o.organization_id LEFT JOIN doubt b ON b.organization_id = o.organization_id
"""
STATES: Final = "CASE WHEN o.{name} IS NOT NULL AND n_{name} > 1 THEN 1 ELSE 0 END"
CONCURS: Final = (
    "CASE WHEN o.{name} IS NOT NULL AND n_{name} > 1 AND coalesce(d_{name}, 0) = 0 THEN 1 ELSE 0 END"
)
BY_SOURCE: Final = f"""
WITH {FIELDS.strip()}
SELECT o.source, sum({together(CONCURS)}) AS fields_agreed, sum({together(STATES)}) AS fields_compared
FROM partner p JOIN organization_link l ON l.organization_id = p.organization_id AND l.ended_at IS NULL
JOIN staged_organization o ON o.record = l.record AND o.deleted_at IS NULL
JOIN said s ON s.organization_id = l.organization_id
LEFT JOIN dispute d ON d.organization_id = l.organization_id GROUP BY o.source
"""
"""Of each source: the values it states of partners that another record states, too, and those nobody disputes."""


def of_partners(dialect: str) -> str:
    """The query that counts every partner."""
    return spelled_out(OF_PARTNERS, dialect)

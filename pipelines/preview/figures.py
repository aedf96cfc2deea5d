"""What people count by, before and after: partners, deals and their amounts, touchpoints, signals, questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Connection

FIGURES: Final = {
    "partners": (
        "SELECT p.program, count(*) FROM partnership p JOIN organization o ON o.organization_id = p.organization_id"
        " WHERE o.deleted_at IS NULL GROUP BY p.program"
    ),
    "organizations": "SELECT '', count(*) FROM organization WHERE deleted_at IS NULL",
    "persons": "SELECT '', count(*) FROM person WHERE deleted_at IS NULL",
    "deals": "SELECT coalesce(status, '–'), count(*) FROM deal WHERE deleted_at IS NULL GROUP BY 1",
    "deal amount, minor units": (
        "SELECT coalesce(status, '–') || ' ' || coalesce(currency, '–'), CAST(sum(amount_minor) AS BIGINT) FROM deal"
        " WHERE deleted_at IS NULL AND amount_minor IS NOT NULL GROUP BY 1"
    ),
    "annual value, minor units": (
        "SELECT coalesce(o.currency, '–'), CAST(sum(o.annual_value_minor) AS BIGINT) FROM organization o"
        " WHERE o.deleted_at IS NULL AND o.annual_value_minor IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM partnership p WHERE p.organization_id = o.organization_id) GROUP BY 1"
    ),
    "facts on a timeline": "SELECT entity, count(DISTINCT fact_id) FROM timeline GROUP BY entity",
    "facts on none": (
        "SELECT attached, count(*) FROM fact WHERE attached <> 'attached' AND deleted_at IS NULL GROUP BY attached"
    ),
    "candidates": "SELECT '', count(*) FROM candidate",
    "signals open": "SELECT rule, count(*) FROM signal WHERE closed_at IS NULL GROUP BY rule",
    "questions for stewards": "SELECT reason, count(*) FROM question GROUP BY reason",
    "records set aside": (
        "SELECT source || '/' || stream, count(*) FROM raw_current WHERE quarantine IS NOT NULL GROUP BY 1"
    ),
}
"""Name → query for (of what, how much). Amounts are never added across currencies."""


class Figure(NamedTuple):
    """One number before and after. of: status, currency, rule or whatever it is counted by; empty for all."""

    name: str
    of: str
    before: int
    after: int


def figures(live: Connection, made: Connection) -> list[Figure]:
    """Every number that would be another one, in the order of FIGURES."""
    found: list[Figure] = []
    for name, query in FIGURES.items():
        before: dict[Any, Any] = dict(live.query(query))
        after: dict[Any, Any] = dict(made.query(query))
        found.extend(
            Figure(name, of, before.get(of, 0), after.get(of, 0))
            for of in sorted(before.keys() | after.keys())
            if before.get(of, 0) != after.get(of, 0)
        )
    return found

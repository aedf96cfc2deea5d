"""Signals: what about partners needs a person, the most pressing first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

LEVELS: Final = ("urgent", "attention", "info")
"""From what cannot wait to what is good to know."""
ORDER: Final = " ".join(f"WHEN '{level}' THEN {place}" for place, level in enumerate(LEVELS))

EVIDENCE: dict[str, str | None] = dict.fromkeys(("record", "quote", "at", "fact_id", "place"))


def signals(
    viewer: Viewer,
    connection: Connection,
    organization_id: str | None = None,
    *,
    closed: bool = False,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Open signals with their evidence, of one organization or of all; `closed`: those that are over, too.

    Each piece of evidence has every name of `EVIDENCE`; null for what is not known of it.
    """
    tests = [] if closed else ["s.closed_at IS NULL"]
    seen, ids = viewer.within("s.organization_id")
    tests += ["s.organization_id = ?"] if organization_id else []
    where = f" WHERE {' AND '.join([seen, *tests])}"
    rows = connection.records(
        "SELECT s.signal_id, s.organization_id, o.name AS organization, s.rule, s.subject, s.level, s.sentence,"
        " s.evidence_json, s.opened_at, s.closed_at FROM signal s"
        f" LEFT JOIN organization o ON o.organization_id = s.organization_id{where}"
        f" ORDER BY CASE WHEN s.closed_at IS NULL THEN 0 ELSE 1 END, CASE s.level {ORDER} END,"
        f" lower(coalesce(o.name, '')), s.organization_id, s.rule, s.subject{' LIMIT ?' if limit else ''}",
        (*ids, *(each for each in (organization_id, limit) if each)),
    )
    for row in rows:
        row["evidence"] = [EVIDENCE | piece for piece in json.loads(row.pop("evidence_json"))]
    return rows


def count_signals(viewer: Viewer, connection: Connection) -> dict[str, int]:
    """How many open signals there are by level, how many partners need a person (`partners`), and today (`today`)."""
    seen, ids = viewer.within("organization_id")
    by_level = connection.query(
        f"SELECT level, count(*) FROM signal WHERE closed_at IS NULL AND {seen} GROUP BY level", ids
    )
    partners = connection.query(
        "SELECT organization_id, max(CASE WHEN level = 'urgent' THEN 1 ELSE 0 END) FROM signal"
        f" WHERE closed_at IS NULL AND level IN ('urgent', 'attention') AND {seen} GROUP BY organization_id",
        ids,
    )
    found = dict.fromkeys(LEVELS, 0) | {str(level): int(count) for level, count in by_level}
    return {**found, "partners": len(partners), "today": sum(int(urgent) for _, urgent in partners)}

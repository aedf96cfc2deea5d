"""Signals: what about partners needs a person, the most pressing first."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.mail_sight import Level, levels

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

LEVELS: Final = ("urgent", "attention", "info")
"""From what cannot wait to what is good to know."""
ORDER: Final = " ".join(f"WHEN '{level}' THEN {place}" for place, level in enumerate(LEVELS))

FOR_SENTENCE: Final = {
    "unanswered": Level.SUBJECT,
    "promise_forgotten": Level.EVERYTHING,
    "person_left": Level.EVERYTHING,
}
"""Rule → what must be seen of a mail whose words stand in the sentence."""
SAID: Final = re.compile(r":? ?\(?“[^”]*(?:”|$)\)?")
"""Such words in a sentence, with what leads to them."""
EVIDENCE: dict[str, str | None] = dict.fromkeys(("record", "quote", "at", "fact_id", "place"))


def signals(
    viewer: Viewer,
    connection: Connection,
    organization_id: str | None = None,
    *,
    closed: bool = False,
    limit: int | None = None,
    moment: str | None = None,
) -> list[dict[str, Any]]:
    """Open signals with their evidence, of one organization or of all; `closed`: those that are over, too.

    moment: those that were open then (UTC text), in the words they were last told in before they closed.

    Each piece of evidence has every name of `EVIDENCE`; null for what is not known of it.
    """
    tests = [] if closed or moment else ["s.closed_at IS NULL"]
    then = (moment, moment) if moment else ()
    tests += ["s.opened_at <= ? AND (s.closed_at IS NULL OR s.closed_at > ?)"] if moment else []
    seen, ids = viewer.within("s.organization_id")
    tests += ["s.organization_id = ?"] if organization_id else []
    where = f" WHERE {' AND '.join([seen, *tests])}"
    statement = (
        "SELECT s.signal_id, s.organization_id, o.name AS organization, s.rule, s.subject, s.level, s.sentence,"
        " s.evidence_json, s.opened_at, s.closed_at FROM {table} s"
        f" LEFT JOIN organization o ON o.organization_id = s.organization_id{where}"
        f" ORDER BY CASE WHEN s.closed_at IS NULL THEN 0 ELSE 1 END, CASE s.level {ORDER} END,"
        f" lower(coalesce(o.name, '')), s.organization_id, s.rule, s.subject{' LIMIT ?' if limit else ''}"
    )
    values = (*ids, *then, *(each for each in (organization_id, limit) if each))
    rows = [
        row
        for table in (("signal", "signal_opening") if moment else ("signal",))
        for row in connection.records(statement.format(table=table), values)
    ]
    for row in rows:
        row["evidence"] = [EVIDENCE | piece for piece in json.loads(row.pop("evidence_json"))]
    return as_seen(viewer, connection, rows)


def as_seen(viewer: Viewer, connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signals without what the viewer may not see of the mails they were read from.

    What only a private mail tells is left out, but for how long it has been silent: that names nobody.
    """
    cited = [piece["fact_id"] for row in rows for piece in row["evidence"] if piece["fact_id"]]
    sights = levels(viewer, connection, cited)
    found = []
    for row in rows:
        seen = [sights.get(piece["fact_id"] or "", Level.EVERYTHING) for piece in row["evidence"]]
        if seen and max(seen) < Level.METADATA and row["rule"] != "silence":
            continue
        for piece, level in zip(row["evidence"], seen, strict=True):
            piece["quote"] = piece["quote"] if level >= Level.EVERYTHING else None
        if seen and min(seen) < FOR_SENTENCE.get(row["rule"], Level.PRIVATE):
            row["sentence"] = SAID.sub("", row["sentence"])
        found.append(row)
    return found


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

"""How many requests runs took, by source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from warehouse.database import Connection

LATELY: Final = 50
RUNS: Final = """
SELECT sum(s.requests), max(CASE WHEN s.cursor_json IS NULL OR r.trigger = 'reconcile' THEN 1 ELSE 0 END)
FROM stream_run s JOIN sync_run r ON r.run_id = s.run_id
WHERE s.source = ? AND s.state = 'complete' AND s.requests > 0
GROUP BY s.run_id ORDER BY max(s.started_at) DESC LIMIT ?
"""


def requests_of_runs(connection: Connection, source: str) -> tuple[list[int], list[int]]:
    """Requests of the last usual syncs, and of whole readings: first ones, and comparisons with the hub."""
    usual: list[int] = []
    whole: list[int] = []
    for requests, was_whole in connection.query(RUNS, (source, LATELY)):
        (whole if was_whole else usual).append(int(requests))
    return usual, whole

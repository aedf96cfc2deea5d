"""What of a run is still to be resumed: streams that did not come through in it, nor in any run since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warehouse.database import Connection

UNFINISHED: Final = frozenset({"incomplete", "abandoned", "failed", "needs_person", "skipped"})
SINCE: Final = (
    "SELECT 1 FROM stream_run WHERE state = 'complete' AND source = ? AND stream = ? AND finished_at > ?"
    " ORDER BY finished_at LIMIT 1"
)


@dataclass(slots=True)
class Unfinished:
    """One source of a run. streams: those that wait still. resumes_at: when the hub meant to go on with it.

    needs_person: whether somebody must mend something first.
    """

    source: str
    streams: list[str] = field(default_factory=list)
    resumes_at: str | None = None
    needs_person: bool = False


def unfinished(connection: Connection, streams: Iterable[Mapping[str, Any]]) -> list[Unfinished]:
    """The sources of a run's streams (rows of `stream_run`) that are still to be resumed, by name."""
    found: dict[str, Unfinished] = {}
    for row in streams:
        if row["state"] not in UNFINISHED:
            continue
        if connection.one(SINCE, (row["source"], row["stream"], row["finished_at"] or row["started_at"])):
            continue
        one = found.setdefault(row["source"], Unfinished(row["source"]))
        one.streams.append(row["stream"])
        one.needs_person |= row["state"] in {"failed", "needs_person"}
        one.resumes_at = min(filter(None, (one.resumes_at, row["resumes_at"])), default=None)
    return [found[source] for source in sorted(found)]

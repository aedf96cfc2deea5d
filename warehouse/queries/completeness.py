"""How complete a partner's record is, source by source: what is read of it, what is set aside, when that was proven."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from warehouse import bulk

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

RECORDS: Final = """
SELECT record FROM organization_link WHERE organization_id = ? AND ended_at IS NULL
UNION SELECT l.record FROM person_organization p
JOIN person_link l ON l.person_id = p.person_id AND l.ended_at IS NULL WHERE p.organization_id = ?
UNION SELECT f.record FROM timeline t JOIN fact_source f ON f.fact_id = t.fact_id WHERE t.organization_id = ?
"""
HELD: Final = """
SELECT c.source, c.quarantine FROM wanted_raw w CROSS JOIN raw_current c
WHERE c.source = w.source AND c.stream = w.stream AND c.source_id = w.source_id AND c.op IN ('upsert', 'restore')
"""
"""The join order is spelled out: SQLite has no statistics of the few keys, and would read every record there is."""
PROVEN: Final = """
SELECT r.source, sum(r.in_source), sum(r.in_hub - r.quarantined), min(r.checked_at) FROM reconciliation r
JOIN (SELECT source, stream, max(checked_at) AS checked_at FROM reconciliation GROUP BY source, stream) newest
ON newest.source = r.source AND newest.stream = r.stream AND newest.checked_at = r.checked_at GROUP BY r.source
"""


@dataclass(frozen=True, slots=True)
class Completeness:
    """One source's part in one partner.

    held: live records of it about the partner; set_aside: of these, by reason, records whose last state cannot be read.
    proven_at: since when every stream of the source was compared with the hub, or None; in_source, readable: what the
    source held in all then, and how much of that the hub held and could read.
    """

    source: str
    held: int
    set_aside: dict[str, int] = field(default_factory=dict)
    proven_at: str | None = None
    in_source: int = 0
    readable: int = 0

    @property
    def read(self) -> int:
        """Records about the partner that stand as their source last said."""
        return self.held - sum(self.set_aside.values())


def completeness_of(viewer: Viewer, connection: Connection, organization_id: str) -> list[Completeness]:
    """Every source that says something about an organization, by name. Writes a temporary table only."""
    rows = connection.query(RECORDS, (viewer.only(organization_id),) * 3)
    bulk.load_keys(
        connection, "wanted_raw", ("source", "stream", "source_id"), (raw_key(record) for (record,) in rows)
    )
    held: Counter[str] = Counter()
    set_aside: dict[str, Counter[str]] = {}
    for source, quarantine in connection.query(HELD):
        held[source] += 1
        if quarantine is not None:
            set_aside.setdefault(source, Counter())[quarantine] += 1
    proven = {source: facts for source, *facts in connection.query(PROVEN)}
    found = []
    for source in sorted(held):
        in_source, readable, at = proven.get(source, (0, 0, None))
        reasons = dict(set_aside.get(source, Counter()).most_common())
        found.append(Completeness(source, held[source], reasons, at, int(in_source), int(readable)))
    return found


def raw_key(record: str) -> tuple[str, str, str]:
    """Where a staged record came from: source, stream and id, without the part of it."""
    source, stream, source_id = record.partition("#")[0].split("/", 2)
    return source, stream, source_id.replace("%23", "#")

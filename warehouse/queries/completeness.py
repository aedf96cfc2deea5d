"""How complete a partner's record is, source by source: what is read of it, what is set aside, when that was proven."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

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
SELECT c.source, c.stream, count(*) FROM wanted_raw w CROSS JOIN raw_current c
WHERE c.source = w.source AND c.stream = w.stream AND c.source_id = w.source_id
AND c.op IN ('upsert', 'restore') GROUP BY c.source, c.stream
"""
"""The join order is spelled out: SQLite has no statistics of the few keys, and would read every record there is."""
SET_ASIDE: Final = """
SELECT c.source, c.quarantine, CASE WHEN r.quarantine IS NULL THEN 0 ELSE 1 END AS arrived,
coalesce(e.happened, ''), coalesce(e.to_do, ''), count(*), min(c.stream || '/' || c.source_id) FROM wanted_raw w
CROSS JOIN raw_current c
LEFT JOIN raw_record r ON r.raw_id = c.raw_id
LEFT JOIN sync_error e ON e.source = c.source AND e.stream = c.stream AND e.source_id = c.source_id
AND e.code = c.quarantine
WHERE c.source = w.source AND c.stream = w.stream AND c.source_id = w.source_id
AND c.op IN ('upsert', 'restore') AND c.quarantine IS NOT NULL
GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 2, 4
"""
READ: Final = """
SELECT source, stream, max(CASE WHEN state = 'complete' THEN finished_at END) FROM stream_run GROUP BY source, stream
"""
PROVEN: Final = """
SELECT r.source, sum(r.in_source), sum(r.in_hub - r.quarantined), min(r.checked_at) FROM reconciliation r
JOIN (SELECT source, stream, max(checked_at) AS checked_at FROM reconciliation GROUP BY source, stream) newest
ON newest.source = r.source AND newest.stream = r.stream AND newest.checked_at = r.checked_at GROUP BY r.source
"""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Records that are quarantined for one reason.

    rule: its code. happened, to_do: in words, as their problem says. arrived: they came unreadable, so only their
    source can mend them; else trying again may. first: one of them, `source/stream/id`.
    """

    rule: str
    happened: str
    to_do: str
    arrived: bool
    records: int
    first: str

    def command(self, organization_id: str) -> str:
        """What to run next: try them again, or look at what arrived."""
        if self.arrived:
            return f"partnerhub quarantine show {self.first}"
        source = self.first.partition("/")[0]
        return f"partnerhub quarantine replay {source} --partner {organization_id} --rule {self.rule}"


@dataclass(frozen=True, slots=True)
class Completeness:
    """One source's part in one partner.

    held: live records of it about the partner; set_aside: of these, those whose last state cannot be read, by reason.
    last_success_at: when the streams they are of were last read completely, the longest ago; None while one never was,
    or for what people entered. proven_at: since when every stream of the source was compared with the hub, or None;
    in_source, readable: what the source held in all then, and how much of that the hub held and could read.
    """

    source: str
    title: str
    held: int
    set_aside: tuple[SetAside, ...] = field(default=())
    last_success_at: str | None = None
    proven_at: str | None = None
    in_source: int = 0
    readable: int = 0

    @property
    def read(self) -> int:
        """Records about the partner that stand as their source last said."""
        return self.held - sum(each.records for each in self.set_aside)

    def as_data(self, organization_id: str) -> dict[str, Any]:
        """Plain data, with `read` and each reason's next command."""
        reasons = [{**asdict(each), "command": each.command(organization_id)} for each in self.set_aside]
        return {**asdict(self), "read": self.read, "set_aside": reasons}


def completeness_of(viewer: Viewer, connection: Connection, organization_id: str) -> list[Completeness]:
    """Every source that says something about an organization, by name. Writes a temporary table only."""
    rows = connection.query(RECORDS, (viewer.only(organization_id),) * 3)
    bulk.load_keys(
        connection, "wanted_raw", ("source", "stream", "source_id"), (raw_key(record) for (record,) in rows)
    )
    held: dict[str, Counter[str]] = {}
    for source, stream, count in connection.query(HELD):
        held.setdefault(source, Counter())[stream] += int(count)
    reasons: dict[str, list[SetAside]] = {}
    for source, rule, arrived, happened, to_do, count, first in connection.query(SET_ASIDE):
        found = SetAside(rule, happened, to_do, bool(arrived), int(count), f"{source}/{first}")
        reasons.setdefault(source, []).append(found)
    titles: dict[str, str] = dict(connection.query("SELECT source, title FROM source"))
    successes = {(source, stream): at for source, stream, at in connection.query(READ)}
    proven = {source: facts for source, *facts in connection.query(PROVEN)}
    listed = []
    for source, streams in sorted(held.items()):
        times = [successes[source, stream] for stream in streams if (source, stream) in successes]
        in_source, readable, at = proven.get(source, (0, 0, None))
        listed.append(
            Completeness(
                source,
                titles.get(source, source),
                held=streams.total(),
                set_aside=tuple(reasons.get(source, ())),
                last_success_at=min(times) if times and all(times) else None,
                proven_at=at,
                in_source=int(in_source),
                readable=int(readable),
            )
        )
    return listed


def raw_key(record: str) -> tuple[str, str, str]:
    """Where a staged record came from: source, stream and id, without the part of it."""
    source, stream, source_id = record.partition("#")[0].split("/", 2)
    return source, stream, source_id.replace("%23", "#")

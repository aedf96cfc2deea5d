"""How complete a partner's record is, source by source: what is read of it, what is set aside, when that was proven."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

RECORDS: Final = """
SELECT record FROM organization_link WHERE organization_id = ? AND ended_at IS NULL
UNION ALL SELECT l.record FROM person_organization p CROSS JOIN person_link l
WHERE p.organization_id = ? AND l.person_id = p.person_id AND l.ended_at IS NULL
UNION ALL SELECT f.record FROM timeline t CROSS JOIN fact_source f
WHERE t.organization_id = ? AND f.fact_id = t.fact_id
"""
Portion: TypeAlias = "tuple[tuple[str, str], list[str]]"
"""Source and stream, and ids of records there."""
THESE: Final = "c.source = ? AND c.stream = ? AND c.source_id IN ({marks}) AND c.op IN ('upsert', 'restore')"
HELD: Final = f"SELECT ? AS place, count(*), count(c.quarantine) FROM raw_current c WHERE {THESE}"
AT_ONCE: Final = 900
"""Records that one statement asks of, whatever the number of their streams."""
SET_ASIDE: Final = f"""
SELECT c.quarantine, CASE WHEN r.quarantine IS NULL THEN 0 ELSE 1 END AS arrived,
coalesce(e.happened, ''), coalesce(e.to_do, ''), count(*), min(c.stream || '/' || c.source_id) FROM raw_current c
LEFT JOIN raw_record r ON r.raw_id = c.raw_id
LEFT JOIN sync_error e ON e.source = c.source AND e.stream = c.stream AND e.source_id = c.source_id
AND e.code = c.quarantine WHERE {THESE} AND c.quarantine IS NOT NULL GROUP BY 1, 2, 3, 4
"""
READ: Final = """
WITH wanted (source, stream) AS (VALUES {marks})
SELECT w.source, w.stream, (SELECT max(r.finished_at) FROM stream_run r
WHERE r.source = w.source AND r.stream = w.stream AND r.state = 'complete') FROM wanted w
WHERE EXISTS (SELECT 1 FROM stream_run r WHERE r.source = w.source AND r.stream = w.stream)
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
    """Every source that says something about an organization, by name."""
    places: dict[tuple[str, str], set[str]] = {}
    for (record,) in connection.query(RECORDS, (viewer.only(organization_id),) * 3):
        source, stream, source_id = raw_key(record)
        places.setdefault((source, stream), set()).add(source_id)
    held: dict[str, Counter[str]] = {}
    reasons: dict[str, list[SetAside]] = {}
    for (source, stream), (count, set_aside) in counted(connection, places).items():
        if count:
            held.setdefault(source, Counter())[stream] = count
            reasons[source] = merged([*reasons.get(source, []), *set_aside])
    read = last_reads(
        connection, [(source, stream) for source, streams in held.items() for stream in streams]
    )
    titles: dict[str, str] = dict(connection.query("SELECT source, title FROM source"))
    proven = {source: facts for source, *facts in connection.query(PROVEN)}
    listed = []
    for source, streams in sorted(held.items()):
        times = [read[source, stream] for stream in streams if (source, stream) in read]
        known = [at for at in times if at]
        in_source, readable, at = proven.get(source, (0, 0, None))
        listed.append(
            Completeness(
                source,
                titles.get(source, source),
                held=streams.total(),
                set_aside=tuple(reasons.get(source, ())),
                last_success_at=min(known) if known and len(known) == len(times) else None,
                proven_at=at,
                in_source=int(in_source),
                readable=int(readable),
            )
        )
    return listed


def counted(
    connection: Connection, places: Mapping[tuple[str, str], Iterable[str]]
) -> dict[tuple[str, str], tuple[int, list[SetAside]]]:
    """How many of some records of each stream the hub holds, and which of these are set aside."""
    portions = list(portions_of(places))
    found: dict[tuple[str, str], tuple[int, list[SetAside]]] = {}
    for some in together(portions):
        statement = " UNION ALL ".join(
            HELD.format(marks=", ".join("?" * len(source_ids))) for _, source_ids in some
        )
        values = [
            value
            for at, ((source, stream), source_ids) in enumerate(some)
            for value in (at, source, stream, *source_ids)
        ]
        for at, count, quarantined in connection.query(statement, values):
            place, source_ids = some[int(at)]
            held, reasons = found.get(place, (0, []))
            more = set_aside(connection, place, source_ids) if quarantined else []
            found[place] = held + int(count), [*reasons, *more]
    return found


def portions_of(places: Mapping[tuple[str, str], Iterable[str]]) -> Iterator[Portion]:
    """Records of each stream, so many at a time as one statement takes."""
    for place, source_ids in places.items():
        ordered = sorted(source_ids)
        for start in range(0, len(ordered), AT_ONCE):
            yield place, ordered[start : start + AT_ONCE]


def together(portions: Iterable[Portion]) -> Iterator[list[Portion]]:
    """Portions that one statement asks of."""
    some: list[Portion] = []
    for each in portions:
        if some and sum(len(ids) for _, ids in some) + len(each[1]) > AT_ONCE:
            yield some
            some = []
        some.append(each)
    if some:
        yield some


def set_aside(connection: Connection, place: tuple[str, str], source_ids: Sequence[str]) -> list[SetAside]:
    """Which of some records of a stream are set aside, by reason."""
    marks = ", ".join("?" * len(source_ids))
    rows = connection.query(SET_ASIDE.format(marks=marks), (*place, *source_ids))
    return [
        SetAside(rule, happened, to_do, bool(arrived), int(many), f"{place[0]}/{first}")
        for rule, arrived, happened, to_do, many, first in rows
    ]


def last_reads(
    connection: Connection, streams: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str | None]:
    """When each of some streams was last read completely, None where never; without those nothing reads."""
    if not streams:
        return {}
    marks = ", ".join(["(?, ?)"] * len(streams))
    rows = connection.query(READ.format(marks=marks), [value for each in streams for value in each])
    return {(source, stream): at for source, stream, at in rows}


def merged(reasons: Iterable[SetAside]) -> list[SetAside]:
    """Each reason once, the commonest first."""
    found: dict[tuple[str, bool, str, str], SetAside] = {}
    for each in reasons:
        known = found.get(key := (each.rule, each.arrived, each.happened, each.to_do))
        found[key] = each if known is None else replace(
            each, records=each.records + known.records, first=min(each.first, known.first)
        )  # fmt: skip
    return sorted(found.values(), key=lambda each: (-each.records, each.rule, each.happened))


def raw_key(record: str) -> tuple[str, str, str]:
    """Where a staged record came from: source, stream and id, without the part of it."""
    source, stream, source_id = record.partition("#")[0].split("/", 2)
    return source, stream, source_id.replace("%23", "#")

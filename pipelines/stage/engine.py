"""Stage everything that waits: chunk by chunk, output and progress in one transaction each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from pipelines.collecting import collect_seldom
from pipelines.problems import record_problems, resolve_record_problems
from pipelines.progress import Progress, ProgressEvent, silent
from pipelines.stage.drifted import tell_drift
from pipelines.stage.first_load import key_indexes
from pipelines.stage.gone import find_gone
from pipelines.stage.gone_words import tell_gone
from pipelines.stage.lost import Search
from pipelines.stage.mass_change import held_beyond
from pipelines.stage.rules import stream_rules
from pipelines.stage.shapes import shapes_of
from pipelines.stage.transform import Place, context_of, finding_problems, transform
from pipelines.stage.waiting import (
    Waiting,
    count_waiting,
    next_waiting,
    rules_changed,
    staged_rules,
    streams_landed,
)
from pipelines.stage.write import write_chunk

if TYPE_CHECKING:
    from mappings.rows import StagedOutput
    from pipelines.stage.first_load import KeyIndexes
    from pipelines.stage.lost import Stage
    from pipelines.stage.packed import Batch
    from pipelines.stage.rules import StageSettings
    from pipelines.stage.transform import Transformed
    from warehouse.database import Connection, Database


@dataclass(slots=True)
class StageCounts:
    """What one staging did. rows: staged rows written, per kind."""

    records: int = 0
    quarantined: int = 0
    findings: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def stage_pending(
    database: Database, settings: StageSettings, run_id: str, now: str, progress: Progress = silent
) -> StageCounts:
    """Stage what waits, in every stream. Running it again right away stages nothing. Interrupted, it goes on later."""
    collect_seldom()
    counts = StageCounts()
    began = monotonic()

    def building() -> None:
        seconds = monotonic() - began
        progress(ProgressEvent("", "", "running", read=counts.records, seconds=seconds, step="stage"))

    with database.session() as connection, key_indexes(database, building) as indexes:
        for source, stream in streams_landed(connection):
            stage_stream(connection, settings, (source, stream), (run_id, now), counts, progress, indexes)
    counts.seconds = monotonic() - began
    progress(ProgressEvent("", "", "complete", read=counts.records, seconds=counts.seconds, step="stage"))
    return counts


def stage_stream(
    connection: Connection,
    settings: StageSettings,
    names: tuple[str, str],
    run: tuple[str, str],
    counts: StageCounts,
    progress: Progress,
    indexes: KeyIndexes,
) -> None:
    """Stage one stream to its end."""
    source, stream = names
    rules = stream_rules(settings, source, stream)
    if rules is None:
        return
    place = with_drift(connection, Place(source, stream, rules, settings), run)
    rules = place.rules
    changed = rules_changed(connection, source, stream, rules.fingerprint)
    newest = held_beyond(connection, names, rules.mapping.kind, settings.guard, run)
    began = monotonic()
    staged, last = 0, ""
    indexes.before(connection, source, stream)
    walked = rules.fingerprint if changed else None
    expected = count_waiting(connection, source, stream, walked)
    while chunk := next_waiting(connection, source, stream, walked, last, newest):
        indexes.before_chunk(connection, chunk)
        result = transform(connection, place, chunk)
        with connection.transaction():
            written = write_chunk(connection, place, result.done)
            record_problems(connection, [*result.problems, *finding_problems(place, result)], *run)
            resolve_record_problems(connection, source, stream, result.done.passed)
            count_quarantined(connection, run[0], place, result.done)
            place.shapes.remember(connection, names)
        add_counts(counts, len(chunk), result, written)
        staged, last = staged + len(chunk), chunk[-1].source_id
        seconds = monotonic() - began
        progress(
            ProgressEvent(
                source, stream, "running", read=staged, expected=expected, seconds=seconds, step="stage"
            )
        )
    if changed:
        remember_rules(connection, source, stream, rules.fingerprint)
    twins = frozenset(lost.twin for lost in place.gone.told)
    search = Search(connection, names, rules.mapping, plain_stage(place, run))
    tell_drift(search, place.shapes, twins, run, changed=staged > 0)


def with_drift(connection: Connection, place: Place, run: tuple[str, str]) -> Place:
    """The place with what became of its fields at the source; people are told of those that went away."""
    names, rules = (place.source, place.stream), place.rules
    gone = find_gone(connection, names, rules.mapping, plain_stage(place, run))
    tell_gone(connection, names, rules.connector, gone.told, run)
    learning = staged_rules(connection, *names) is None
    shapes = shapes_of(connection, names, rules.mapping, run[1], learning=learning)
    held = replace(rules, fingerprint=shapes.fingerprint(gone.fingerprint(rules.fingerprint)))
    return place._replace(rules=held, gone=gone, shapes=shapes)


def plain_stage(place: Place, run: tuple[str, str]) -> Stage:
    """The stream's rules alone, with nothing put back into what they read."""

    def stage(source_id: str, raw_id: int, payload: dict[str, Any]) -> StagedOutput:
        waiting = Waiting(source_id, raw_id, "upsert", None, None, None, None, run[1], staged_before=True)
        return place.rules.stager(payload, context_of(place, waiting, None))

    return stage


def count_quarantined(connection: Connection, run_id: str, place: Place, done: Batch) -> None:
    """Add what staging set aside to the stream's row of this run; what landed unreadable is counted there already."""
    if done.set_aside:
        connection.execute(
            "UPDATE stream_run SET quarantined = quarantined + ? WHERE run_id = ? AND source = ? AND stream = ?",
            (done.set_aside, run_id, place.source, place.stream),
        )


def add_counts(counts: StageCounts, records: int, result: Transformed, written: dict[str, int]) -> None:
    """Add one chunk of so many records. written: rows per kind."""
    counts.records += records
    counts.findings += len(result.findings)
    counts.quarantined += result.done.quarantined
    for kind, rows in written.items():
        counts.rows[kind] = counts.rows.get(kind, 0) + rows


def remember_rules(connection: Connection, source: str, stream: str, fingerprint: str) -> None:
    """The whole stream now stands under these rules."""
    with connection.transaction():
        connection.execute(
            "INSERT INTO stage_rules (source, stream, rules) VALUES (?, ?, ?)"
            " ON CONFLICT (source, stream) DO UPDATE SET rules = excluded.rules",
            (source, stream, fingerprint),
        )

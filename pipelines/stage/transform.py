"""One chunk of raw versions to staged output: a record that cannot be read is set aside, its neighbors go on."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.errors import SkipRecord
from mappings.canonical import record_key
from mappings.rows import Context, StagedOutput
from pipelines.land.content import decode
from pipelines.land.versions import GONE
from pipelines.problems import Problem
from pipelines.stage.gone import NOTHING, Gone
from pipelines.stage.packed import Batch, pack, staged_columns
from pipelines.stage.shapes import Shapes, read_with_last
from pipelines.stage.waiting import earlier_versions, last_payload
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.stage.packed import Packed
    from pipelines.stage.rules import StageSettings, StreamRules
    from pipelines.stage.waiting import Waiting
    from warehouse.database import Connection

MERGED_INTO = "merged_into"

HOLDS_WORDS = frozenset({"touchpoint", "work_item"})
MAY_QUOTE = frozenset({"invalid_value", "not_a_text", "nothing_visible", "unmapped_field"})
"""Findings whose sample would be what somebody wrote, where they are about a record of these kinds."""


@dataclass(slots=True)
class Transformed:
    """A chunk's outcome."""

    done: Batch = field(default_factory=Batch)
    problems: list[Problem] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str], str | None] = field(default_factory=dict)


class Place(NamedTuple):
    """The stream being staged: its rules, facts of the deployment, what its source lost, what its fields hold."""

    source: str
    stream: str
    rules: StreamRules
    settings: StageSettings
    gone: Gone = NOTHING
    shapes: Shapes = Shapes()


def transform(connection: Connection, place: Place, chunk: Sequence[Waiting]) -> Transformed:
    """Stage a chunk in memory. Writes nothing; reads for deletions without a body and records in quarantine only."""
    result = Transformed()
    for waiting in chunk:
        if waiting.quarantine is not None:
            result.done.add(waiting, last_readable(connection, place, waiting), waiting.quarantine)
            continue
        try:
            output = staged_output(connection, place, waiting, result)
        except SkipRecord as error:
            error.at(source=place.source, stream=place.stream, record_id=waiting.source_id)
            problem = problem_of_record(place, waiting, error.code, error.do, error.happened)
            set_aside(result, waiting, problem, last_readable(connection, place, waiting))
        except Exception as error:  # noqa: BLE001  # a poisoned record never stops its neighbors
            happened = f"The mapping failed with {type(error).__name__}."
            do = "Report it with the record's id; it is staged again when the mapping changes."
            problem = problem_of_record(place, waiting, "mapping_failed", do, happened)
            set_aside(result, waiting, problem, last_readable(connection, place, waiting))
        else:
            result.done.add(waiting, output, None)
    return result


def staged_output(
    connection: Connection, place: Place, waiting: Waiting, result: Transformed
) -> Packed | None:
    """The staged output of one record, or None when nothing is left to say about it (redacted, gone before seen)."""
    content, version = waiting.payload, waiting.version
    if content is None:
        found = last_payload(connection, place.source, place.stream, waiting.source_id)
        if found is None:
            return merged_only(place, waiting)
        content, version = found
    names = (place.source, place.stream)
    payload = place.gone.completed(connection, names, waiting.source_id, decode(content))
    context = context_of(place, waiting, version)
    output = read_with_last(
        connection, names, place.shapes, waiting, payload, lambda given: place.rules.stager(given, context)
    )
    for finding in output.findings:
        result.findings[finding.code, finding.field] += 1
        quotes = finding.code in MAY_QUOTE and not HOLDS_WORDS.isdisjoint(output.rows)
        result.samples.setdefault((finding.code, finding.field), None if quotes else finding.sample)
    packed = pack(output)
    if waiting.winner_id:
        add_merged_into(packed, place, waiting)
    return packed


def last_readable(connection: Connection, place: Place, waiting: Waiting) -> Packed | None:
    """What the newest earlier version says that these rules can read, so that a record never vanishes by a bad edit."""
    for raw_id, content, version in earlier_versions(connection, place.source, place.stream, waiting):
        context = context_of(place, waiting._replace(raw_id=raw_id), version)
        with suppress(Exception):  # it failed when it was current, and was reported then
            return pack(place.rules.stager(decode(content), context))
    return None


def context_of(place: Place, waiting: Waiting, version: str | None) -> Context:
    """The facts a mapping may know. A record is deleted since the source said so, else since the hub saw it."""
    deleted_at = (waiting.version or waiting.landed_at) if waiting.op in GONE else None
    return Context(
        place.source,
        place.stream,
        waiting.source_id,
        waiting.raw_id,
        place.rules.fingerprint,
        version,
        deleted_at,
        place.settings.default_region,
        place.settings.own_domains,
        place.settings.own_addresses,
        place.rules.settings,
    )


def merged_only(place: Place, waiting: Waiting) -> Packed | None:
    """A merge whose loser the hub never saw still says which record it became."""
    if not waiting.winner_id:
        return None
    packed = pack(StagedOutput())
    add_merged_into(packed, place, waiting)
    return packed


def add_merged_into(packed: Packed, place: Place, waiting: Waiting) -> None:
    """The relation from a loser to its winner, which identity treats as a must-link."""
    row: dict[str, Any] = {
        "record": record_key(place.source, place.stream, waiting.source_id, MERGED_INTO),
        "source": place.source,
        "stream": place.stream,
        "source_id": waiting.source_id,
        "raw_id": waiting.raw_id,
        "rules": place.rules.fingerprint,
        "kind": MERGED_INTO,
        "from_record": record_key(place.source, place.stream, waiting.source_id),
        "to_record": record_key(place.source, place.stream, waiting.winner_id or ""),
    }
    packed.rows.setdefault("relation", []).append(bulk.row_of(row, staged_columns("relation")))


def set_aside(result: Transformed, waiting: Waiting, problem: Problem, output: Packed | None) -> None:
    """Quarantine one record; `output` is what it said when it could be read."""
    result.done.add(waiting, output, problem.code)
    result.problems.append(problem)


def problem_of_record(place: Place, waiting: Waiting, code: str, do: str, happened: str) -> Problem:
    """A quarantined record as a problem row."""
    return Problem(
        severity="error",
        stage="stage",
        source=place.source,
        stream=place.stream,
        source_id=waiting.source_id,
        code=code,
        do=do,
        happened=happened,
    )


def finding_problems(place: Place, result: Transformed) -> list[Problem]:
    """The chunk's findings, one row per code and field, with how often and a sample."""
    return [
        Problem(
            severity="finding",
            stage="stage",
            source=place.source,
            stream=place.stream,
            code=code,
            field=name,
            do=finding_remedy(code),
            happened=f"Field {name}: {code.replace('_', ' ')}.",
            sample=result.samples[code, name],
            times=count,
        )
        for (code, name), count in sorted(result.findings.items())
    ]


FINDING_REMEDIES = {
    "unmapped_field": "Map it under `fields:` in partnerhub.yaml, or ignore it in the mapping.",
    "unknown_value": "Add the value to the mapping's code table.",
    "unreadable": "Mend the value in its source; the rest of the record is in use.",
    "sentinel_time": "Nothing, if the source means `never` by it; else mend the date in its source.",
    "amount_without_currency": "Set `default_currency` in partnerhub.yaml, or fill the currency in the source.",
}
OTHER_FINDING = "Look at the sample; map the field or leave it out on purpose."


def finding_remedy(code: str) -> str:
    """What to do about a finding, by its code or, for `unreadable_phone` and its kin, by the family's name."""
    return FINDING_REMEDIES.get(code) or FINDING_REMEDIES.get(code.split("_", maxsplit=1)[0], OTHER_FINDING)

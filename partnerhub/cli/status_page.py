"""`partnerhub status` on a screen: a line per source that is well, a line per stream that is not."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from partnerhub.cli.health_words import health_cell, told_late
from partnerhub.cli.output import counted, moment, prose, table
from partnerhub.cli.stream_errors import NAMED, StreamError, next_commands, told_once
from warehouse.queries.health import HEALTHY, RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from partnerhub.config import HubConfig
    from warehouse.queries.health import Health
    from warehouse.queries.streams import StreamStatus

    HealthOf = dict[tuple[str, str], Health]
    Row = tuple[object, ...]

COLUMNS: Final = (
    "source",
    "stream",
    "health",
    "#at source",
    "#here",
    "#quarantined",
    "success (UTC)",
)
GREEN: Final = frozenset({HEALTHY, RUNNING})
COME_THROUGH: Final = frozenset({"complete", "running", "new"})


def show_status(
    console: Console, config: HubConfig, found: list[StreamStatus], health: HealthOf, *, every: bool
) -> None:
    """A table, then what went wrong, then sources that never ran. every: a line for every stream."""
    rows = [stream_row(one, health) for one in found] if every else list(short_rows(found, health))
    if rows:
        console.print(table(COLUMNS, rows))
    broken = [each for each in found if each.error_happened and each.state != "complete"]
    told = told_once(
        StreamError(each.source, each.stream, each.error_happened or "", each.error_do or "")
        for each in broken
    )
    for line in (*told, *told_late(health.values()), *next_commands(each.source for each in broken)):
        prose(console, line)
    for name in sorted(set(config.sources) - {each.source for each in found}):
        console.print(f"{name}: not synced yet → `partnerhub sync {name}`", markup=False)
    if len(rows) < len(found):
        prose(console, "→ `partnerhub status --streams` lists every stream.", style="dim")


def short_rows(found: list[StreamStatus], health: HealthOf) -> Iterator[Row]:
    """Per source the streams somebody should know of, many that fare alike as one, then all others as one line."""
    for source, group in groupby(found, key=lambda one: one.source):
        streams = list(group)
        well = [one for one in streams if is_well(one, health)]
        for some in faring_alike([one for one in streams if one not in well], health):
            if len(some) > NAMED:
                yield summed_row(source, some, health, rest=False)
            else:
                yield from (stream_row(one, health) for one in some)
        if len(well) == 1:
            yield stream_row(well[0], health)
        elif well:
            yield summed_row(source, well, health, rest=len(well) < len(streams))


def faring_alike(streams: list[StreamStatus], health: HealthOf) -> Iterable[list[StreamStatus]]:
    """Streams in the order they came, together with those whose state, health and error are the same."""
    groups: dict[tuple[object, ...], list[StreamStatus]] = {}
    for one in streams:
        fares = (one.state, str(health_cell(health.get((one.source, one.stream)))), one.error_happened)
        groups.setdefault(fares, []).append(one)
    return groups.values()


def is_well(status: StreamStatus, health: HealthOf) -> bool:
    """Whether nobody needs to know more of a stream than that it is well."""
    judged = health.get((status.source, status.stream))
    return status.state in COME_THROUGH and (judged is None or judged.word in GREEN)


def stream_row(status: StreamStatus, health: HealthOf) -> Row:
    """One stream."""
    return (
        status.source,
        status.stream,
        health_cell(health.get((status.source, status.stream))),
        status.in_source,
        status.in_hub,
        status.quarantined,
        moment(status.last_success_at),
    )


def summed_row(source: str, streams: Sequence[StreamStatus], health: HealthOf, *, rest: bool) -> Row:
    """Streams that are well, as one: the one read longest ago counts; the source's count where it says it of all."""
    at_work = next((one for one in streams if one.state == "running"), streams[0])
    counts = [one.in_source for one in streams]
    successes = [one.last_success_at for one in streams if one.last_success_at]
    return (
        source,
        f"{len(streams):,} others" if rest else counted(len(streams), "stream"),
        health_cell(health.get((at_work.source, at_work.stream))),
        None if None in counts else sum(count or 0 for count in counts),
        sum(one.in_hub for one in streams),
        sum(one.quarantined for one in streams),
        moment(min(successes, default=None)),
    )

"""What went wrong with streams, told once for all streams of a source that it happened to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

NAMED: Final = 3
"""Streams named in full; of more, their number."""


class StreamError(NamedTuple):
    """One stream's error in the words of the engine."""

    source: str
    stream: str
    happened: str
    do: str


def told_once(errors: Iterable[StreamError]) -> list[str]:
    """A line per source and message: `hubspot deals, notes: … → …`, in the order they came."""
    streams: dict[tuple[str, str, str], list[str]] = {}
    for each in errors:
        streams.setdefault((each.source, each.happened, each.do), []).append(each.stream)
    return [
        f"{source} {named(found)}: {happened} → {do}" for (source, happened, do), found in streams.items()
    ]


def next_commands(sources: Iterable[str]) -> list[str]:
    """A line with what to run once a person has done what the errors say; nothing when none are broken."""
    named_once = " ".join(dict.fromkeys(sources))
    if not named_once:
        return []
    return [f"→ Then run `partnerhub check {named_once}`, and `partnerhub sync {named_once}`."]


def told_notes(notes: Iterable[Mapping[str, str]]) -> list[str]:
    """A line per field that went away or was renamed at its source, and is not decided on."""
    return [f"! {note['source']} {note['stream']}: {note['happened']} → {note['to_do']}" for note in notes]


def named(streams: list[str]) -> str:
    """`deals, notes`, or `31 streams`."""
    return ", ".join(streams) if len(streams) <= NAMED else f"{len(streams):,} streams"

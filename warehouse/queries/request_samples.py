"""Some of the requests a run sent: what came back, when, how long it took and how much it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUCCESS = range(200, 300)


class Request(NamedTuple):
    """One request of a stream. at: UTC text. outcome: the HTTP status, or what kept the answer away."""

    at: str
    outcome: str
    milliseconds: int
    size: int

    @property
    def went_well(self) -> bool:
        """Whether it brought what was asked for."""
        return self.outcome.isdigit() and int(self.outcome) in SUCCESS


class Sampled(NamedTuple):
    """A stream with some of its requests, in order of time. sent: how many there were."""

    source: str
    stream: str
    sent: int
    requests: list[Request]


def samples_of(streams: Iterable[Mapping[str, Any]]) -> list[Sampled]:
    """Streams of a run (rows of `stream_run`) of which requests were kept: those that did not all go well first."""
    found = [
        Sampled(row["source"], row["stream"], int(row["requests"] or 0), of(row["requests_json"]))
        for row in streams
        if row["requests_json"]
    ]
    return sorted(found, key=lambda each: all(request.went_well for request in each.requests))


def of(written: str) -> list[Request]:
    """What a run kept."""
    return [Request(*each) for each in json.loads(written)]

"""What a running sync tells whoever watches: one event per committed page or finished step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from connectors.transport import Wait

WAITING: Final = "waiting"
ANSWERED: Final = "answered"
"""States of events that say only that a request waits for its vendor, or does no more; they carry no counts."""


class ProgressEvent(NamedTuple):
    """The state of one stream (or, with an empty stream, of one later step) at one moment of a run.

    state: running, complete, incomplete, failed, skipped, needs_person, waiting, answered. expected: how many records
    this reading will probably see, where the source or an earlier run can say. seconds: since the stream or step began.
    wait: what is waited for; with the state `waiting` only. Of a source as a whole before its first stream.
    """

    source: str
    stream: str
    state: str
    pages: int = 0
    read: int = 0
    landed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    expected: int | None = None
    seconds: float = 0.0
    step: str = "pull"
    wait: Wait | None = None


Progress: TypeAlias = Callable[[ProgressEvent], None]


def silent(event: ProgressEvent) -> None:
    """Nobody watches."""
    del event

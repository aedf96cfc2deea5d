"""What a running sync tells whoever watches: one event per committed page or finished step."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class ProgressEvent(NamedTuple):
    """The state of one stream (or, with an empty stream, of one later step) at one moment of a run.

    state: running, complete, incomplete, failed, skipped, needs_person. expected: how many records this reading will
    probably see, where the source or an earlier run can say. seconds: since the stream or step began.
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


Progress: TypeAlias = Callable[[ProgressEvent], None]


def silent(event: ProgressEvent) -> None:
    """Nobody watches."""
    del event

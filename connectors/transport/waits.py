"""Telling whoever watches that a request waits for its vendor. A thread tells its own listener: it pulls one source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple


class Wait(NamedTuple):
    """One wait before a request is tried again.

    vendor: for whom. until: when it is tried again, aware. happened: why the last try did not do. tried: how often.
    """

    vendor: str
    until: datetime
    happened: str
    tried: int


Listener = Callable[[Wait | None], None]
"""Told each wait as it begins, and None once there is an answer or no more hope of one."""


class Heard(threading.local):
    """Who listens to the waits of a thread."""

    listener: Listener | None = None


HEARD: Final = Heard()


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell `listener` of this thread's waits for the length of a block."""
    before, HEARD.listener = HEARD.listener, listener
    try:
        yield
    finally:
        HEARD.listener = before


def tell(wait: Wait | None) -> None:
    """Pass on that a request waits, or does no more."""
    if HEARD.listener is not None:
        HEARD.listener(wait)

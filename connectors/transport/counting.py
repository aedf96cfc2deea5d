"""How many requests a thread has sent: what a stream's reading costs, whatever connector reads it."""

from __future__ import annotations

import threading
from typing import Final


class Sent(threading.local):
    """One count per thread; a source is pulled by one."""

    requests: int = 0


SENT: Final = Sent()


def requests_sent() -> int:
    """Requests this thread has sent so far, repeats included."""
    return SENT.requests

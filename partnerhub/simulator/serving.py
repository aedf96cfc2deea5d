"""What everything that serves has in common: it starts, it stops, and a `with` block does both."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Serving:
    """Something on loopback that can be started and stopped by hand or as a context manager."""

    def start(self) -> Self:
        """Serve; returns itself once connections are accepted."""
        raise NotImplementedError

    def stop(self) -> None:
        """Close every connection and free the port."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

"""The one exception of the cleaners."""

from __future__ import annotations


class Unreadable(ValueError):
    """A value that is there but cannot be read. `code` is stable; the value itself is never part of the message."""

    def __init__(self, code: str) -> None:
        """Keep the reason code: `unreadable_phone`, `unreadable_country`, …."""
        super().__init__(code)
        self.code = code

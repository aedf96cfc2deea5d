"""Where log lines go: the stderr of the moment, or nowhere when nobody reads it any more."""

from __future__ import annotations

import contextlib
import io
import sys


class LogStream(io.TextIOBase):
    """Writes to whatever stderr is now; never raises, because a log that nobody reads must not end a sync."""

    def write(self, text: str) -> int:
        """Write the text if somebody still reads; says it was written either way."""
        with contextlib.suppress(OSError, ValueError):  # a broken pipe, a closed file
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush stderr if it is still open."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()

"""What a planted bug is."""

from __future__ import annotations

from typing import Final, NamedTuple

PIPELINES: Final = "tests/pipelines/"


class Bug(NamedTuple):
    """One bug: `old` becomes `new` in `file`; then `test` fails, or hangs beyond all patience."""

    name: str
    promise: int
    file: str
    old: str
    new: str
    test: str
    patience_seconds: int = 600

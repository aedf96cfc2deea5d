"""What an exit code of `partnerhub` means; stable, for scripts."""

from __future__ import annotations

from typing import Final

COMPLETE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NEEDS_PERSON: Final = 3
INCOMPLETE: Final = 4
WORSE: Final = 5
RUNNING: Final = 75
INTERRUPTED: Final = 130

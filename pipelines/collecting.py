"""Python's cycle collector, told that bulk work makes many objects and no cycles."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 20, 100)
"""With the usual 700 objects a quarter of the time of staging goes into looking for cycles that are not there."""


def collect_seldom() -> None:
    """Look for cycles every 50 000 objects, in this process from now on. Calling it again is harmless."""
    gc.set_threshold(*THRESHOLDS)

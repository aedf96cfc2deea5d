"""A staging in a process of its own, to be killed: `python -m tests.pipelines.dying_stage URL`.

Its loads count as large. Says `staged N` on standard output once N records are committed, and waits a moment there.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from pipelines.stage import first_load, waiting
from pipelines.stage.engine import stage_pending
from tests.pipelines.test_stage import NOW, SETTINGS
from warehouse.database import Database

if TYPE_CHECKING:
    from pipelines.progress import ProgressEvent

PER_CHUNK, PAUSE_SECONDS = 40, 0.5


def watch(event: ProgressEvent) -> None:
    if event.stream:
        sys.stdout.write(f"staged {event.read}\n")
        sys.stdout.flush()
        time.sleep(PAUSE_SECONDS)


def main(url: str) -> None:
    first_load.LEAST_WAITING = 1  # type: ignore[misc]  # as if this were many
    waiting.CHUNK = PER_CHUNK
    stage_pending(Database(url), SETTINGS, "killed", NOW, watch)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A sync in a process of its own, to be killed: `python -m tests.pipelines.dying_sync URL RUN_ID`.

Says on standard output what it is about to do, a line each, so that whoever watches can kill it there: `began`,
`page N` before page N is handed over, `stored N` once it is committed, `ended`.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from pipelines.land.runs import start_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.land.writer import moment
from pipelines.progress import ProgressEvent
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, record
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.record import Page

PAGES, PER_PAGE, PAUSE_SECONDS = 3, 400, 0.05


def script(cursor: dict[str, Any] | None, _full: bool) -> Iterator[Page]:
    """Three pages; a resumed reading begins inclusively with the last page that was committed."""
    for number in range((cursor or {"page": 0})["page"], PAGES):
        say(f"page {number + 1}")
        ids = range(number * PER_PAGE, (number + 1) * PER_PAGE)
        yield page(*(record(str(n), name=f"Thing {n}") for n in ids), cursor={"page": number + 1})
        time.sleep(PAUSE_SECONDS)


def connector() -> ScriptedConnector:
    return ScriptedConnector(source="crm").plays(THINGS, script)


def say(line: str) -> None:
    if __name__ == "__main__":
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def watch(event: ProgressEvent) -> None:
    if event.pages:
        say(f"stored {event.pages}")


def main(url: str, run_id: str) -> None:
    database = Database(url)
    with database.session() as connection:
        start_run(connection, run_id, "cli", moment())
    say("began")
    with LandSession(database, [connector()], LandSettings(run_id=run_id), watch) as session:
        session.wait("crm")
    say("ended")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A guard on reading: a source that repeats itself, or sends nothing for ever, is stopped with a clear error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import SkipStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.record import Page

REPEATS_ALLOWED = 3
"""How often one page may come again under one cursor: a source that stands still is not asked a fifth time."""

IDLE_ALLOWED = 1_000
"""How many pages in a row may bring nothing: windows of time without changes are normal, a thousand of them are not."""


def guarded(pages: Iterable[Page]) -> Iterator[Page]:
    """The same pages. Raises SkipStream once they repeat under one cursor, or have brought nothing for too long."""
    last: Page | None = None
    repeats = idle = 0
    for page in pages:
        same = last is not None and page.records == last.records
        repeats = (
            repeats + 1 if same and last and page.cursor is not None and page.cursor == last.cursor else 0
        )
        idle = idle + 1 if same or not page.records else 0
        if repeats > REPEATS_ALLOWED:
            raise endless(f"The source sent the same page under the same cursor {repeats + 1} times.")
        if idle > IDLE_ALLOWED:
            raise endless(f"The source sent {idle} pages in a row that brought nothing new.")
        yield page
        last = page


def endless(happened: str) -> SkipStream:
    """Why reading was stopped."""
    return SkipStream(
        code="endless_pages",
        do="Report it with the run id; what arrived is kept, and the other streams go on.",
        happened=happened,
    )

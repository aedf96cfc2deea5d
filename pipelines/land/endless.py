"""Guards on reading: a source that repeats itself, sends nothing for ever, or nothing readable, is stopped, loudly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import FixSetup, SkipStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.record import Page

REPEATS_ALLOWED = 3
"""How often one page may come again under one cursor: a source that stands still is not asked a fifth time."""

IDLE_ALLOWED = 1_000
"""How many pages in a row may bring nothing: windows of time without changes are normal, a thousand of them are not."""


UNREADABLE_ALLOWED = 100
UNREADABLE_SHARE = 0.2
"""More than so many unreadable records, and more than this share of all that was read, are no accidents any more."""


def readable(pages: Iterable[Page]) -> Iterator[Page]:
    """The same pages. Raises FixSetup once most of what is read cannot be: somebody has changed the format.

    The page that showed it is handed on, so that what arrived is kept in quarantine, but its cursor is not: once the
    reader is mended, everything of this page is read again.
    """
    read = bad = 0
    for page in pages:
        read += len(page.records)
        bad += sum(record.malformed is not None for record in page.records)
        if bad > UNREADABLE_ALLOWED and bad > UNREADABLE_SHARE * read:
            yield page._replace(cursor=None, last=False)
            raise FixSetup(
                code="mostly_unreadable",
                do="Look at one of the records in quarantine; the source's format has changed, or its settings.",
                happened=f"{bad} of {read} records cannot be read. What arrived is kept, and none is passed over.",
            )
        yield page


def guarded(pages: Iterable[Page], *, one_maker: bool = True) -> Iterator[Page]:
    """The same pages. Raises SkipStream once they repeat under one cursor, or have brought nothing for too long.

    one_maker: also what `readable` raises.
    """
    last: Page | None = None
    repeats = idle = 0
    for page in readable(pages) if one_maker else pages:
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

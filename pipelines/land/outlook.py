"""How many records a reading will probably see: asked of the source once, and only of a reading that takes long.

A reading of everything is worth one more request when it goes on for seconds; a short one is over before anybody
wonders. Of a reading of changes no source is asked: its count is that of the whole stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.record import Page
    from warehouse.database import Database

LONG_SECONDS: Final = 2.0
"""How long a reading goes on before its source is asked for a count."""
EARLIER: Final = """
SELECT coalesce(sum(read), 0), coalesce(max(CASE WHEN state = 'complete' THEN 1 ELSE 0 END), 0)
FROM stream_run WHERE source = ? AND stream = ? AND run_id <> ?
"""
"""What other runs read of a stream, and whether one of them came to its end."""


@dataclass(slots=True)
class Outlook:
    """The outlook of one reading that begins now. count: what the source says it holds, None where it cannot say."""

    database: Database
    place: tuple[str, str, str]
    """Source, stream and run."""
    count: Callable[[], int | None]
    ask_at: float | None = None

    def __post_init__(self) -> None:
        """The clock starts."""
        self.ask_at = monotonic() + LONG_SECONDS

    def after(self, page: Page) -> int | None:
        """How many records this reading will probably see, once it has gone on for long and more is to come."""
        if self.ask_at is None or page.last or monotonic() < self.ask_at:
            return None
        self.ask_at = None
        before = 0 if page.reading == "full" else self.read_before()
        if page.in_source is not None or before is None or (count := self.count()) is None:
            return None
        return max(0, count - before)

    def read_before(self) -> int | None:
        """What earlier runs read of a stream that was never read to its end; None once it was."""
        with self.database.session() as connection:
            ((read, was_complete),) = connection.query(EARLIER, self.place)
        return None if was_complete else int(read)

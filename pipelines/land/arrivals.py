"""What the pulling threads tell the writer, in order, through a queue that is short however large the pages are."""

from __future__ import annotations

from queue import Queue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from connectors.record import Page, Stream

PLACES = 8
"""Messages that may wait for the writer."""
RECORDS_PER_PLACE = 250
"""A page takes a place for each so many records: of pages of 2,000 one waits, which is 6 MB, and not eight."""


class Opened(NamedTuple):
    """A source proved its account."""

    source: str
    account: str


class Arrived(NamedTuple):
    """A page came in."""

    source: str
    page: Page


class Began(NamedTuple):
    """A stream is being read."""

    source: str
    stream: Stream


class Expecting(NamedTuple):
    """So many records the reading of a stream will probably see."""

    source: str
    stream: str
    records: int


class Ended(NamedTuple):
    """A stream came to its end, or to an error. fields: those its records have now, where the source can say.

    requests: how many its reading took; sample: how some of them went, as JSON.
    """

    source: str
    stream: str
    error: Exception | None
    in_source: int | None
    fields: dict[str, str] | None = None
    requests: int = 0
    sample: str | None = None


class Closed(NamedTuple):
    """A source has nothing more; `error` when it could not even be opened."""

    source: str
    error: Exception | None


Message: TypeAlias = Opened | Arrived | Began | Expecting | Ended | Closed


class Arrivals(Queue[Any]):
    """The messages that wait for the writer; whoever puts waits for room. A large page may pass the limit by itself."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__(maxsize=PLACES)

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self.taken = 0

    def _qsize(self) -> int:
        return self.taken

    def _put(self, item: Message) -> None:
        super()._put(item)
        self.taken += places_of(item)

    def _get(self) -> Message:
        item: Message = super()._get()
        self.taken -= places_of(item)
        return item


def places_of(message: Message) -> int:
    """How many places a message takes, at least one."""
    return max(1, len(message.page.records) // RECORDS_PER_PLACE) if isinstance(message, Arrived) else 1

"""Reading owners: the people of our own company who own records. Few, so they are read whole each time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.objects import ReadingKind, next_token
from connectors.hubspot.positions import CLOCK_SLACK, Position, position_of
from connectors.hubspot.records import archived_records, live_records
from connectors.record import CursorState, Page, utc_text
from connectors.transport import PageGuard

PATH: Final = "/crm/v3/owners"


@dataclass(slots=True)
class OwnerReader:
    """Reads all owners, then the archived ones (people who have left)."""

    client: HubSpotClient
    page_size: int = 100

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of owners; a cursor in the middle of a reading is resumed, any other begins anew."""
        stored = None if full or cursor is None else position_of(cursor)
        resumed = stored is not None and stored.phase in {"list", "archived"}
        position = stored if stored is not None and resumed else Position("list")
        reading: ReadingKind = "incremental" if resumed else "full"
        if position.phase == "list":
            position = yield from self._phase(position, reading)
        yield from self._phase(position, reading)

    def _phase(self, position: Position, reading: ReadingKind) -> Generator[Page, None, Position]:
        """The pages of one phase; returns the position behind it."""
        archived, after, guard = position.phase == "archived", position.after, PageGuard()
        while True:
            query = {"limit": str(self.page_size), "archived": str(archived).lower()}
            answer = self.client.get(PATH, query | ({"after": after} if after else {}), must_list="results")
            position = position.begun(answer.at)
            after = next_token(answer.json)
            guard.watch(after, records=len(answer.json["results"]))
            make = archived_records if archived else live_records
            records = make(answer.json["results"], utc_text(answer.at + CLOCK_SLACK))
            ended = position.done() if archived else position.to("archived")
            following = position.to(position.phase, after) if after else ended
            yield Page("owners", records, following.state(), reading, last=archived and not after)
            if not after:
                return following

"""Reading associations: one record per from-object that lists its ends.

A change of associations does not change the record's modification time, so an incremental reading gives the ends of
every changed record, and everything is read again once a day (setting `refresh_associations_hours`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from connectors.hubspot.client import Reading
from connectors.hubspot.objects import ObjectReader, ReadingKind, next_token, refuse_errors
from connectors.hubspot.positions import Position, moment, position_of
from connectors.record import CursorState, JsonObject, Page, SourceRecord
from connectors.transport import PageGuard

LARGEST_BATCH: Final = 1000
"""From-ids per batch read of associations v4 (HubSpot's limit)."""

NONE_FOUND: Final = "NO_ASSOCIATIONS_FOUND"
"""How HubSpot reports, as an error inside a 207, that a record has no association of this kind."""


@dataclass(slots=True)
class AssociationReader:
    """Reads the associations from one kind of object to another. `objects` reads the from-objects' ids."""

    objects: ObjectReader
    to_kind: str
    refresh: timedelta

    @property
    def name(self) -> str:
        """The stream's name."""
        return f"{self.objects.kind}_to_{self.to_kind}"

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of this association from `cursor` on; see `Connector.pull`."""
        position = None if full or cursor is None else position_of(cursor)
        if position is None:
            yield from self._complete(Position("list"), "full")
        elif position.phase == "list":
            yield from self._complete(position, "incremental")
        elif self._due(position):
            yield from self._complete(Position("list"), "full")
        else:
            yield from self._changed(position)

    def _due(self, position: Position) -> bool:
        """Whether everything has to be read again, by HubSpot's clock. A reading under way is ended first."""
        if position.phase != "done":
            return False
        read_at = position.full_at
        return not read_at or self.objects.client.now() - moment(read_at) >= self.refresh

    def _complete(self, position: Position, reading: ReadingKind) -> Iterator[Page]:
        """The ends of every live from-object."""
        for ids, answer, after in self._batches(position.after):
            position = position.begun(answer.at)
            following = (
                position.to("list", after) if after else replace(position, full_at=position.next).done()
            )
            yield Page(self.name, self._ends(ids), following.state(), reading, last=not after)

    def _changed(self, position: Position) -> Iterator[Page]:
        """The ends of every from-object changed since the last reading."""
        for answer, last_id in self.objects.searched(position, ("hs_object_id",)):
            position = position.begun(answer.at)
            ids = [str(item["id"]) for item in answer.json["results"]]
            following = (
                replace(position.to("search", last_id), since=position.since) if last_id else position.done()
            )
            yield Page(self.name, self._ends(ids), following.state(), last=not last_id)

    def _batches(self, after: str) -> Iterator[tuple[list[str], Reading, str]]:
        """Ids of from-objects, as many as one batch read takes, with the token after them."""
        ids: list[str] = []
        for answer, token in self.objects.listed(after, ids_only=True):
            ids += [str(item["id"]) for item in answer.json["results"]]
            if not token or len(ids) + self.objects.sizes.list_page > self._batch_size:
                yield ids, answer, token
                ids = []

    @property
    def _batch_size(self) -> int:
        """As many from-objects per page as fit, in proportion to the page size asked for."""
        return min(LARGEST_BATCH, self.objects.sizes.list_page * 10)

    def _ends(self, ids: list[str]) -> list[SourceRecord]:
        """A record for each id, in order; without ends where HubSpot knows of none."""
        found: dict[str, list[Any]] = {one: [] for one in ids}
        asked: list[JsonObject] = [{"id": one} for one in ids]
        guard = PageGuard()
        while asked:
            answer = self.objects.client.read(
                f"/crm/v4/associations/{self.objects.kind}/{self.to_kind}/batch/read", {"inputs": asked}
            )
            refuse_errors(answer.json, NONE_FOUND)
            asked = []
            for item in answer.json["results"]:
                one = str(item["from"]["id"])
                found.setdefault(one, []).extend(item.get("to") or [])
                if after := next_token(item):
                    guard.watch((one, after), records=1)
                    asked.append({"id": one, "after": after})
        return [self._record(one, found[one]) for one in ids]

    def _record(self, one: str, ends: list[Any]) -> SourceRecord:
        """One from-object with its ends, in an order that does not depend on HubSpot's."""
        to = [
            {"id": str(end["toObjectId"]), "types": sorted(end["associationTypes"], key=_type_order)}
            for end in ends
        ]
        payload = {
            "from": {"id": one, "type": self.objects.kind},
            "to_type": self.to_kind,
            "to": sorted(to, key=_id_order),
        }
        return SourceRecord(one, payload)


def _type_order(kind: JsonObject) -> tuple[str, int]:
    return str(kind.get("category")), int(kind.get("typeId") or 0)


def _id_order(end: JsonObject) -> tuple[int, str]:
    return len(end["id"]), end["id"]

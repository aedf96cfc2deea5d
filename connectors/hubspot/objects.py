"""Reading one kind of CRM object: all by list, changed ones by search, archived ones by a list of their own.

Search stops at 10,000 results, sorts by one property and cannot tell records of one timestamp apart by it. So it is
never paged: each request asks for ids beyond the last one seen, sorted by id, within a fixed lower bound. Ids are
unique, so this ends, misses nothing at any number of equal timestamps, and never meets the cap.
Limits: developers.hubspot.com, "CRM API | Search" and "API usage guidelines".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Literal

from connectors.hubspot.client import HubSpotClient, Reading
from connectors.hubspot.positions import CLOCK_SLACK, Position, moment, position_of, refuse_future
from connectors.hubspot.records import archived_records, live_records
from connectors.hubspot.streams import (
    ALWAYS,
    LARGEST_BATCH,
    LONGEST_PROPERTY_LIST,
    OVERLAP,
    modified_property,
)
from connectors.record import CursorState, JsonObject, Page, utc_text
from connectors.transport import PageGuard, no_progress

ID_ONLY: Final = ("hs_object_id",)

NOT_FOUND: Final = "OBJECT_NOT_FOUND"
"""Category of the error inside a 207 for a record that is archived, merged away or purged."""

ReadingKind = Literal["incremental", "full"]


@dataclass(slots=True)
class Sizes:
    """Records per request. HubSpot's own limits are 100 per list page and 200 per search."""

    list_page: int = 100
    search_page: int = 200


@dataclass(slots=True)
class ObjectReader:
    """Reads one kind of object of one account. `chosen` limits the properties; None asks for all there are."""

    client: HubSpotClient
    kind: str
    sizes: Sizes = field(default_factory=Sizes)
    chosen: tuple[str, ...] | None = None
    overlap: timedelta = OVERLAP
    _properties: tuple[str, ...] | None = None
    _labels: dict[str, str] | None = None

    @property
    def path(self) -> str:
        """Where this kind of object lives."""
        return f"/crm/v3/objects/{self.kind}"

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of this kind of object from `cursor` on; see `Connector.pull`."""
        if full or cursor is None:
            yield from self._complete(Position("list"), "full")
            return
        position = position_of(cursor)
        if position.phase == "list":
            yield from self._complete(position, "incremental")
        elif position.phase == "archived":
            yield from self._archived(position, "incremental")
        else:
            yield from self._changed(position)

    def count(self) -> int:
        """How many live records there are, by the search index."""
        body = {"limit": 1, "properties": ["hs_object_id"], "filterGroups": []}
        return int(self.client.read(f"{self.path}/search", body, search=True).json.get("total", 0))

    def _complete(self, position: Position, reading: ReadingKind) -> Iterator[Page]:
        """Everything that lives, then what is archived. `reading` is `full` only when it began in this session."""
        for answer, after in self.listed(position.after):
            position = position.begun(answer.at)
            records = live_records(answer.json["results"], _horizon(answer.at))
            following = position.to("list", after) if after else position.to("archived")
            yield Page(self.kind, records, following.state(), reading)
        position = replace(position, full_at=position.next)
        yield from self._archived(position.to("archived"), reading)

    def _archived(self, position: Position, reading: ReadingKind) -> Iterator[Page]:
        """All archived records HubSpot still knows (90 days); the last page of every reading."""
        for answer, after in self.listed(position.after, archived=True):
            records = archived_records(answer.json["results"], _horizon(answer.at))
            following = position.to("archived", after) if after else position.done()
            yield Page(self.kind, records, following.state(), reading, last=not after)

    def _changed(self, position: Position) -> Iterator[Page]:
        """Everything changed since the last reading began, by ascending id, then what is archived."""
        fits = len(",".join(self.properties())) <= LONGEST_PROPERTY_LIST
        for found, last_id in self.searched(position, self.properties() if fits else ID_ONLY):
            answer = found if fits else self._with_properties(found)
            position = position.begun(answer.at)
            records = live_records(answer.json["results"], _horizon(answer.at))
            following = position.to("search", last_id) if last_id else position.to("archived")
            yield Page(self.kind, records, replace(following, since=position.since).state())
        yield from self._archived(position.to("archived"), "incremental")

    def listed(
        self, after: str = "", *, archived: bool = False, ids_only: bool = False
    ) -> Iterator[tuple[Reading, str]]:
        """List pages with the token of the next one, empty on the last."""
        guard = PageGuard()
        if after:
            guard.watch(after, records=1)
        names = ID_ONLY if ids_only else self.properties()
        in_query = len("%2C".join(names)) <= LONGEST_PROPERTY_LIST
        while True:
            query = {"limit": str(self.sizes.list_page), "archived": str(archived).lower()}
            query |= {"properties": ",".join(names if in_query else ID_ONLY)}
            query |= {"after": after} if after else {}
            answer = self.client.get(self.path, query, must_list="results")
            results = answer.json["results"]
            after = next_token(answer.json)
            guard.watch(after, records=len(results))
            yield (answer if in_query else self._with_properties(answer, archived=archived)), after
            if not after:
                return

    def _with_properties(self, page: Reading, *, archived: bool = False) -> Reading:
        """The same page with every property, by batch read, because the names fit into no address and no search.

        A record that went away between the two requests is left out: what the page alone says of it is next to
        nothing, and the archived list or the winner of its merge will tell.
        """
        items = page.json["results"]
        ids = [str(one) for one in _ids(items)]
        found: dict[str, Any] = {}
        for start in range(0, len(ids), LARGEST_BATCH):
            inputs = [{"id": one} for one in ids[start : start + LARGEST_BATCH]]
            body = {"inputs": inputs, "properties": list(self.properties())}
            suffix = "?archived=true" if archived else ""
            answer = self.client.read(f"{self.path}/batch/read{suffix}", body).json
            refuse_errors(answer, NOT_FOUND)
            if len(answer["results"]) < len(inputs) and not answer.get("errors"):
                raise no_progress("partial_answer", "A batch read left records out without saying why.")
            found |= {str(item["id"]): item for item in answer["results"]}
        unreadable = [item for item in items if not _ids([item])]
        return Reading({"results": [found[one] for one in ids if one in found] + unreadable}, page.at)

    def searched(self, position: Position, names: tuple[str, ...]) -> Iterator[tuple[Reading, str]]:
        """Search answers from `position` on, each with the last id when there may be more, else empty."""
        floor = moment(position.since or "")
        lower = int((floor - self.overlap).timestamp() * 1000)
        last = int(position.after or 0) if position.phase == "search" else 0
        while True:
            answer = self.client.read(f"{self.path}/search", self._question(lower, last, names), search=True)
            refuse_future(position.since or "", answer.at)
            ids = _ids(answer.json["results"])
            more = bool(next_token(answer.json))
            if (more and not ids) or any(one >= other for one, other in pairwise((last, *ids))):
                raise no_progress(
                    "search_out_of_order", "A search answered with ids that do not ascend from the last one."
                )
            last = ids[-1] if ids else last
            yield answer, str(last) if more else ""
            if not more:
                return

    def _question(self, lower: int, last: int, names: tuple[str, ...]) -> JsonObject:
        """One search: changed since `lower` (milliseconds), id beyond `last`, by id."""
        filters = [{"propertyName": modified_property(self.kind), "operator": "GTE", "value": str(lower)}]
        if last:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": str(last)})
        return {
            "limit": self.sizes.search_page,
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(names),
        }

    def properties(self) -> tuple[str, ...]:
        """Property names to ask for: those chosen, else all HubSpot describes. Asked for once per reader."""
        if self._properties is None:
            names = self.chosen if self.chosen is not None else tuple(self.described())
            self._properties = tuple(dict.fromkeys((*names, modified_property(self.kind), *ALWAYS)))
        return self._properties

    def described(self) -> dict[str, str]:
        """Every property HubSpot describes: its name and its label. Asked for once per reader."""
        if self._labels is None:
            answer = self.client.get(f"/crm/v3/properties/{self.kind}", must_list="results")
            self._labels = {
                item["name"]: str(item.get("label") or item["name"]) for item in answer.json["results"]
            }
        return self._labels


def refuse_errors(answer: JsonObject, harmless: str) -> None:
    """Raise when a batch was answered in part: a record left out would look like one that lost something.

    harmless: category or subcategory of the errors that only say there is nothing.
    """
    for error in answer.get("errors") or []:
        if harmless not in f"{error.get('category')} {error.get('subCategory')}":
            raise no_progress("partial_answer", "HubSpot could not read every record of a batch.")


def next_token(answer: JsonObject) -> str:
    """The token of the next page, empty at the end."""
    following = (answer.get("paging") or {}).get("next") or {}
    return str(following.get("after") or "")


def _ids(items: list[Any]) -> list[int]:
    """The ids of a page in its order; items without a readable one are left to be quarantined."""
    found = (item.get("id") if isinstance(item, dict) else None for item in items)
    return [int(one) for one in found if one is not None and str(one).isdecimal()]


def _horizon(now: datetime) -> str:
    """Stamps beyond this lie in HubSpot's future."""
    return utc_text(now + CLOCK_SLACK)

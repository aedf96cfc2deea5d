"""Reading one object: everything, or what changed since, by stamp and id, deleted and merged records included.

A query's result is paged by Salesforce (`nextRecordsUrl`). Where that place is forgotten, the query is asked again
behind the last stored record: `stamp >= S AND (stamp > S OR Id > I)`, which leaves none out however many share a stamp.
Where Salesforce gives up on a query, what is left is read in shorter windows of time (`windows`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

import structlog

from connectors.errors import SkipStream
from connectors.record import CursorState, JsonObject, Page, utc_text
from connectors.salesforce.answers import FieldGone, LocatorGone
from connectors.salesforce.client import Reading, SalesforceClient
from connectors.salesforce.positions import (
    CLOCK_SLACK,
    Position,
    literal,
    moment,
    position_of,
    refuse_future,
)
from connectors.salesforce.records import literal_of, records_of, version_of
from connectors.salesforce.shapes import Shape
from connectors.salesforce.streams import LARGEST_PAGE, LONGEST_TARGET, OVERLAP
from connectors.salesforce.windows import BEGINNING, TOO_MUCH, Windows
from connectors.transport import PageGuard

LOG = structlog.get_logger(__name__)

ReadingKind = Literal["incremental", "full"]

MOST_NAMED = 10
"""Fields named in an error before it says how many more there are."""


@dataclass(slots=True)
class ObjectReader:
    """Reads one object of one org. refresh: how often everything is read, to find purged records and silent changes."""

    client: SalesforceClient
    name: str
    page_size: int = LARGEST_PAGE
    refresh: timedelta = timedelta(days=7)
    overlap: timedelta = OVERLAP
    _shape: Shape | None = None
    _now: datetime | None = None

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of this object from `cursor` on; see `Connector.pull`."""
        position = None if full or cursor is None else position_of(cursor)
        shape = self.shape()
        everything = Position("all", fields=",".join(shape.names))
        if position is None:
            return self._read(everything, "full", frozenset())
        known = position.known_fields()
        refuse_lost(known - set(shape.names), set(shape.names) - known)
        if position.phase != "done":
            return self._read(position, "incremental", known)
        if not shape.stamp or not position.since or self._due(position) or set(shape.names) - known:
            return self._read(everything, "full", known)
        return self._read(replace(position, phase="changed"), "incremental", known)

    def count(self) -> int:
        """How many live records the user may see; counted in parts where Salesforce cannot count all at once."""
        try:
            return self._counted([])
        except TOO_MUCH as refusal:
            refused: Exception = refusal
        windows, counted, halved = self._windows(), 0, True
        while windows.halve(None) if halved else windows.passed():
            try:
                counted += self._counted(windows.conditions())
                halved = False
            except TOO_MUCH as refusal:
                refused, halved = refusal, True
        if halved:
            raise refused
        return counted

    def _counted(self, conditions: list[str]) -> int:
        """How many live records fulfill some conditions."""
        found = self.client.query(f"SELECT count() FROM {self.name}{_where(conditions)}", deleted=False)  # noqa: S608 - a checked name
        return int(found.json.get("totalSize") or 0)

    def shape(self) -> Shape:
        """The object as described; asked for once per reader."""
        if self._shape is None:
            described = self.client.get(f"sobjects/{self.name}/describe", must_list="fields")
            self._shape = Shape.of(self.name, described.json)
            self._now = described.at
        return self._shape

    def _windows(self) -> Windows:
        """One window without start and end, to be halved where that is too much."""
        shape = self.shape()
        return Windows(shape.stamp, self._now or BEGINNING)

    def _due(self, position: Position) -> bool:
        """Whether everything has to be read again, by Salesforce's clock."""
        if self._now is None or not position.full_at:
            return True
        return self._now - moment(position.full_at) >= self.refresh

    def _read(self, position: Position, reading: ReadingKind, guarded: frozenset[str]) -> Iterator[Page]:
        """Pages from a position to the end. guarded: fields whose values the hub holds, which must not be lost."""
        guard, address, windows = PageGuard(), "", self._windows()
        restarted_at: Position | None = None
        while True:
            shape = self.shape()
            try:
                answer = self._answer(address, position, shape, windows)
            except LocatorGone:
                if restarted_at == position:
                    raise
                address, restarted_at = "", position
                continue
            except FieldGone:
                position = self._without_lost(shape, position, guarded)
                address = ""
                continue
            except TOO_MUCH as refusal:
                if not windows.halve(self._reached(position)):
                    raise
                LOG.info("half the window is asked instead", object=self.name, code=refusal.code)
                address = ""
                continue
            position = position.begun(answer.at)
            address = str(answer.json.get("nextRecordsUrl") or "")
            items = answer.json["records"]
            if address:
                guard.watch(address, records=len(items))
            records = records_of(items, shape, utc_text(answer.at + CLOCK_SLACK))
            position = _past(position, items, shape)
            last = not address and not windows.passed()
            following = position.done() if last else position
            if items or last:
                yield Page(self.name, records, following.state(), reading, last=last)
            if last:
                return

    def _answer(self, address: str, position: Position, shape: Shape, windows: Windows) -> Reading:
        """The next rows of a result, or the first ones behind a position."""
        wide = _does_not_fit(shape)
        if address:
            answer = self.client.more(address, batch=self.page_size)
        else:
            answer = self.client.query(
                self._soql(position, shape, shape.bookkeeping if wide else shape.selected, windows),
                batch=self.page_size,
            )
            if position.since and not position.next:
                refuse_future(position.since, answer.at)
        self._complete_children(answer.json["records"], shape)
        return self._with_fields(answer, shape) if wide else answer

    def _complete_children(self, items: list[Any], shape: Shape) -> None:
        """Fetch what Salesforce cut off the children of a row: they are paged as any result is."""
        for relation, _ in shape.children:
            for item in items:
                inner = item.get(relation) if isinstance(item, dict) else None
                if isinstance(inner, dict) and inner.get("nextRecordsUrl"):
                    item[relation] = self._whole(inner)

    def _whole(self, cut: JsonObject) -> JsonObject:
        """A result with all of its rows."""
        rows, address, guard = list(cut["records"]), str(cut["nextRecordsUrl"]), PageGuard()
        while address:
            guard.watch(address, records=len(rows))
            answer = self.client.more(address, batch=self.page_size).json
            rows += answer["records"]
            address = str(answer.get("nextRecordsUrl") or "")
        return {"totalSize": cut.get("totalSize"), "done": True, "records": rows}

    def _reached(self, position: Position) -> datetime | None:
        """The moment before which nothing more is asked; None where everything is."""
        if position.stamp:
            return moment(position.stamp)
        return (
            moment(position.since) - self.overlap if position.phase == "changed" and position.since else None
        )

    def _soql(self, position: Position, shape: Shape, selected: str, windows: Windows) -> str:
        """The query for what lies behind a position and in a window, in an order that can be resumed."""
        conditions = []
        if position.id and position.stamp and shape.stamp:
            conditions = [
                f"{shape.stamp} >= {position.stamp}",
                f"({shape.stamp} > {position.stamp} OR Id > '{position.id}')",
            ]
        elif position.id and not shape.stamp:
            conditions = [f"Id > '{position.id}'"]
        elif position.phase == "changed" and position.since:
            conditions = [f"{shape.stamp} >= {literal(moment(position.since) - self.overlap)}"]
        where = _where(conditions + windows.conditions())
        order = f"{shape.stamp} ASC, Id ASC" if shape.stamp else "Id ASC"
        return f"SELECT {selected} FROM {self.name}{where} ORDER BY {order}"  # noqa: S608 - names from describe

    def _with_fields(self, page: Reading, shape: Shape) -> Reading:
        """The same rows with every field, fetched by id, because the names fit into no address.

        A row that went away between the two requests is left out: it comes again, as deleted, with a later stamp.
        Deleted rows cannot be fetched by id and stay as thin as they came.
        """
        items = page.json["records"]
        live = [
            one["Id"] for one in items if isinstance(one, dict) and one.get("Id") and not one.get("IsDeleted")
        ]
        found: dict[str, Any] = {}
        for start in range(0, len(live), LARGEST_PAGE):
            some = live[start : start + LARGEST_PAGE]
            found |= {one["Id"]: one for one in self.client.retrieve(self.name, some, shape.columns) if one}
        gone = set(live) - found.keys()
        kept = [one for one in items if not (isinstance(one, dict) and one.get("Id") in gone)]
        full = [one | found.get(str(one.get("Id")), {}) if isinstance(one, dict) else one for one in kept]
        return Reading({**page.json, "records": full}, page.at)

    def _without_lost(self, asked: Shape, position: Position, guarded: frozenset[str]) -> Position:
        """Describe again after a field vanished; the position then goes on with the fields that are left."""
        self._shape = None
        lost = set(asked.names) - set(self.shape().names)
        if not lost and self.shape() == asked:
            raise SkipStream(
                code="field_not_found",
                do="Report this: Salesforce describes a field that it does not let the user query.",
                happened="Salesforce refuses a field that it describes.",
            )
        refuse_lost(lost & guarded, set(self.shape().names) - set(asked.names))
        return replace(position, fields=",".join(self.shape().names))


def _where(conditions: list[str]) -> str:
    """Conditions as the end of a query; nothing where there are none."""
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def refuse_lost(lost: set[str] | frozenset[str], fresh: set[str]) -> None:
    """Raise when fields that were read before can no longer be seen: going on would empty what the hub holds.

    Whether they were taken away from the user, renamed or removed from the org, Salesforce does not say; a person does.
    fresh: fields that were not there before, one of which may be a lost one by its new name.
    """
    if not lost:
        return
    new_ones = f" New since then: {_named(fresh)}." if fresh else ""
    raise SkipStream(
        code="fields_hidden",
        do="Give the integration user read access to these fields again (field-level security). If they were renamed "
        "or removed on purpose, run the sync once with --full; it tells which new field holds the same values.",
        happened=f"Fields that were read before can no longer be seen: {_named(lost)}.{new_ones}",
    )


def _named(fields: set[str] | frozenset[str]) -> str:
    """The first of some fields by name, and how many more there are."""
    more = f" and {len(fields) - MOST_NAMED} more" if len(fields) > MOST_NAMED else ""
    return ", ".join(sorted(fields)[:MOST_NAMED]) + more


def _does_not_fit(shape: Shape) -> bool:
    """Whether a query with every field would be longer than Salesforce takes."""
    return len(quote(shape.selected, safe="")) > LONGEST_TARGET


def _past(position: Position, items: list[Any], shape: Shape) -> Position:
    """The position behind a page's last row. It stays where it was when the rows came in another order than asked."""
    rows = [one for one in items if isinstance(one, dict) and one.get("Id")]
    if not rows:
        return position
    if not shape.stamp:
        return position.past(None, rows[-1]["Id"])
    stamps = [one.get(shape.stamp) or "" for one in rows]
    version = version_of(stamps[-1])
    if version is None or stamps != sorted(stamps):
        return position
    return position.past(literal_of(version), rows[-1]["Id"])

"""What the simulated account holds, and how it is edited: objects, associations, archived and merged records."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from partnerhub.simulator.hubspot.properties import COMMON, PROPERTIES, modified_property

Properties = dict[str, str | None]

TYPE_IDS: Final = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("notes", "contacts"): 202,
    ("notes", "companies"): 190,
    ("notes", "deals"): 214,
    ("tasks", "contacts"): 204,
    ("tasks", "companies"): 192,
    ("tasks", "deals"): 216,
    ("calls", "contacts"): 194,
    ("calls", "companies"): 182,
    ("calls", "deals"): 206,
    ("emails", "contacts"): 198,
    ("emails", "companies"): 186,
    ("emails", "deals"): 210,
    ("meetings", "contacts"): 200,
    ("meetings", "companies"): 188,
    ("meetings", "deals"): 212,
    ("tickets", "contacts"): 16,
    ("tickets", "companies"): 339,
    ("tickets", "deals"): 28,
    ("companies", "companies"): 14,
}
"""(from, to) → HubSpot's own association type id; 14 reads "child to parent company"."""

PARENT_TO_CHILD: Final = 13

PRIMARY: Final = {("contacts", "companies"): 1, ("deals", "companies"): 5, ("tickets", "companies"): 26}
"""(from, to) → type id of the primary company, given beside the plain one."""


@dataclass(slots=True, eq=False)
class HubSpotObject:
    """One record. `indexed` is what the search index still shows, until the index has caught up with `changed_at`."""

    id: int
    properties: Properties
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    changed_at: datetime | None = None
    indexed: HubSpotObject | None = None
    rendered: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def render(self, names: tuple[str, ...]) -> bytes:
        """The record as JSON with these properties, kept until the next change."""
        found = self.rendered.get(names)
        if found is None:
            found = self.rendered[names] = orjson.dumps(self._plain(names))
        return found

    def _plain(self, names: tuple[str, ...]) -> dict[str, object]:
        plain: dict[str, object] = {
            "id": str(self.id),
            "properties": {name: self.properties.get(name) for name in names},
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "archived": self.archived_at is not None,
        }
        return plain if self.archived_at is None else {**plain, "archivedAt": iso(self.archived_at)}


class Store:
    """All objects by kind and id, associations in both directions. Every edit moves the record's modification time.

    now: the account's clock; tests set it, the demo leaves it at the world's present. Threads may share the store.
    """

    def __init__(self, now: datetime) -> None:
        """An empty account."""
        self.now = now
        self.generation = 0
        self.lock = threading.RLock()
        self.objects: dict[str, dict[int, HubSpotObject]] = {kind: {} for kind in PROPERTIES}
        self.links: dict[tuple[str, str], dict[int, dict[int, set[int]]]] = {}
        self.merged_into: dict[tuple[str, int], int] = {}
        self.owners: list[dict[str, object]] = []
        self.extra_properties: dict[str, set[str]] = {}
        self.removed_properties: dict[str, set[str]] = {}
        self._sorted: dict[tuple[str, bool], tuple[int, list[HubSpotObject]]] = {}

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by

    def put(
        self,
        kind: str,
        number: int,
        properties: Properties,
        *,
        created_at: datetime,
        updated_at: datetime,
        archived_at: datetime | None = None,
    ) -> HubSpotObject:
        """Place a record as it was typed long ago; the search index knows it already."""
        found = HubSpotObject(number, properties, created_at, updated_at, archived_at)
        self._stamp(kind, found)
        with self.lock:
            self.objects.setdefault(kind, {})[number] = found
            known = PROPERTIES.get(kind, {})
            self.extra_properties.setdefault(kind, set()).update(
                n for n in properties if n not in known and n not in COMMON
            )
            self.generation += 1
        return found

    def get(self, kind: str, number: int) -> HubSpotObject | None:
        """A record by its id or by the id of one that was merged into it."""
        seen = {number}
        while (kind, number) in self.merged_into:
            number = self.merged_into[kind, number]
            if number in seen:
                return None
            seen.add(number)
        return self.objects.get(kind, {}).get(number)

    def listed(self, kind: str, *, archived: bool) -> list[HubSpotObject]:
        """All live or all archived records by ascending id."""
        with self.lock:
            generation, found = self._sorted.get((kind, archived), (-1, []))
            if generation != self.generation:
                everything = self.objects.get(kind, {}).values()
                found = sorted(
                    (o for o in everything if (o.archived_at is not None) == archived), key=lambda o: o.id
                )
                self._sorted[kind, archived] = (self.generation, found)
            return found

    def indexed(self, kind: str, lag: timedelta) -> Iterator[tuple[HubSpotObject, HubSpotObject]]:
        """(record, what the search index shows of it), for live records the index knows."""
        for found in list(self.objects.get(kind, {}).values()):
            lags = lag and found.changed_at is not None and self.now - found.changed_at < lag
            shown = found.indexed if lags else found
            if shown is not None and shown.archived_at is None:
                yield found, shown

    # ---- edits

    def update(self, kind: str, number: int, **changes: str | None) -> None:
        """Change properties; raises `KeyError` for an unknown record."""
        with self._changing(kind, number) as found:
            found.properties = {**found.properties, **changes}
            self.extra_properties.setdefault(kind, set()).update(
                n for n in changes if n not in PROPERTIES.get(kind, {})
            )

    def rename_property(self, kind: str, before: str, after: str) -> int:
        """Delete a property after its values were copied into a new one; returns how many records held one.

        HubSpot cannot rename a property: this is how people do it. The new one is there even if nothing was copied.
        """
        with self.lock:
            held = [
                number
                for number, found in self.objects[kind].items()
                if found.archived_at is None and found.properties.get(before) is not None
            ]
            for number in held:
                self.update(kind, number, **{after: self.objects[kind][number].properties[before]})
            self.extra_properties.setdefault(kind, set()).add(after)
            self.remove_property(kind, before)
            return len(held)

    def remove_property(self, kind: str, name: str) -> None:
        """Delete a property with its values; as at HubSpot, no record counts as modified by it."""
        with self.lock:
            self.removed_properties.setdefault(kind, set()).add(name)
            self.extra_properties.get(kind, set()).discard(name)
            for found in self.objects[kind].values():
                found.properties = {key: value for key, value in found.properties.items() if key != name}
                found.rendered.clear()
            self.generation += 1

    def add(self, kind: str, properties: Properties, number: int | None = None) -> int:
        """A new record, its id beyond all others unless given; returns the id."""
        with self.lock:
            number = number or self._fresh_id(kind)
            found = self.put(kind, number, dict(properties), created_at=self.now, updated_at=self.now)
            found.changed_at = self.now
            return number

    def archive(self, kind: str, number: int) -> None:
        """Archive a record; as at HubSpot, its modification time stays what it was."""
        with self._changing(kind, number, touch=False) as found:
            found.archived_at = self.now

    def purge(self, kind: str, number: int) -> None:
        """A record is gone for good: in no list, not even that of archived ones."""
        with self.lock:
            self.objects[kind].pop(number)
            self.generation += 1

    def restore(self, kind: str, number: int) -> None:
        """Bring an archived record back."""
        with self._changing(kind, number) as found:
            found.archived_at = None

    def touch(self, kind: str, numbers: Iterable[int], at: datetime) -> None:
        """Set the modification time of many records to one moment, as a batch update does."""
        with self.lock:
            for number in numbers:
                found = self.objects[kind][number]
                found.updated_at = at
                found.rendered.clear()
                self._stamp(kind, found)
            self.generation += 1

    def merge(self, kind: str, winner: int, loser: int) -> int:
        """Merge two records; both ids give way to a new one, which lists them. Returns the new id."""
        with self.lock:
            number = self._fresh_id(kind)
            first, second = self.objects[kind].pop(winner), self.objects[kind].pop(loser)
            gone = [str(winner), str(loser), *_listed(first), *_listed(second)]
            filled = {name: value for name, value in first.properties.items() if value is not None}
            self.add(kind, {**second.properties, **filled, "hs_merged_object_ids": ";".join(gone)}, number)
            if kind == "contacts":
                at = int(self.now.timestamp() * 1000)
                self.objects[kind][number].properties["hs_calculated_merged_vids"] = ";".join(
                    f"{one}:{at}" for one in gone
                )
            for one in (winner, loser):
                self.merged_into[kind, one] = number
                self._move_links(kind, one, number)
            return number

    def associate(self, pair: tuple[str, str], one: int, other: int, *types: int) -> None:
        """Associate two records in both directions. As at HubSpot, neither record's modification time moves."""
        given = types or (
            TYPE_IDS.get(pair, 1),
            *((PRIMARY[pair],) if pair in PRIMARY and not self.ends(pair, one) else ()),
        )
        back = (
            (PARENT_TO_CHILD,)
            if pair[0] == pair[1]
            else (TYPE_IDS.get(pair[::-1], TYPE_IDS.get(pair, 1) - 1),)
        )
        with self.lock:
            self.links.setdefault(pair, {}).setdefault(one, {}).setdefault(other, set()).update(given)
            self.links.setdefault(pair[::-1], {}).setdefault(other, {}).setdefault(one, set()).update(back)

    def dissociate(self, pair: tuple[str, str], one: int, other: int) -> None:
        """Take an association away, in both directions."""
        with self.lock:
            self.links.get(pair, {}).get(one, {}).pop(other, None)
            self.links.get(pair[::-1], {}).get(other, {}).pop(one, None)

    def ends(self, pair: tuple[str, str], one: int) -> dict[int, set[int]]:
        """Live records at the other end, with their association types."""
        found = self.links.get(pair, {}).get(one, {})
        others = self.objects.get(pair[1], {})
        return {
            other: types
            for other, types in sorted(found.items())
            if other in others and others[other].archived_at is None
        }

    # ---- inside

    def _changing(self, kind: str, number: int, *, touch: bool = True) -> _Change:
        return _Change(self, kind, self.objects[kind][number], touch=touch)

    def _fresh_id(self, kind: str) -> int:
        gone = (number for of, number in self.merged_into if of == kind)
        return max([*self.objects.get(kind, {}), *gone], default=0) + 1

    def _move_links(self, kind: str, old: int, new: int) -> None:
        """Hand a merged record's associations to the winner."""
        for (from_kind, to_kind), ends in list(self.links.items()):
            if from_kind != kind:
                continue
            for other, types in list(ends.pop(old, {}).items()):
                back = self.links[to_kind, from_kind][other].pop(old)
                if other != new:
                    ends.setdefault(new, {}).setdefault(other, set()).update(types)
                    self.links[to_kind, from_kind][other].setdefault(new, set()).update(back)

    def _stamp(self, kind: str, found: HubSpotObject) -> None:
        """Write the properties that say what the record itself says."""
        created = "createdate" if kind in ("companies", "contacts", "deals", "tickets") else "hs_createdate"
        own = {
            "hs_object_id": str(found.id),
            created: iso(found.created_at),
            modified_property(kind): iso(found.updated_at),
        }
        found.properties.update(own)


class _Change:
    """One edit: keeps what the index shows, then moves the modification time."""

    def __init__(self, store: Store, kind: str, found: HubSpotObject, *, touch: bool) -> None:
        self._store, self._kind, self._found, self._touch = store, kind, found, touch

    def __enter__(self) -> HubSpotObject:
        self._store.lock.acquire()
        found = self._found
        found.indexed = HubSpotObject(
            found.id, found.properties, found.created_at, found.updated_at, found.archived_at
        )
        return found

    def __exit__(self, *_: object) -> None:
        found = self._found
        found.changed_at = self._store.now
        if self._touch:
            found.updated_at = self._store.now
        found.properties = dict(found.properties)
        self._store._stamp(self._kind, found)  # noqa: SLF001 - an edit is a part of the store
        found.rendered.clear()
        self._store.generation += 1
        self._store.lock.release()


def _listed(found: HubSpotObject) -> list[str]:
    """The ids a record has swallowed before."""
    return [one for one in (found.properties.get("hs_merged_object_ids") or "").split(";") if one]


def iso(moment: datetime) -> str:
    """UTC with milliseconds, as HubSpot writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

"""What a field that went away meant: looked up in the versions that landed before and since."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.errors import SkipRecord
from mappings.places import filled_fields, relabeled, without_field
from mappings.rows import StagedOutput
from pipelines.land.content import decode
from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from mappings.rows import StreamMapping
    from warehouse.database import Connection

Stage = Callable[[str, int, dict[str, Any]], StagedOutput]
"""Source id, raw id and payload → what the rules make of it."""

MOST_LOOKED_AT: Final = 2_000
"""Earlier versions searched for the field, newest first."""
MOST_COMPARED: Final = 400
MOST_STAGED: Final = 100
SAME_SHARE: Final = 0.9
"""Share of the compared records in which a new field must say what the old one said."""
CUSTOM: Final = "custom_json"
CUSTOM_FIELD: Final = "custom."
WHOLE_RECORD: Final = "record"
"""Stands for a record that cannot be staged at all without the field."""
CANNOT_READ: Final = (SkipRecord, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a mapping raises for a payload: its own words, or whatever comes of a shape nobody thought of."""
LATEST: Final = "9999-12-31T00:00:00.000000Z"

Versions = dict[str, tuple[int, dict[str, Any]]]
"""Source id → (raw id, payload)."""


class LostField(NamedTuple):
    """One row of `stream_field` that is gone, or called otherwise than before."""

    name: str
    label: str
    former_label: str | None
    gone_since_at: str | None


class Lost(NamedTuple):
    """What is told about one field.

    fills: staged fields that hang on it. twin: the new field with the same values, in `same` of `compared` records.
    fresh: fields that are new. held: whether the last values stay.
    """

    field: LostField
    fills: tuple[str, ...]
    twin: str = ""
    same: int = 0
    compared: int = 0
    fresh: tuple[str, ...] = ()
    held: bool = True


class Twin(NamedTuple):
    """The new field that says what a lost one said, "" for none. rekeyed: whether no record kept its id."""

    field: str
    same: int
    compared: int
    rekeyed: bool


@dataclass(slots=True)
class Search:
    """Looks at what landed in one stream."""

    connection: Connection
    place: tuple[str, str]
    mapping: StreamMapping
    stage: Stage

    def lost(self, lost: LostField) -> Lost | None:
        """What is to be told about one field; None when nothing hangs on it.

        A field that only filled a custom one and has a twin is no loss: its values stand there under the new name; once
        the twin is mapped there is nothing left to tell.
        """
        if lost.gone_since_at is None:
            fills = self.filled_by_label(lost)
            return Lost(lost, fills) if fills else None
        had = self.versions_with(lost.name, lost.gone_since_at)
        fills = self.filled_by(lost.name, had)
        if not fills:
            return None
        fresh = self.fresh_fields()
        found = self.twin_of(lost, had, fresh)
        moved = bool(found.field) and only_custom(fills)
        if moved and not only_custom(self.filled_by(found.field, self.versions_with(found.field, LATEST))):
            return None
        return Lost(lost, fills, found.field, found.same, found.compared, fresh, held=not moved)

    def versions_with(self, name: str, before: str) -> Versions:
        """The last versions before a moment in which the field held something."""
        rows = self.connection.query(
            "SELECT source_id, raw_id, payload FROM raw_record WHERE source = ? AND stream = ? AND landed_at < ?"
            f" AND payload IS NOT NULL AND quarantine IS NULL ORDER BY raw_id DESC LIMIT {MOST_LOOKED_AT}",
            (*self.place, before),
        )
        found: Versions = {}
        seen: set[str] = set()
        for source_id, raw_id, content in rows:
            if source_id in seen or len(found) == MOST_COMPARED:
                continue
            seen.add(source_id)
            payload = decode(content)
            if name in filled_fields(self.mapping, payload):
                found[source_id] = (raw_id, payload)
        return found

    def filled_by(self, name: str, had: Versions) -> tuple[str, ...]:
        """The staged fields that would differ had the records never had the field."""
        differ: set[str] = set()
        for source_id, (raw_id, payload) in list(had.items())[:MOST_STAGED]:
            differ |= self.difference(source_id, raw_id, payload, without_field(self.mapping, payload, name))
        return tuple(sorted(differ))

    def filled_by_label(self, lost: LostField) -> tuple[str, ...]:
        """What is filled only while the field is called as before; custom fields merely change their names."""
        before = {lost.name: lost.former_label or lost.label}
        now = {lost.name: lost.label}
        differ: set[str] = set()
        for source_id, (raw_id, payload) in list(self.versions_with(lost.name, LATEST).items())[:MOST_STAGED]:
            first, second = (relabeled(self.mapping, payload, labels) for labels in (before, now))
            differ |= self.difference(source_id, raw_id, first, second)
        return tuple(sorted(name for name in differ if not name.startswith(CUSTOM_FIELD)))

    def difference(
        self, source_id: str, raw_id: int, first: dict[str, Any], second: dict[str, Any]
    ) -> set[str]:
        """Staged fields that the first payload fills and the second leaves empty or fills otherwise."""
        filled = self.fields_of(source_id, raw_id, first)
        if filled is None:
            return set()  # a version the rules cannot read says nothing
        left = self.fields_of(source_id, raw_id, second)
        if left is None:
            return {WHOLE_RECORD}
        return {name for name, value in filled.items() if value and left.get(name) != value}

    def fields_of(self, source_id: str, raw_id: int, payload: dict[str, Any]) -> dict[str, Any] | None:
        """What a payload becomes, None where the rules cannot read it: it was told when it was staged."""
        try:
            output = self.stage(source_id, raw_id, payload)
        except CANNOT_READ:
            return None
        return staged_fields(output)

    def fresh_fields(self) -> tuple[str, ...]:
        """The fields that came after the stream was first read and are there now."""
        rows = self.connection.query(
            "SELECT field FROM stream_field WHERE source = ? AND stream = ? AND gone_since_at IS NULL"
            " AND first_seen_at > (SELECT min(first_seen_at) FROM stream_field WHERE source = ? AND stream = ?)"
            " ORDER BY field",
            (*self.place, *self.place),
        )
        return tuple(str(row[0]) for row in rows)

    def twin_of(self, lost: LostField, had: Versions, fresh: tuple[str, ...]) -> Twin:
        """The new field that says what the old one said."""
        before = {
            one: shown(filled_fields(self.mapping, payload)[lost.name]) for one, (_, payload) in had.items()
        }
        now = self.fields_since(lost.gone_since_at or LATEST, list(before))
        shared = [one for one in before if one in now]
        best = Twin("", 0, len(shared or before), rekeyed=not shared)
        for candidate in fresh:
            values = {one: shown(held[candidate]) for one, held in now.items() if candidate in held}
            same = sum(values.get(one) == before[one] for one in shared)
            if best.rekeyed:  # they are other records now: compare what stands in all of them
                same = (Counter(values.values()) & Counter(before.values())).total()
            if same > best.same and same >= SAME_SHARE * best.compared:
                best = best._replace(field=candidate, same=same)
        return best

    def fields_since(self, since: str, wanted: list[str]) -> dict[str, dict[str, Any]]:
        """Source id → filled fields of live versions that came since; of any records when none of the wanted came."""
        query = (
            "SELECT c.source_id, r.payload FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id"
            " WHERE c.source = ? AND c.stream = ? AND r.landed_at >= ? AND r.payload IS NOT NULL"
            f" AND c.op IN {LIVE}"
        )
        marks = ", ".join("?" * len(wanted))
        found = self.connection.query(f"{query} AND c.source_id IN ({marks})", (*self.place, since, *wanted))
        if not found:
            found = self.connection.query(
                f"{query} ORDER BY r.raw_id DESC LIMIT {MOST_COMPARED}", (*self.place, since)
            )
        return {str(one): filled_fields(self.mapping, decode(content)) for one, content in found}


def only_custom(fills: tuple[str, ...]) -> bool:
    """Whether nothing but custom fields hangs on a field."""
    return all(name.startswith(CUSTOM_FIELD) for name in fills)


def shown(value: Any) -> str:
    """A value as text, to be compared."""
    return value.strip() if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def staged_fields(output: StagedOutput) -> dict[str, Any]:
    """What a record became: fields of its main row, `custom.<name>`, other kinds and identifiers as a whole."""
    found: dict[str, Any] = {}
    for at, (kind, rows) in enumerate(output.rows.items()):
        if at or len(rows) != 1:
            found[kind] = sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
            continue
        found |= {name.removesuffix("_json"): value for name, value in rows[0].items() if name != CUSTOM}
        custom = json.loads(rows[0].get(CUSTOM) or "{}")
        found |= {f"{CUSTOM_FIELD}{name}": value for name, value in custom.items()}
    if output.keys:
        found["identifiers"] = sorted(output.keys)
    return found

"""What the simulated org holds and how it is edited: rows by object and id, the recycle bin, merges, permissions."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from partnerhub.simulator.salesforce.fields import CHILDREN, FIELDS, REFERENCES
from partnerhub.simulator.salesforce.identifiers import made_id
from partnerhub.simulator.salesforce.soql import Row

BIN_DAYS: Final = 15
"""Days a deleted record stays in the recycle bin."""

POLYMORPHIC: Final = frozenset({"Who", "What", "Relation"})


class Store:
    """All rows by object and id. Every edit moves `SystemModstamp`; deleting and undeleting do, too.

    now: the org's clock; tests set it, the demo leaves it at the world's present. Threads may share the store.
    """

    def __init__(self, now: datetime) -> None:
        """An empty org in which the user sees everything."""
        self.now = now
        self.generation = 0
        self.lock = threading.RLock()
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in FIELDS}
        self.fields: dict[str, list[str]] = {name: list(fields) for name, fields in FIELDS.items()}
        self.hidden_objects: set[str] = set()
        self.hidden_fields: dict[str, set[str]] = {}
        self.hidden_rows: set[str] = set()
        self.purged: dict[str, list[tuple[str, datetime]]] = {}

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by

    def put(self, kind: str, identifier: str, values: Row, *, created: datetime, changed: datetime) -> str:
        """Place a row as it was typed long ago; fields the object lacks are added to it. Returns the id."""
        stamps = {
            "CreatedDate": stamp(created),
            "LastModifiedDate": stamp(changed),
            "SystemModstamp": stamp(changed),
        }
        with self.lock:
            known = self.fields.setdefault(kind, ["Id", "IsDeleted", *stamps])
            known += [name for name in values if name not in known]
            row = dict.fromkeys(known) | {"IsDeleted": False, **stamps, **values, "Id": identifier}
            self.rows.setdefault(kind, {})[identifier] = row
            self.generation += 1
        return identifier

    def add(self, kind: str, **values: Any) -> str:
        """A new row typed in now; returns its id."""
        identifier = made_id(kind, "added", len(self.rows.get(kind, {})), self.now)
        return self.put(kind, identifier, values, created=self.now, changed=self.now)

    def update(self, kind: str, identifier: str, **changes: Any) -> None:
        """Change fields; raises `KeyError` for an unknown record."""
        with self.lock:
            known = self.fields[kind]
            known += [name for name in changes if name not in known]
            self._touch(kind, self.rows[kind][identifier] | changes)

    def touch(self, kind: str, identifiers: Iterable[str], at: datetime) -> None:
        """Give many rows one stamp, as a batch update does."""
        with self.lock:
            for identifier in identifiers:
                self.rows[kind][identifier]["SystemModstamp"] = stamp(at)
            self.generation += 1

    def delete(self, kind: str, identifier: str) -> None:
        """Put a record into the recycle bin."""
        self.update(kind, identifier, IsDeleted=True)

    def undelete(self, kind: str, identifier: str) -> None:
        """Take a record out of the recycle bin."""
        self.update(kind, identifier, IsDeleted=False)

    def purge(self, kind: str, identifier: str) -> None:
        """Delete for good: no query shows the record any more, only the delete log does."""
        with self.lock:
            del self.rows[kind][identifier]
            self.purged.setdefault(kind, []).append((identifier, self.now))
            self.generation += 1

    def merge(self, kind: str, winner: str, loser: str) -> None:
        """Merge one record into another: the loser goes to the bin, what pointed to it points to the winner."""
        with self.lock:
            self.update(kind, loser, IsDeleted=True, MasterRecordId=winner)
            kept = self.rows[kind][winner]
            filled = {name: value for name, value in self.rows[kind][loser].items() if kept.get(name) is None}
            bookkeeping = {"MasterRecordId", "IsDeleted", "ParentId"}
            self.update(kind, winner, **{n: v for n, v in filled.items() if n not in bookkeeping})
            for other, rows in self.rows.items():
                pointing = [
                    name for name in self.fields[other] if name in REFERENCES and name != "MasterRecordId"
                ]
                for row in list(rows.values()):
                    moved = {name: winner for name in pointing if row.get(name) == loser}
                    if moved and row["Id"] != loser:
                        self.update(other, row["Id"], **moved)

    def _touch(self, kind: str, row: Row) -> None:
        row |= {"LastModifiedDate": stamp(self.now), "SystemModstamp": stamp(self.now)}
        self.rows[kind][row["Id"]] = row
        self.generation += 1

    def rename_field(self, kind: str, before: str, after: str) -> None:
        """Give a field another API name, its values with it; as at Salesforce, no record counts as changed."""
        with self.lock:
            for row in self.rows[kind].values():
                row[after] = row.pop(before, None)
            self.fields[kind] = [after if name == before else name for name in self.fields[kind]]
            self.generation += 1

    def remove_field(self, kind: str, name: str) -> None:
        """Delete a field with its values; no record counts as changed."""
        with self.lock:
            for row in self.rows[kind].values():
                row.pop(name, None)
            self.fields[kind].remove(name)
            self.generation += 1

    # ---- what the user may see

    def hide_object(self, name: str) -> None:
        """Take the user's permission to read an object."""
        self.hidden_objects.add(name)

    def hide_field(self, name: str, field: str) -> None:
        """Take the user's permission to read a field (field-level security)."""
        self.hidden_fields.setdefault(name, set()).add(field)

    def hide_rows(self, *identifiers: str) -> None:
        """Let a sharing rule hide records from the user."""
        self.hidden_rows |= set(identifiers)
        self.generation += 1

    def show(self, name: str, field: str | None = None) -> None:
        """Give a permission back: to the object, or to one field of it."""
        if field is None:
            self.hidden_objects.discard(name)
        else:
            self.hidden_fields.get(name, set()).discard(field)

    def visible(self, name: str) -> list[str] | None:
        """The fields of an object the user sees, in order; None for an object it does not see."""
        if name not in self.fields or name in self.hidden_objects:
            return None
        hidden = self.hidden_fields.get(name, set())
        return [field for field in self.fields[name] if field not in hidden]

    # ---- looking along relationships

    def look(self, kind: str, row: Row, path: str) -> Any:
        """The value of a field or of a relationship path (`Owner.Name`, `What.Type`) of a row."""
        relation, _, rest = path.partition(".")
        if not rest:
            return row.get(path)
        target = self.follow(kind, row, relation)
        if target is None:
            return None
        found, other = target
        return found if rest == "Type" and relation in POLYMORPHIC else self.look(found, other, rest)

    def follow(self, kind: str, row: Row, relation: str) -> tuple[str, Row] | None:
        """(object, row) a relationship leads to; None where the reference is empty or leads nowhere."""
        for name, (target, relationship) in REFERENCES.items():
            if relationship == relation and row.get(name):
                kinds = self.rows if relation in POLYMORPHIC else (target or kind,)
                for one in kinds:
                    if row[name] in self.rows[one]:
                        return one, self.rows[one][row[name]]
        return None

    def relation(self, kind: str, relation: str, visible: list[str]) -> str | None:
        """The object a relationship of visible fields leads to; None where there is no such relationship."""
        for name, (target, relationship) in REFERENCES.items():
            if relationship == relation and name in visible:
                return target or kind
        return None

    def children(self, kind: str, row: Row, relation: str) -> tuple[str, list[Row]] | None:
        """(child object, live rows) of a child relationship; None where there is no such relationship."""
        if (kind, relation) not in CHILDREN:
            return None
        child, reference = CHILDREN[kind, relation]
        found = [one for one in self.rows[child].values() if one.get(reference) == row["Id"]]
        return child, [one for one in found if not one["IsDeleted"]]


def stamp(moment: datetime) -> str:
    """A moment as Salesforce's REST API writes it: whole seconds, three zeros, an offset without colon."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")

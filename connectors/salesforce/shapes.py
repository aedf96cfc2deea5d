"""What an object looks like to this user: the fields a query asks for, by `describe`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from connectors.record import JsonObject
from connectors.salesforce.streams import (
    CHILDREN,
    COMPOUND,
    NEVER_ASKED,
    RELATED,
    STAMPS,
    UNREADABLE_TYPES,
)

REFERENCES: Final = frozenset({"reference", "id"})
"""Field types that hold ids."""

BOOKKEEPING: Final = ("Id", "IsDeleted", "MasterRecordId", *STAMPS)
"""What says which record it is, when it changed and whether it lives."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One object as described. columns: readable fields, in the order Salesforce gives them; never empty.

    references: those that hold ids. stamp: the field that orders it by time, empty when it has none. children: (name of
    a child relationship, fields to ask of its rows) for what is read together with the object.
    """

    name: str
    columns: tuple[str, ...]
    references: tuple[str, ...]
    stamp: str
    related: tuple[str, ...] = ()
    children: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, name: str, described: JsonObject) -> Self:
        """The shape in an answer of `describe`."""
        fields = [field for field in described["fields"] if isinstance(field, dict) and field.get("name")]
        readable = [field for field in fields if _asked_for(field)]
        names = tuple(str(field["name"]) for field in readable)
        relations = {field.get("relationshipName") for field in fields}
        return cls(
            name=name,
            columns=names if "Id" in names else ("Id", *names),
            references=tuple(str(field["name"]) for field in readable if field.get("type") in REFERENCES),
            stamp=next((stamp for stamp in STAMPS if stamp in names), ""),
            related=tuple(one for one in RELATED.get(name, ()) if one.partition(".")[0] in relations),
            children=_children(name, described),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is read: fields and child relationships."""
        return (*self.columns, *(relation for relation, _ in self.children))

    @property
    def selected(self) -> str:
        """What stands behind SELECT: every field, never `*`."""
        return ", ".join((*self.columns, *self._beside()))

    @property
    def bookkeeping(self) -> str:
        """What stands behind SELECT when the fields themselves do not fit into an address."""
        return ", ".join((*(name for name in BOOKKEEPING if name in self.columns), *self._beside()))

    def _beside(self) -> tuple[str, ...]:
        """What is asked beside the object's own fields."""
        inner = (f"(SELECT {', '.join(fields)} FROM {relation})" for relation, fields in self.children)  # noqa: S608 - names from describe
        return (*self.related, *inner)


def _asked_for(field: JsonObject) -> bool:
    """Whether a described field is one to read: no compound of others, no bytes, nothing hidden or personal."""
    unreadable = field.get("type") in COMPOUND or field.get("type") in UNREADABLE_TYPES
    return not unreadable and not field.get("deprecatedAndHidden") and field["name"] not in NEVER_ASKED


def _children(name: str, described: JsonObject) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The child relationships to read with this object, as far as this org has them and the user may see them."""
    listed: list[Any] = described.get("childRelationships") or []
    called = {
        (one.get("childSObject"), one.get("field")): str(one["relationshipName"])
        for one in listed
        if isinstance(one, dict) and one.get("relationshipName")
    }
    wanted = CHILDREN.get(name, ())
    found = ((called.get((child.object, child.points_up)), child.fields) for child in wanted)
    return tuple((relation, fields) for relation, fields in found if relation)

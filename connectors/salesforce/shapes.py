"""What an object looks like to this user: the fields a query asks for, by `describe`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from connectors.record import JsonObject
from connectors.salesforce.streams import (
    COMPOUND,
    LOGGED_MAIL,
    NEVER_ASKED,
    RELATED,
    STAMPS,
    UNREADABLE_TYPES,
)

REFERENCES: Final = frozenset({"reference", "id"})
"""Field types that hold ids."""

BOOKKEEPING: Final = ("Id", "IsDeleted", "MasterRecordId", *STAMPS)
"""What says which record it is, when it changed and whether it lives."""

MAIL_OBJECT: Final = "EmailMessage"
MAIL_TO_TASK: Final = "ActivityId"


@dataclass(frozen=True, slots=True)
class Shape:
    """One object as described. columns: readable fields, in the order Salesforce gives them; never empty.

    references: those that hold ids. stamp: the field that orders it by time, empty when it has none. mails: name of the
    child relationship to the mail a task has logged, empty when there is none.
    """

    name: str
    columns: tuple[str, ...]
    references: tuple[str, ...]
    stamp: str
    related: tuple[str, ...] = ()
    mails: str = ""

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
            mails=_mails(described) if name == "Task" else "",
        )

    @property
    def selected(self) -> str:
        """What stands behind SELECT: every field, never `*`."""
        mails = (f"(SELECT {', '.join(LOGGED_MAIL)} FROM {self.mails})",) if self.mails else ()  # noqa: S608 - names from describe
        return ", ".join((*self.columns, *self.related, *mails))

    @property
    def bookkeeping(self) -> str:
        """What stands behind SELECT when the fields themselves do not fit into an address."""
        return ", ".join(name for name in BOOKKEEPING if name in self.columns)


def _asked_for(field: JsonObject) -> bool:
    """Whether a described field is one to read: no compound of others, no bytes, nothing hidden or personal."""
    unreadable = field.get("type") in COMPOUND or field.get("type") in UNREADABLE_TYPES
    return not unreadable and not field.get("deprecatedAndHidden") and field["name"] not in NEVER_ASKED


def _mails(described: JsonObject) -> str:
    """The relationship from a task to the mails it logs, where this org has one."""
    children: list[Any] = described.get("childRelationships") or []
    for child in children:
        if child.get("childSObject") == MAIL_OBJECT and child.get("field") == MAIL_TO_TASK:
            return str(child.get("relationshipName") or "")
    return ""

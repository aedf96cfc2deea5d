"""What changed between two contracts of one table, and whether whoever builds on it must know beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.contracts.odcs import Contract


class Weight(IntEnum):
    """How much a change weighs, by the part of the version that it raises."""

    WORDING = 1
    ADDITIVE = 2
    BREAKING = 3


class Change(NamedTuple):
    """One difference. column: empty where it is about the table."""

    table: str
    column: str
    what: str
    weight: Weight


WORDS: Final = "is described otherwise: a change of meaning, unless it is released as wording"
PARTS: Final = (
    ("logicalType", "has another type"),
    ("physicalType", "has another type"),
    ("logicalTypeOptions", "has another type"),
    ("primaryKeyPosition", "has another place in the key"),
    ("transformSourceObjects", "comes from elsewhere"),
    ("description", WORDS),
)
"""What of a column may not change, with what to say."""


def compared(before: Mapping[str, Contract], now: Mapping[str, Contract]) -> list[Change]:
    """Every difference between two sets of contracts by table, tables in their order."""
    gone = [Change(name, "", "is no more", Weight.BREAKING) for name in before if name not in now]
    new = [Change(name, "", "is new", Weight.ADDITIVE) for name in now if name not in before]
    kept = (change for name in now if name in before for change in changes(before[name], now[name]))
    return [*gone, *new, *kept]


def changes(before: Contract, now: Contract) -> Iterator[Change]:
    """Every difference between two contracts of one table."""
    table = str(now["name"])
    yield from of_table(table, before, now)
    former, current = columns_of(before), columns_of(now)
    for name in former.keys() - current.keys():
        yield Change(table, name, "is no more, or is called otherwise", Weight.BREAKING)
    for name, column in current.items():
        if name not in former:
            yield Change(table, name, "is new", Weight.ADDITIVE)
        else:
            yield from of_column(table, former[name], column)
    order = [name for name in current if name in former]
    if order != [name for name in former if name in current]:
        yield Change(table, "", "has its columns in another order", Weight.BREAKING)


def of_table(table: str, before: Contract, now: Contract) -> Iterator[Change]:
    """Differences of the table itself."""
    if keys_of(before) != keys_of(now):
        yield Change(table, "", "has another key", Weight.BREAKING)
    if before["schema"][0].get("customProperties") != now["schema"][0].get("customProperties"):
        yield Change(table, "", "is exported into other files", Weight.BREAKING)
    yield from of_promises(table, before, now)
    said = ("purpose", "usage")
    if [before["description"].get(each) for each in said] != [now["description"].get(each) for each in said]:
        yield Change(table, "", WORDS, Weight.BREAKING)
    if before["description"].get("limitations") != now["description"].get("limitations"):
        yield Change(table, "", "has other limits in words", Weight.WORDING)


def of_promises(table: str, before: Contract, now: Contract) -> Iterator[Change]:
    """Differences of what is checked, and of how late rows may be."""
    former, current = rules_of(before), rules_of(now)
    for name in sorted(former - current):
        yield Change(table, "", f"is not checked for `{name}` any more", Weight.BREAKING)
    for name in sorted(current - former):
        yield Change(table, "", f"is checked for `{name}`", Weight.ADDITIVE)
    was, is_now = latency_of(before), latency_of(now)
    if was is not None and (is_now is None or is_now > was):
        yield Change(table, "", "may be later than was promised", Weight.BREAKING)
    elif is_now is not None and (was is None or is_now < was):
        what = "is promised sooner" if was is not None else "says how late it may be"
        yield Change(table, "", what, Weight.ADDITIVE)


def rules_of(contract: Contract) -> set[str]:
    """The names of its rules, those of columns that name other tables included."""
    named = {str(rule["name"]) for rule in contract["schema"][0].get("quality", [])}
    return named | {
        f"{name} is in {each['to']}"
        for name, column in columns_of(contract).items()
        for each in column.get("relationships", [])
    }


def latency_of(contract: Contract) -> float | None:
    """Within how many hours a change is in the table."""
    promised = contract.get("slaProperties", [])
    return next((each["value"] for each in promised if each["property"] == "latency"), None)


def of_column(table: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Differences of a column that both have."""
    name = str(now["name"])
    said = {what for part, what in PARTS if before.get(part) != now.get(part)}
    for what in sorted(said):
        yield Change(table, name, what, Weight.BREAKING)
    if before.get("required") and not now.get("required"):
        yield Change(table, name, "may be null now", Weight.BREAKING)
    elif now.get("required") and not before.get("required"):
        yield Change(table, name, "is never null any more", Weight.ADDITIVE)
    if (before.get("tags"), before.get("classification")) != (now.get("tags"), now.get("classification")):
        yield Change(table, name, "is tagged otherwise", Weight.ADDITIVE)


def columns_of(contract: Contract) -> dict[str, dict[str, Any]]:
    """The columns of its table, by name."""
    return {str(each["name"]): each for each in contract["schema"][0]["properties"]}


def keys_of(contract: Contract) -> list[str]:
    """The columns of its key."""
    keys = [each for each in columns_of(contract).values() if each.get("primaryKey")]
    return [str(each["name"]) for each in sorted(keys, key=lambda each: int(each["primaryKeyPosition"]))]


def as_wording(found: Iterable[Change]) -> list[Change]:
    """The same changes where somebody says that descriptions only got better words."""
    return [each._replace(weight=Weight.WORDING) if each.what == WORDS else each for each in found]


def raised(version: str, found: Iterable[Change]) -> str:
    """The version after these changes: breaking raises the first part, additive the second, wording the third."""
    major, minor, patch = map(int, version.split("."))
    match max((each.weight for each in found), default=None):
        case Weight.BREAKING:
            return f"{major + 1}.0.0"
        case Weight.ADDITIVE:
            return f"{major}.{minor + 1}.0"
        case Weight.WORDING:
            return f"{major}.{minor}.{patch + 1}"
        case _:
            return version

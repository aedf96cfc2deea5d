"""The list of partners as its address says it: filters, order and columns, and the chips that take one away again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from partnerhub.web.positions import is_storable
from warehouse.queries.list_rules import SEVERAL, wanted_by
from warehouse.queries.partner_list import UNSET, Wanted
from warehouse.queries.partner_orders import SORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Pairs = tuple[tuple[str, str], ...]

LIST: Final = "/partners"
ONE: Final = ("q", "attention", "quiet", "list", "sort")
COLUMNS: Final = {
    "place": "Place",
    "country": "Country",
    "tier": "Tier",
    "status": "Status",
    "owner": "Owner",
    "programs": "Programs",
    "sources": "Sources",
    "records": "Records",
    "contact": "Last contact",
    "attention": "Needs somebody",
    "value": "Value a year",
    "renewal": "Renewal",
    "email": "E-mail",
    "phone": "Phone",
}
"""Columns beside the name, in their order."""
SHOWN_FIRST: Final = ("place", "tier", "status", "owner", "sources", "contact", "attention")
LABELS: Final = {
    "q": "Text",
    "tier": "Tier",
    "owner": "Owner",
    "country": "Country",
    "city": "Town",
    "status": "Status",
    "source": "Source",
    "missing": "Not in source",
    "program": "Program",
    "service": "Service",
    "attention": "Needs somebody",
    "quiet": "No contact for",
    "list": "List",
}
QUIET: Final = {"30": "30 days", "60": "60 days", "90": "90 days", "180": "half a year", "365": "a year"}
LONGEST_QUIET: Final = 36_500
MOST_PAIRS: Final = 60
LONGEST: Final = 200


class Chip(NamedTuple):
    """One filter that is set. without: the address of the list without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Address:
    """What an address asks for. pairs: its parameters that mean something, without the place in the list."""

    pairs: Pairs
    columns: tuple[str, ...]

    def get(self, name: str) -> str:
        """One value of a parameter; empty where it is not given."""
        return next((value for key, value in self.pairs if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a parameter."""
        return tuple(dict.fromkeys(value for key, value in self.pairs if key == name))

    def wanted(self, now: str) -> Wanted:
        """What the warehouse is asked."""
        return wanted_by(self.pairs, now)

    def having(self, **changed: str) -> str:
        """The address with other values of some parameters; empty takes one away."""
        kept = [(key, value) for key, value in self.pairs if key not in changed]
        return written([*kept, *((key, value) for key, value in changed.items() if value)])

    def without(self, name: str, value: str, page: str = LIST) -> str:
        """The address without one filter."""
        return written((pair for pair in self.pairs if pair != (name, value)), page)

    def chips(self, list_name: str = "", page: str = LIST) -> list[Chip]:
        """The filters that are set. page: where one is taken away."""
        return [
            Chip(LABELS[key], said(key, value, list_name), self.without(key, value, page))
            for key, value in self.pairs
            if key in LABELS
        ]

    @property
    def rule(self) -> Pairs:
        """What a saved list keeps: filters, order and columns."""
        return self.pairs


def address_of(pairs: Iterable[tuple[str, str]]) -> Address:
    """An address from parameters; what means nothing is left out, so that no made-up one is an error."""
    kept: list[tuple[str, str]] = []
    columns: list[str] = []
    for key, value in list(pairs)[:MOST_PAIRS]:
        if key == "columns":
            columns += [each for each in value.split(",") if each in COLUMNS]
        elif value and means(key, value) and (key, value) not in kept:
            if key in ONE and any(key == other for other, _ in kept):
                continue
            kept.append((key, value[:LONGEST]))
    shown = tuple(each for each in COLUMNS if each in columns) or SHOWN_FIRST
    if shown != SHOWN_FIRST:
        kept.append(("columns", ",".join(shown)))
    return Address(tuple(kept), shown)


def means(key: str, value: str) -> bool:
    """Whether a parameter says something the list understands."""
    if not is_storable(value):
        return False
    if key == "quiet":
        return value.isascii() and value.isdigit() and len(value) < 6 and 0 < int(value) <= LONGEST_QUIET  # noqa: PLR2004
    if key == "sort":
        return value in SORTS and value != "name"
    if key == "attention":
        return value == "1"
    return key in SEVERAL or key in {"q", "list"}


def said(key: str, value: str, list_name: str) -> str:
    """A filter's value as people say it."""
    if key == "attention":
        return "yes"
    if key == "quiet":
        return QUIET.get(value, f"{int(value)} days")
    if key == "list":
        return list_name or value
    return "not set" if value == UNSET and key != "q" else value


def written(pairs: Iterable[tuple[str, str]], page: str = LIST) -> str:
    """The list's address with these parameters, or another page's that understands them."""
    query = urlencode(list(pairs))
    return f"{page}?{query}" if query else page


def from_form(pairs: Sequence[tuple[str, str]]) -> Pairs:
    """The parameters of a saved query, read as an address is."""
    return address_of(pairs).pairs


def today() -> str:
    """The day, for names of files."""
    return f"{datetime.now(UTC):%Y-%m-%d}"

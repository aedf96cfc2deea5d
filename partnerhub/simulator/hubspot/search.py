"""The search endpoint: filters, one sort, the 10,000 cap, over what the lagging index shows.

Limits as HubSpot states them: 200 records a page, 10,000 results a query, 5 filter groups, 6 filters a group, one sort.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from partnerhub.simulator.hubspot.properties import always_sent
from partnerhub.simulator.hubspot.store import HubSpotObject, Store

CAP: Final = 10_000
DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
LARGEST_PAGE: Final = 200
MOST_FILTERS: Final = 6

Pair = tuple[HubSpotObject, HubSpotObject]
"""(record, what the index shows of it)"""


class BadSearchError(ValueError):
    """The search is one HubSpot refuses with 400."""


class Searcher:
    """Answers searches.

    Matches of a query without its id filter are kept until the account changes, so that reading page after page by
    id costs one pass over the account.
    """

    def __init__(self, store: Store, lag: timedelta) -> None:
        """`lag` is how long the index takes to notice a change."""
        self.store = store
        self.lag = lag
        self._kept: dict[bytes, tuple[int, list[Pair]]] = {}

    def answer(self, kind: str, body: dict[str, Any], default_names: tuple[str, ...]) -> bytes:
        """The JSON answer; raises `BadSearch`."""
        limit, after = int(body.get("limit") or 10), int(body.get("after") or 0)
        if not 0 < limit <= LARGEST_PAGE:
            raise BadSearchError(f"limit must be at most {LARGEST_PAGE}")
        if after + limit > CAP:
            raise BadSearchError("paging beyond 10,000 results is not allowed")
        found = self._matches(kind, body)
        page = found[after : after + limit]
        names = tuple(dict.fromkeys((*(body.get("properties") or default_names), *always_sent(kind))))
        results = b",".join(shown.render(names) for _, shown in page)
        following = after + limit
        paging = b',"paging":{"next":{"after":"%d"}}' % following if following < len(found) else b""
        return b'{"total":%d,"results":[%s]%s}' % (len(found), results, paging)

    def _matches(self, kind: str, body: dict[str, Any]) -> list[Pair]:
        """All matches in order."""
        groups = [list(group.get("filters") or []) for group in body.get("filterGroups") or []]
        if any(len(group) > MOST_FILTERS for group in groups):
            raise BadSearchError("too many filters")
        name, descending = _sort_of(body)
        beyond = 0
        if len(groups) == 1 and name == "hs_object_id" and not descending:
            beyond, groups = _take_id_filter(groups[0])
        found = self._kept_or_found(kind, groups, name, descending=descending)
        return found[bisect_right(found, beyond, key=lambda pair: pair[0].id) :] if beyond else found

    def _kept_or_found(self, kind: str, groups: list[Any], name: str, *, descending: bool) -> list[Pair]:
        stamp = self.store.now.isoformat() if self.lag else ""
        key = orjson.dumps([kind, groups, name, descending, stamp])
        generation, found = self._kept.get(key, (-1, []))
        if generation != self.store.generation:
            tests = [[_test(one) for one in group] for group in groups]
            pairs = self.store.indexed(kind, self.lag)
            found = [
                pair
                for pair in pairs
                if not tests or any(all(t(pair[1].properties) for t in group) for group in tests)
            ]
            found.sort(
                key=lambda pair: (_order(pair[1].properties.get(name)), pair[0].id), reverse=descending
            )
            self._kept = {key: (self.store.generation, found)}
        return found


def _sort_of(body: dict[str, Any]) -> tuple[str, bool]:
    """Property and direction of the one sort there may be; by id otherwise."""
    sorts = body.get("sorts") or ["hs_object_id"]
    if len(sorts) > 1:
        raise BadSearchError("only one sort is allowed")
    sort = (
        sorts[0]
        if isinstance(sorts[0], dict)
        else {"propertyName": sorts[0].lstrip("-"), "direction": sorts[0][:1]}
    )
    return sort["propertyName"], sort.get("direction") in ("DESCENDING", "-")


def _take_id_filter(group: list[dict[str, Any]]) -> tuple[int, list[list[dict[str, Any]]]]:
    """Split `hs_object_id GT n` off a group of filters."""
    bounds = [
        one for one in group if one.get("propertyName") == "hs_object_id" and one.get("operator") == "GT"
    ]
    rest = [one for one in group if one not in bounds]
    return max((int(one["value"]) for one in bounds), default=0), [rest] if rest else []


def _test(one: dict[str, Any]) -> Callable[[dict[str, str | None]], bool]:
    """One filter as a function of a record's properties. An absent property never matches a comparison."""
    name, operator, wanted = one["propertyName"], one["operator"], _order(one.get("value"))
    high = _order(one.get("highValue"))
    several = {_order(value) for value in one.get("values") or []}
    compare: dict[str, Callable[[tuple[int, float | str]], bool]] = {
        "EQ": lambda value: value == wanted,
        "NEQ": lambda value: value != wanted,
        "GT": lambda value: value > wanted,
        "GTE": lambda value: value >= wanted,
        "LT": lambda value: value < wanted,
        "LTE": lambda value: value <= wanted,
        "BETWEEN": lambda value: wanted <= value <= high,
        "IN": lambda value: value in several,
        "NOT_IN": lambda value: value not in several,
        "CONTAINS_TOKEN": lambda value: str(wanted[1]).strip("*").lower() in str(value[1]).lower(),
    }
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda properties: (properties.get(name) is not None) == (operator == "HAS_PROPERTY")
    if operator not in compare:
        raise BadSearchError(f"unknown operator {operator}")
    matches = compare[operator]
    return lambda properties: properties.get(name) is not None and matches(_order(properties[name]))


def _order(value: object) -> tuple[int, float | str]:
    """A comparable form: numbers and times (as milliseconds) before texts, absent first."""
    if value is None:
        return (0, 0.0)
    text = str(value)
    try:
        return (1, float(text))
    except ValueError:
        pass
    if DATE_TIME.fullmatch(text):
        try:
            return (1, datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)
        except ValueError:
            pass
    return (2, text)

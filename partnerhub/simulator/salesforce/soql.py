"""SOQL, as much of it as integrations use: read into a query, then asked of plain rows.

select fields and relationship fields, one level of child subqueries, count(); where with and, or, not, comparisons,
like, in, date and datetime literals; order by several, limit, offset. No aggregates, no semi-joins, no TYPEOF.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from partnerhub.simulator.salesforce.dates import Span, span_of

TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<moment>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<day>\d{4}-\d\d-\d\d)|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*(?::\d+)?)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
SIGNS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS: Final = frozenset({*SIGNS, "like", "in", "not in"})
ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}

Row: TypeAlias = dict[str, Any]
Value: TypeAlias = str | float | bool | datetime | Span | None
Test: TypeAlias = Callable[[Callable[[str], Any]], bool]
"""A condition: given how to look up a field of a row, whether the row meets it."""


class BadQueryError(Exception):
    """A query Salesforce would refuse as MALFORMED_QUERY."""


@dataclass(slots=True)
class Query:
    """One query. fields: as written, relationship paths included; empty for count(). named: every field it mentions."""

    object: str
    fields: list[str] = field(default_factory=list)
    children: list[Query] = field(default_factory=list)
    counts: bool = False
    where: Test | None = None
    order: list[tuple[str, bool, bool | None]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    named: list[str] = field(default_factory=list)


def parse(text: str, now: datetime) -> Query:
    """Read a query; raises `BadQueryError`. now: what TODAY and its like mean."""
    parser = _Parser(text, now)
    query = parser.query()
    parser.end()
    return query


class _Parser:
    """Recursive descent over tokens."""

    def __init__(self, text: str, now: datetime) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._now = now

    # ---- the clauses

    def query(self) -> Query:
        """SELECT … FROM … WHERE … ORDER BY … LIMIT … OFFSET …."""
        self._demand("select")
        query = Query("")
        self._selected(query)
        self._demand("from")
        query.object = self._word()
        if self._took("where"):
            query.where = self._either(query)
        if self._took("order"):
            self._demand("by")
            self._ordered(query)
        if self._took("limit"):
            query.limit = self._whole()
        if self._took("offset"):
            query.offset = self._whole()
        return query

    def end(self) -> None:
        """Nothing may be left."""
        if self._at < len(self._tokens):
            raise BadQueryError(f"unexpected token: '{self._tokens[self._at][1]}'")

    def _selected(self, query: Query) -> None:
        """The list behind SELECT."""
        while True:
            if self._took("("):
                query.children.append(self.query())
                self._demand(")")
            else:
                name = self._word()
                if name.lower() == "count" and self._took("("):
                    self._demand(")")
                    query.counts = True
                else:
                    query.fields.append(name)
                    query.named.append(name)
            if not self._took(","):
                return

    def _ordered(self, query: Query) -> None:
        """The list behind ORDER BY: field, descending, nulls last where it is said."""
        while True:
            name = self._word()
            query.named.append(name)
            descending = self._took("desc")
            if not descending:
                self._took("asc")
            nulls_last = None
            if self._took("nulls"):
                nulls_last = self._took("last")
                if not nulls_last:
                    self._demand("first")
            query.order.append((name, descending, nulls_last))
            if not self._took(","):
                return

    # ---- conditions

    def _either(self, query: Query) -> Test:
        """Conditions joined by OR; Salesforce refuses to mix AND and OR without parentheses."""
        tests, joined = [self._condition(query)], ""
        while (word := self._peek()) in {"and", "or"}:
            if joined and word != joined:
                raise BadQueryError(f"unexpected token: {word}")
            joined = word
            self._at += 1
            tests.append(self._condition(query))
        if len(tests) == 1:
            return tests[0]
        all_or_any = any if joined == "or" else all
        return lambda look: all_or_any(test(look) for test in tests)

    def _condition(self, query: Query) -> Test:
        if self._took("not"):
            denied = self._condition(query)
            return lambda look: not denied(look)
        if self._took("("):
            inner = self._either(query)
            self._demand(")")
            return inner
        name = self._word()
        query.named.append(name)
        sign = self._next().lower()
        if sign == "not":
            self._demand("in")
            sign = "not in"
        if sign not in COMPARISONS:
            raise BadQueryError(f"unexpected token: {sign}")
        wanted = self._list() if sign in {"in", "not in"} else [self._value()]
        return lambda look: compare(look(name), sign, wanted)

    def _list(self) -> list[Value]:
        self._demand("(")
        values = [self._value()]
        while self._took(","):
            values.append(self._value())
        self._demand(")")
        return values

    def _value(self) -> Value:
        kind, text = self._token()
        lower = text.lower()
        if kind == "text":
            return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1])
        if kind == "moment":
            return datetime.fromisoformat(text)
        if kind == "number":
            return float(text)
        if kind == "day":
            return text
        if lower in {"true", "false"}:
            return lower == "true"
        if lower == "null":
            return None
        span = span_of(lower, self._now.date())
        if span is not None:
            return span
        raise BadQueryError(f"unexpected token: '{text}'")

    # ---- tokens

    def _token(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise BadQueryError("unexpected token: <EOF>")
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self) -> str:
        return self._token()[1]

    def _word(self) -> str:
        kind, text = self._token()
        if kind != "word":
            raise BadQueryError(f"unexpected token: '{text}'")
        return text

    def _whole(self) -> int:
        kind, text = self._token()
        if kind != "number" or not text.isdecimal():
            raise BadQueryError(f"unexpected token: '{text}'")
        return int(text)

    def _peek(self) -> str:
        return self._tokens[self._at][1].lower() if self._at < len(self._tokens) else ""

    def _took(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def _demand(self, word: str) -> None:
        if not self._took(word):
            raise BadQueryError(f"expecting '{word}', found '{self._peek() or '<EOF>'}'")


def _tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text) of every token; raises `BadQueryError`."""
    found, at, text = [], 0, text.strip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            raise BadQueryError(f"line 1:{at} no viable alternative at character '{text[at]}'")
        found.append((str(token.lastgroup), token[str(token.lastgroup)]))
        at = token.end()
    return found


def compare(held: Any, sign: str, wanted: list[Value]) -> bool:
    """Whether a held value stands to the wanted ones as the sign says. Text is compared without case, ids with it."""
    if sign == "in":
        return any(compare(held, "=", [one]) for one in wanted)
    if sign == "not in":
        return not any(compare(held, "=", [one]) for one in wanted)
    one = wanted[0]
    if sign == "like":
        return held is not None and bool(_pattern(str(one)).fullmatch(str(held)))
    if held is None or one is None:
        return (held is one) == (sign == "=") if sign in {"=", "!=", "<>"} else False
    if isinstance(one, Span):
        return one.compared(date.fromisoformat(str(held)[:10]), sign)
    return bool(SIGNS[sign](*_alike(held, one)))


def _alike(held: Any, wanted: Value) -> tuple[Any, Any]:
    """Both sides in one type: moments, days, numbers, ids (case counts), text (case does not)."""
    if isinstance(wanted, datetime):
        return datetime.fromisoformat(str(held)), wanted
    if isinstance(wanted, (bool, float)):
        return held, wanted
    left, right = str(held), str(wanted)
    if _is_id(left) and _is_id(right):
        return left[:15], right[:15]
    if len(left) > len(right) and re.fullmatch(r"\d{4}-\d\d-\d\d", right):
        return left[:10], right
    return left.casefold(), right.casefold()


def _is_id(text: str) -> bool:
    return len(text) in {15, 18} and text.isalnum() and text[:2] in {"00", "50", "80", "a0", "02"}


def _pattern(like: str) -> re.Pattern[str]:
    parts = ("." if one == "_" else ".*" if one == "%" else re.escape(one) for one in like)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def sort_key(value: Any) -> tuple[int, Any]:
    """A key that puts nulls first in ascending order, as Salesforce does."""
    if value is None:
        return (0, "")
    if isinstance(value, bool):
        return (1, int(value))
    return (1, value if isinstance(value, (int, float)) else str(value))

"""The part of Jira's query language that the simulator understands, with Jira's refusals of the rest.

    (project in ("ABC", 10001) OR key = "ABC-1") AND updated >= "2026-09-01 14:03" ORDER BY created ASC, id ASC

Dates carry no offset and are read in the account's time zone; `-90m` is relative to now.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from partnerhub.simulator.world.projects import Issue, IssueProject

TOKEN: Final = re.compile(r'\s*(?:("(?:\\.|[^"\\])*")|([(),])|(>=|<=|!=|=|>|<)|([^\s(),=<>!"]+))')
RELATIVE: Final = re.compile(r"^([+-]?\d+)([mhdwy])$")
UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
FORMATS: Final = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
DATES: Final = {"created": "created_at", "updated": "updated_at"}
IDENTITIES: Final = ("id", "key", "issuekey", "issue")
MOST_ORDERED: Final = 7

Found = Callable[["Issue"], bool]


class BadQueryError(Exception):
    """The query is refused, in Jira's words."""


class Surroundings(NamedTuple):
    """What a query is read against: now, the account's zone, and everything the account may see."""

    now: datetime
    zone: ZoneInfo
    projects: dict[str, IssueProject]
    issues: dict[str, Issue]


class Query(NamedTuple):
    """A read query: what it finds, in which order (field, descending)."""

    matches: Found
    order: tuple[tuple[str, bool], ...]


def read_query(text: str, around: Surroundings) -> Query:
    """Read a query; raises `BadQueryError`."""
    condition, _, order = split_order(text)
    if not condition.strip():
        raise BadQueryError("Unbounded JQL queries are not allowed here. Please add a search restriction.")
    reader = Reader(words_of(condition), around)
    matches = reader.either()
    if reader.words:
        raise BadQueryError(f"Error in the JQL Query: Expecting end of query but got '{reader.words[0]}'.")
    return Query(matches, order_of(order))


def split_order(text: str) -> tuple[str, str, str]:
    """The condition and what follows `ORDER BY`."""
    parts = re.split(r"\border\s+by\b", text, maxsplit=1, flags=re.IGNORECASE)
    return parts[0], "", parts[1] if len(parts) > 1 else ""


def order_of(text: str) -> tuple[tuple[str, bool], ...]:
    """Fields to order by; by creation, newest first, where none are named."""
    if not text.strip():
        return (("created", True), ("id", True))
    found = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if name.lower() not in (*DATES, *IDENTITIES):
            raise BadQueryError(f"Field '{name}' does not exist or you do not have permission to view it.")
        found.append((name.lower(), direction.strip().lower() == "desc"))
    if len(found) > MOST_ORDERED:
        raise BadQueryError("The orderBy clause can contain a maximum of 7 fields.")
    return tuple(found)


def words_of(text: str) -> list[str]:
    """The words, signs and quoted texts of a condition."""
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise BadQueryError(f"Error in the JQL Query: The character '{text[at]}' is unexpected.")
        found.append(next(group for group in match.groups() if group is not None))
        at = match.end()
    return found


@dataclass(slots=True)
class Reader:
    """Reads a condition by recursive descent; consumes `words`."""

    words: list[str]
    around: Surroundings

    def either(self) -> Found:
        """Conditions joined by OR."""
        found = [self.both()]
        while self.took("or"):
            found.append(self.both())
        return lambda issue: any(one(issue) for one in found)

    def both(self) -> Found:
        """Conditions joined by AND."""
        found = [self.one()]
        while self.took("and"):
            found.append(self.one())
        return lambda issue: all(one(issue) for one in found)

    def one(self) -> Found:
        """A condition in parentheses, negated, or a comparison."""
        if self.took("not"):
            inner = self.one()
            return lambda issue: not inner(issue)
        if self.took("("):
            within = self.either()
            if not self.took(")"):
                raise BadQueryError("Error in the JQL Query: Expecting ')' before the end of the query.")
            return within
        return self.comparison()

    def comparison(self) -> Found:
        """`field operator value`, or `field in (values)`."""
        name, sign = self.next().lower(), self.next().lower()
        if sign == "in":
            values = self.listed()
        elif sign in {"=", "!=", ">", ">=", "<", "<="}:
            values = [self.next()]
        else:
            raise BadQueryError(f"Error in the JQL Query: Expecting operator but got '{sign}'.")
        if name in DATES:
            return self.dated(DATES[name], sign, values[0])
        found = self.named(name, [unquoted(value) for value in values])
        if sign in {"=", "in"}:
            return found
        if sign == "!=":
            return lambda issue: not found(issue)
        raise BadQueryError(f"The operator '{sign}' is not supported by the '{name}' field.")

    def listed(self) -> list[str]:
        """Values in parentheses."""
        if not self.took("("):
            raise BadQueryError("Error in the JQL Query: Expecting '('.")
        found = [self.next()]
        while self.took(","):
            found.append(self.next())
        if not self.took(")"):
            raise BadQueryError("Error in the JQL Query: Expecting ')'.")
        return found

    def dated(self, field: str, sign: str, value: str) -> Found:
        """A comparison of a date."""
        bound = self.moment(value)
        compare: dict[str, Callable[[datetime], bool]] = {
            "=": lambda at: at == bound,
            "!=": lambda at: at != bound,
            ">": lambda at: at > bound,
            ">=": lambda at: at >= bound,
            "<": lambda at: at < bound,
            "<=": lambda at: at <= bound,
        }
        return lambda issue: compare[sign](getattr(issue, field))

    def moment(self, value: str) -> datetime:
        """A relative or written date as a moment; a written one in the account's time zone."""
        text = unquoted(value)
        relative = RELATIVE.match(text)
        if relative:
            return self.around.now + int(relative[1]) * UNITS[relative[2]]
        for form in FORMATS:
            try:
                local = datetime.strptime(text, form)  # noqa: DTZ007  # the zone follows
            except ValueError:
                continue
            return local.replace(tzinfo=self.around.zone).astimezone(UTC)
        raise BadQueryError(
            f"Date value '{text}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm'."
        )

    def named(self, name: str, values: list[str]) -> Found:
        """Issues of projects, or issues by id or key; a name that nobody may see is refused."""
        if name == "project":
            wanted = {self.project(value) for value in values}
            return lambda issue: issue.project_id in wanted
        if name in IDENTITIES:
            ids = {self.issue(value) for value in values}
            return lambda issue: issue.id in ids
        raise BadQueryError(f"Field '{name}' does not exist or you do not have permission to view it.")

    def project(self, value: str) -> str:
        """The id of a project by key, name or id."""
        for one in self.around.projects.values():
            if value in {one.id, one.key, one.name}:
                return one.id
        raise BadQueryError(f"The value '{value}' does not exist for the field 'project'.")

    def issue(self, value: str) -> str:
        """The id of an issue by id, key, or a key it had before it moved."""
        for one in self.around.issues.values():
            if value in {one.id, one.key, *one.former_keys}:
                return one.id
        raise BadQueryError(f"Issue does not exist or you do not have permission to see it: '{value}'.")

    def next(self) -> str:
        """The next word."""
        if not self.words:
            raise BadQueryError("Error in the JQL Query: The query ends too early.")
        return self.words.pop(0)

    def took(self, word: str) -> bool:
        """Whether the next word is this one; then it is consumed."""
        if self.words and self.words[0].lower() == word:
            self.words.pop(0)
            return True
        return False


def unquoted(value: str) -> str:
    """A value without its quotes."""
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value

"""Reading what follows the issues: the issues themselves, their comments and their changelog.

All three come from one search each: everything at first and every `full_days`, else what changed since the last
reading. A comment or a change moves the issue's own modification time, so the search finds the issues to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.jira.client import JiraClient, Reading
from connectors.jira.positions import CLOCK_SLACK, Position, moment, position_of, recent_in
from connectors.jira.records import issue_records
from connectors.jira.search import IssueSearch, ReadingKind
from connectors.jira.streams import ALWAYS, EVERYTHING, NEVER_ASKED
from connectors.record import CursorState, Page, SourceRecord, utc_text

MakeRecords = Callable[[Reading, str], list[SourceRecord]]
"""The records of one page of found issues; the second argument is the horizon of believable stamps."""


@dataclass(slots=True)
class IssueReader:
    """Reads one stream that follows the issues. size: issues per search page."""

    stream: str
    client: JiraClient
    search: IssueSearch
    fields: list[str]
    size: int
    refresh: timedelta
    make: MakeRecords

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of this stream from `cursor` on; see `Connector.pull`."""
        stored = None if cursor is None or full else position_of(cursor)
        position, reading = self._beginning(stored)
        if position.phase == "list" and not position.token:
            position = replace(position, recent=recent_in(cursor))
        if self.search.missing():  # then their records are out of sight, not gone
            reading = "incremental"
        for answer, following, last in self.search.pages(position, self.fields, self.size):
            records = self.make(answer, utc_text(answer.at + CLOCK_SLACK))
            yield Page(self.stream, records, following.state(), reading, last=last)

    def _beginning(self, stored: Position | None) -> tuple[Position, ReadingKind]:
        """Where to begin, and whether the reading proves by its end what is gone."""
        if stored is None or stored.scope != self.search.scope or self._due(stored):
            return Position("list", scope=self.search.scope), "full"
        if stored.phase == "done":
            return replace(stored, phase="search"), "incremental"
        return stored, "incremental"

    def _due(self, stored: Position) -> bool:
        """Whether everything has to be read again, by Jira's clock. A reading under way is ended first."""
        if stored.phase != "done" or not self.refresh:
            return False
        return not stored.full_at or self.client.now() - moment(stored.full_at) >= self.refresh


def issue_fields(chosen: tuple[str, ...]) -> list[str]:
    """The fields to ask for: those chosen, else all but the ones never asked for."""
    return list(dict.fromkeys((*chosen, *ALWAYS))) if chosen else [EVERYTHING, *NEVER_ASKED]


def issues_of(answer: Reading, horizon: str) -> list[SourceRecord]:
    """The issues themselves."""
    return issue_records(answer.json, horizon)

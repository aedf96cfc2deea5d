"""How long a first load will still take: what is asked of the source, when, and what a resumed one reckons with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.land import outlook
from pipelines.land.runs import start_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.land.writer import moment
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, record
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.record import Page
    from pipelines.progress import ProgressEvent

HELD = 10


class Counting(ScriptedConnector):
    """Says how many records there are, and notes that it was asked."""

    asked: list[str] = []  # a pydantic field: every connector has its own

    def count(self, stream: str) -> int:
        self.asked.append(stream)
        return HELD


def script(cursor: dict[str, Any] | None, _full: bool) -> Iterator[Page]:
    """A record a page; begins behind the cursor. `full` only from the beginning, as real connectors say it."""
    reading = "incremental" if cursor else "full"
    for number in range((cursor or {"next": 0})["next"], HELD):
        last = number == HELD - 1
        yield page(record(str(number)), cursor={"next": number + 1}, reading=reading, last=last)


def dying(cursor: dict[str, Any] | None, full: bool) -> Iterator[Page]:
    """Four pages, then no more."""
    for number, each in enumerate(script(cursor, full)):
        if number == 4:
            raise ConnectionError
        yield each


def changes(_cursor: dict[str, Any] | None, _full: bool) -> Iterator[Page]:
    """Three pages of changes."""
    for number in range(3):
        yield page(record(str(number), name="new"), cursor={"next": HELD})


def sync(url: str, play: Any, run_id: str) -> tuple[Counting, list[ProgressEvent]]:
    """Land, and what was told."""
    told: list[ProgressEvent] = []
    connector = Counting(source="crm")
    connector.plays(THINGS, play)
    with Database(url).session() as connection:
        start_run(connection, run_id, "cli", moment())
    with LandSession(Database(url), [connector], LandSettings(run_id=run_id), told.append) as session:
        session.wait("crm")
    return connector, told


@pytest.fixture
def long_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reading counts as long from its first page on."""
    monkeypatch.setattr(outlook, "LONG_SECONDS", 0.0)


@pytest.mark.usefixtures("long_reading")
def test_a_long_first_load_is_told_how_many_records_its_source_holds(sqlite_url: str) -> None:
    connector, told = sync(sqlite_url, script, "run-1")
    assert [event.expected for event in told if event.read > 2 and event.state == "running"] == [HELD] * 8
    assert connector.asked == ["things", "things"]  # once for the outlook, once for the gap


def test_a_short_reading_costs_no_request_for_its_outlook(sqlite_url: str) -> None:
    connector, told = sync(sqlite_url, script, "run-1")
    assert {event.expected for event in told if event.state == "running"} == {None}
    assert connector.asked == ["things"]


@pytest.mark.usefixtures("long_reading")
def test_a_first_load_that_goes_on_expects_only_what_is_left(sqlite_url: str) -> None:
    sync(sqlite_url, dying, "run-1")
    _, told = sync(sqlite_url, script, "run-2")
    assert {event.expected for event in told if event.read > 2 and event.state == "running"} == {HELD - 4}


@pytest.mark.usefixtures("long_reading")
def test_of_a_reading_of_changes_nothing_is_reckoned_from_the_count_of_all(sqlite_url: str) -> None:
    sync(sqlite_url, script, "run-1")
    connector, told = sync(sqlite_url, changes, "run-2")
    assert {event.expected for event in told if event.state == "running"} == {None}
    assert connector.asked == ["things"]

"""A first load does without the keys' index by value; nobody who comes afterwards, or meanwhile, notices it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.progress import ProgressEvent
from pipelines.stage import first_load, waiting
from pipelines.stage.engine import stage_pending
from tests.pipelines.test_stage import NOW, SETTINGS, company, land, query, stage
from warehouse import indexes
from warehouse.database import Database
from warehouse.schema import current_revision, downgrade, migrate

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).resolve().parents[2]
MANY = 120
INDEX = "SELECT sql FROM sqlite_master WHERE name = 'key_value'"
NOTES = "SELECT name FROM hub_state WHERE name LIKE 'index_away/%'"
STAGED = ("staged_organization", "key", "pending", "raw_current", "sync_error", "stage_rules")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests land counts as many."""
    monkeypatch.setattr(first_load, "LEAST_WAITING", 100)
    monkeypatch.setattr(waiting, "CHUNK", 40)


def land_many(url: str, count: int = MANY, **properties: Any) -> None:
    land(
        url,
        *(company(str(n), name=f"Kestrel {n}", domain=f"k{n}.example", **properties) for n in range(count)),
    )


def staged_watching(url: str, look: Callable[[], Any]) -> list[Any]:
    """What `look` finds after every chunk of a staging."""
    seen: list[Any] = []

    def watch(event: ProgressEvent) -> None:
        if event.stream:
            seen.append(look())

    stage_pending(Database(url), SETTINGS, "run-1", NOW, watch)
    return seen


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(query(url, f"SELECT * FROM {name}"), key=repr) for name in STAGED}


@pytest.mark.usefixtures("many")
def test_index_is_away_while_many_records_are_staged_and_the_same_afterwards(sqlite_url: str) -> None:
    before = query(sqlite_url, INDEX)
    land_many(sqlite_url)
    assert staged_watching(sqlite_url, lambda: query(sqlite_url, INDEX)) == [[], [], []]
    assert query(sqlite_url, INDEX) == before != []
    assert query(sqlite_url, NOTES) == []


def test_few_records_are_staged_with_the_index_in_its_place(sqlite_url: str) -> None:
    land_many(sqlite_url)
    before = query(sqlite_url, INDEX)
    assert staged_watching(sqlite_url, lambda: query(sqlite_url, INDEX)) == [before]


@pytest.mark.usefixtures("many")
def test_index_stays_when_many_keys_stand_there_already(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_many(sqlite_url)
    stage(sqlite_url)
    monkeypatch.setattr(first_load, "KEYS_PER_WAITING", 1)
    land_many(sqlite_url, MANY * 2)
    assert all(staged_watching(sqlite_url, lambda: query(sqlite_url, INDEX)))


def test_large_load_leaves_the_same_rows_as_a_small_one(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = f"sqlite:///{tmp_path / 'small.db'}"
    migrate(small)
    for url in (small, database_url):
        land_many(url, phone="030 123456")
        monkeypatch.setattr(first_load, "LEAST_WAITING", 10**6 if url == small else 1)
        stage(url)
    landed = {"raw_current", "sync_error"}  # each landed at its own moment
    large, plain = everything(database_url), everything(small)
    assert {name: rows for name, rows in large.items() if name not in landed} == {
        name: rows for name, rows in plain.items() if name not in landed
    }


@pytest.mark.usefixtures("many")
def test_readers_find_by_value_what_is_committed_while_the_index_is_away(sqlite_url: str) -> None:
    land_many(sqlite_url)
    ask = "SELECT record FROM key WHERE normalized = 'k0.example' AND kind = 'domain'"
    with Database(sqlite_url).session() as reader:
        reader.query(ask)
        assert staged_watching(sqlite_url, lambda: reader.query(ask)) == [[("crm/companies/0",)]] * 3
        assert reader.query(ask) == [("crm/companies/0",)]


@pytest.mark.usefixtures("many")
def test_record_staged_before_is_compared_with_the_index_in_its_place(sqlite_url: str) -> None:
    land(sqlite_url, company("0", name="Kestrel"))
    stage(sqlite_url)
    land_many(sqlite_url)
    assert all(staged_watching(sqlite_url, lambda: query(sqlite_url, INDEX)))


@pytest.mark.usefixtures("many")
def test_error_in_a_large_load_leaves_the_index_in_its_place(sqlite_url: str) -> None:
    land_many(sqlite_url)
    with pytest.raises(ZeroDivisionError):
        staged_watching(sqlite_url, lambda: 1 // 0)
    assert query(sqlite_url, INDEX) != []


def killed_while_away(url: str) -> None:
    """Land, and kill a staging after its first chunk."""
    land_many(url)
    command = [sys.executable, "-m", "tests.pipelines.dying_stage", url]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "staged 40\n"
        process.send_signal(signal.SIGKILL)
    assert query(url, INDEX) == []


@pytest.mark.parametrize("least", [1, 10**6], ids=["going on as a large load", "going on as a small one"])
def test_staging_after_a_kill_ends_with_the_index_and_every_row(
    sqlite_url: str, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_while_away(sqlite_url)
    monkeypatch.setattr(first_load, "LEAST_WAITING", least)
    assert stage(sqlite_url).records == MANY - 40
    assert query(sqlite_url, INDEX) != []
    assert query(sqlite_url, "SELECT count(*) FROM key WHERE kind = 'domain'") == [(MANY,)]


def test_migrating_after_a_kill_puts_the_index_back(sqlite_url: str) -> None:
    before = query(sqlite_url, INDEX)
    killed_while_away(sqlite_url)
    migrate(sqlite_url)
    assert query(sqlite_url, INDEX) == before
    assert query(sqlite_url, "PRAGMA integrity_check") == [("ok",)]


def test_older_schema_is_reached_with_the_index_away(sqlite_url: str) -> None:
    killed_while_away(sqlite_url)
    downgrade(sqlite_url, "0001")
    assert current_revision(Database(sqlite_url)) == "0001"
    assert "kind" in query(sqlite_url, INDEX)[0][0]


def test_whoever_watches_sees_that_an_index_is_being_built(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "TELL_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(indexes, "STEPS_BETWEEN_LOOKS", 10)
    land_many(sqlite_url)
    monkeypatch.setattr(first_load, "LEAST_WAITING", 1)
    told: list[ProgressEvent] = []
    stage_pending(Database(sqlite_url), SETTINGS, "run-1", NOW, told.append)
    assert [(event.state, event.step, event.read) for event in told if not event.stream][:2] == [
        ("running", "stage", MANY),
        ("running", "stage", MANY),
    ]

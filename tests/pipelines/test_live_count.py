"""The number of live records that is kept while they land equals what stands there, whatever became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.record import Op
from pipelines.land import runs
from pipelines.land.live_count import live_records, name_of
from tests.pipelines.scripted import LISTED, THINGS, ScriptedConnector, page, pages, record
from tests.pipelines.test_land import land, query
from warehouse.database import Database

if TYPE_CHECKING:
    import pytest

    from connectors.record import Page


class Counting(ScriptedConnector):
    """Says how many it holds, and never too many."""

    def count(self, stream: str) -> int:
        del stream
        return 1


def sync(url: str, *given: Page, stream: Any = THINGS) -> None:
    (result,) = land(url, Counting(source="crm").plays(stream, pages(*given)))
    assert result.state == "complete"


def kept(url: str) -> int:
    name = name_of("crm", "things")
    return int(query(url, f"SELECT value FROM hub_state WHERE name = '{name}'")[0][0])


def counted(url: str) -> int:
    with Database(url).session() as connection:
        return live_records(connection, "crm", "things")


def three(url: str) -> None:
    sync(url, page(*(record(name, name="Merlin") for name in "123")))


def test_new_records_are_added_once(database_url: str) -> None:
    three(database_url)
    sync(database_url, page(record("3", name="Merlin"), record("4", name="Kite")))
    sync(
        database_url, page(record("4", name="Kestrel"), record("5", name="Kite"), record("5", name="Merlin"))
    )
    assert kept(database_url) == counted(database_url) == 5


def test_deleted_merged_and_hidden_records_are_taken_off_once(database_url: str) -> None:
    sync(database_url, page(*(record(name, name="Merlin") for name in "12345")))
    gone = [record("1", op=Op.DELETE), record("2", op=Op.MERGE), record("3", op=Op.NOT_VISIBLE)]
    sync(database_url, page(*gone))
    sync(database_url, page(*gone, record("1", op=Op.MERGE)))
    assert kept(database_url) == counted(database_url) == 2


def test_a_deletion_of_a_record_nobody_saw_takes_nothing_off(database_url: str) -> None:
    three(database_url)
    sync(database_url, page(record("9", op=Op.DELETE)))
    assert kept(database_url) == counted(database_url) == 3


def test_restored_records_are_added_again(database_url: str) -> None:
    three(database_url)
    sync(database_url, page(record("1", op=Op.DELETE), record("2", op=Op.DELETE)))
    sync(database_url, page(record("1", name="Merlin")))
    assert kept(database_url) == counted(database_url) == 2


def test_an_older_version_that_arrives_late_moves_nothing(database_url: str) -> None:
    three(database_url)
    sync(database_url, page(record("1", "2026-02", Op.DELETE)))
    sync(database_url, page(record("1", "2026-01", name="Kite")))
    assert kept(database_url) == counted(database_url) == 2


def test_what_a_full_read_does_not_list_is_taken_off(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(database_url, page(*(record(name) for name in "123"), reading="full", last=True), stream=LISTED)
    monkeypatch.setattr(runs, "count_anew", lambda *_: 1)  # so that the number is moved, not counted
    sync(database_url, page(record("2"), record("4"), reading="full", last=True), stream=LISTED)
    assert kept(database_url) == counted(database_url) == 2


def test_a_number_that_is_wrong_is_put_right_before_a_gap_is_told(database_url: str) -> None:
    three(database_url)
    with Database(database_url).session() as connection, connection.transaction():
        connection.execute("UPDATE hub_state SET value = '0' WHERE name LIKE 'live_records:%'")
    sync(database_url, page(cursor={"at": 1}))
    assert kept(database_url) == 3
    assert query(database_url, "SELECT code FROM sync_error") == []


def test_a_number_that_is_wrong_is_put_right_by_a_reading_of_everything(database_url: str) -> None:
    three(database_url)
    with Database(database_url).session() as connection, connection.transaction():
        connection.execute("UPDATE hub_state SET value = '70' WHERE name LIKE 'live_records:%'")
    sync(database_url, page(*(record(name, name="Merlin") for name in "123"), reading="full", last=True))
    assert kept(database_url) == counted(database_url) == 3

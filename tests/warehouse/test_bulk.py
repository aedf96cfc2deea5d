"""Bulk writes do the same for a few rows and for many, on both engines, and may be repeated."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from warehouse import bulk
from warehouse.database import Database
from warehouse.row_digests import digests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

COLUMNS = ("source", "stream", "source_id", "raw_id", "op", "content_hash", "version")
FEW, MANY, MOST = 3, bulk.COPY_FROM_ROWS * 4, bulk.LOOK_FROM_ROWS + 100
AWKWARD = ["tab\there", "line\nbreak", "back\\slash", "\\N", "quote'\"", "ü 🌱", "", " "]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with Database(database_url).session() as connection:
        yield connection


def rows(count: int, op: str = "upsert") -> list[tuple[Any, ...]]:
    return [("crm", "things", f"{n:04}", n, op, bytes([n % 256]), None) for n in range(count)]


def stored(connection: Connection) -> list[tuple[Any, ...]]:
    found = connection.query(f"SELECT {', '.join(COLUMNS)} FROM raw_current ORDER BY source_id")
    return [(*row[:5], bytes(row[5]), row[6]) for row in found]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_inserted_rows_come_back_as_they_were(connection: Connection, count: int) -> None:
    with connection.transaction():
        bulk.insert(connection, "raw_current", COLUMNS, rows(count))
    assert stored(connection) == rows(count)


@pytest.mark.parametrize("count", [FEW, MANY])
def test_insert_of_a_key_that_exists_is_refused_whole(connection: Connection, count: int) -> None:
    with connection.transaction():
        bulk.insert(connection, "raw_current", COLUMNS, rows(1))
    with pytest.raises(Exception, match=r"(?i)unique"), connection.transaction():
        bulk.insert(connection, "raw_current", COLUMNS, list(reversed(rows(count))))
    assert stored(connection) == rows(1)


@pytest.mark.parametrize("count", [FEW, MANY, MOST])
def test_upsert_replaces_the_named_columns_and_leaves_the_others(connection: Connection, count: int) -> None:
    with connection.transaction():
        bulk.insert(
            connection, "raw_current", (*COLUMNS, "staged_rules"), [(*row, "kept") for row in rows(2)]
        )
        bulk.upsert(connection, "raw_current", COLUMNS, rows(count, "delete"))
        bulk.upsert(connection, "raw_current", COLUMNS, rows(count, "delete"))
    assert stored(connection) == rows(count, "delete")
    assert connection.query("SELECT count(*) FROM raw_current WHERE staged_rules = 'kept'") == [(2,)]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_delete_takes_exactly_the_given_keys(connection: Connection, count: int) -> None:
    with connection.transaction():
        bulk.insert(connection, "raw_current", COLUMNS, rows(count + 5))
        keys = [row[:3] for row in rows(count)]
        bulk.delete(connection, "raw_current", ("source", "stream", "source_id"), keys)
    assert stored(connection) == rows(count + 5)[count:]


@pytest.mark.parametrize("copies", [1, 20])
def test_awkward_text_survives_either_way_of_writing(connection: Connection, copies: int) -> None:
    names = [f"{n:03}{text}" for n in range(copies) for text in AWKWARD]
    with connection.transaction():
        bulk.insert(connection, "hub_state", ("name", "value"), [(name, name) for name in names])
    assert {row[0] for row in connection.query("SELECT value FROM hub_state WHERE name = value")} == set(
        names
    )


@pytest.mark.parametrize("count", [FEW, MANY])
def test_loaded_keys_are_there_once_and_replace_those_before(connection: Connection, count: int) -> None:
    with connection.transaction():
        bulk.load_keys(connection, "wanted", ("record",), [("old",)])
        loaded = bulk.load_keys(
            connection, "wanted", ("record",), [(str(n),) for n in (*range(count), *range(count))]
        )
    assert loaded == count
    found = {row[0] for row in connection.query("SELECT record FROM wanted")}
    assert found == {str(n) for n in range(count)}


def test_nothing_to_write_writes_nothing(connection: Connection) -> None:
    bulk.insert(connection, "raw_current", COLUMNS, [])
    bulk.upsert(connection, "raw_current", COLUMNS, [])
    bulk.delete(connection, "raw_current", COLUMNS, [])
    assert stored(connection) == []


@pytest.mark.parametrize("count", [FEW, MANY, MOST])
def test_rows_sent_again_as_they_stand_are_not_written(connection: Connection, count: int) -> None:
    with connection.transaction():
        bulk.insert(connection, "raw_current", COLUMNS, rows(count))
    with connection.transaction():
        counting = counter(connection)
        again = rows(count)
        again[1] = (*again[1][:4], "delete", *again[1][5:])
        bulk.upsert(connection, "raw_current", COLUMNS, again)
        assert connection.query(counting) == [(1,)]


def test_a_time_sent_in_another_spelling_is_not_written(postgres_url: str) -> None:
    columns = ("source", "stream", "state_json", "checksum", "run_id", "updated_at")
    former = [(f"s{n:03}", "x", "{}", "c", "r", "2026-10-01T09:00:00.000000Z") for n in range(MOST)]
    with Database(postgres_url).session() as connection:
        with connection.transaction():
            bulk.upsert(connection, "cursor", columns, former)
        with connection.transaction():
            bulk.upsert(
                connection, "cursor", columns, [*former[:-1], (*former[-1][:-1], "2026-10-01T11:00:00+02:00")]
            )
            assert connection.query(counter(connection).replace("raw_current", "cursor")) == [(0,)]


def test_what_changed_is_written_of_more_rows_than_are_compared_at_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "COMPARED_AT_ONCE", MOST // 3)
    with Database(postgres_url).session() as connection:
        with connection.transaction():
            bulk.upsert(connection, "raw_current", COLUMNS, rows(MOST))
        now = [*rows(1, "delete"), *rows(MOST)[1:-1], *rows(MOST, "delete")[-1:]]
        with connection.transaction():
            bulk.upsert(connection, "raw_current", COLUMNS, now)
            assert connection.query(counter(connection)) == [(2,)]
        assert stored(connection) == now


def test_a_null_that_becomes_empty_and_one_that_becomes_null_are_written(connection: Connection) -> None:
    former = rows(MOST)
    former[7] = (*former[7][:-1], "")
    now = [*rows(MOST - 1), (*former[-1][:-1], "")]
    with connection.transaction():
        bulk.upsert(connection, "raw_current", COLUMNS, former)
        bulk.upsert(connection, "raw_current", COLUMNS, now)
    assert stored(connection) == now


def test_of_awkward_text_sent_again_only_what_changed_is_written(connection: Connection) -> None:
    texts = [*AWKWARD, None]
    former = [(*row[:-1], texts[n % len(texts)]) for n, row in enumerate(rows(MOST))]
    now = [*former[:3], (*former[3][:-1], None), *former[4:8], (*former[8][:-1], "\\N"), *former[9:]]
    with connection.transaction():
        bulk.upsert(connection, "raw_current", COLUMNS, former)
    with connection.transaction():
        counting = counter(connection)
        bulk.upsert(connection, "raw_current", COLUMNS, now)
        assert connection.query(counting) == [(2,)]
    assert stored(connection) == now


def test_times_and_json_that_stand_do_not_travel_and_a_microsecond_more_does(postgres_url: str) -> None:
    columns = ("source", "stream", "state_json", "checksum", "run_id", "updated_at")
    former = [
        (f"s{n:03}", "x", '{"a": "\\t"}', "c", "r", f"2026-10-01T09:00:00.{n:06}Z") for n in range(MOST)
    ]
    now = [*former[:-1], (*former[-1][:-1], "2026-10-01T09:00:00.000999Z")]
    with Database(postgres_url).session() as connection, connection.transaction():
        bulk.upsert(connection, "cursor", columns, former)
        assert bulk.not_standing(connection, "cursor", columns, now) == now[-1:]


def test_of_rows_in_no_order_only_a_new_and_a_changed_one_travel(postgres_url: str) -> None:
    now = [*rows(MOST + 1)[1:], *rows(1, "delete")]
    with Database(postgres_url).session() as connection, connection.transaction():
        bulk.upsert(connection, "raw_current", COLUMNS, rows(MOST))
        assert bulk.not_standing(connection, "raw_current", COLUMNS, now) == now[-2:]


def test_a_row_sent_as_it_stands_does_not_wait_for_who_is_changing_it(postgres_url: str) -> None:
    with Database(postgres_url).session() as ours, Database(postgres_url).session() as theirs:
        with ours.transaction():
            bulk.insert(ours, "raw_current", COLUMNS, rows(MOST))
        with theirs.transaction():
            theirs.execute("UPDATE raw_current SET op = 'delete' WHERE source_id = '0007'")
            with ours.transaction():
                ours.execute("SET LOCAL lock_timeout = '1s'")
                bulk.upsert(ours, "raw_current", COLUMNS, rows(MOST))
        assert {row[2] for row in stored(ours) if row[4] == "delete"} == {"0007"}


def test_new_rows_of_which_another_writer_was_first_with_one_are_all_written(postgres_url: str) -> None:
    def write() -> None:
        with Database(postgres_url).session() as ours, ours.transaction():
            bulk.upsert(ours, "raw_current", COLUMNS, rows(MOST))

    with Database(postgres_url).session() as theirs:
        with theirs.transaction():
            bulk.insert(theirs, "raw_current", COLUMNS, [("crm", "things", "0007", 1, "delete", b"", None)])
            (writing := Thread(target=write)).start()
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while writing.is_alive() and theirs.query(waits) == [(0,)]:
                theirs.execute("SELECT pg_stat_clear_snapshot()")
        writing.join()
        assert stored(theirs) == rows(MOST)


@pytest.mark.parametrize("between", [0, 1, 4], ids=["close together", "every other one", "far apart"])
def test_ids_asked_for_at_once_are_told_wherever_they_lie(connection: Connection, between: int) -> None:
    every = rows(MOST * (between + 1))
    with connection.transaction():
        bulk.insert(connection, "raw_current", COLUMNS, every)
        bulk.insert(connection, "raw_current", COLUMNS, [("crm", "others", *row[2:]) for row in every])
    asked = [row[2] for row in every[: bulk.LOOK_ROWS]] + [row[2] for row in every[:: between + 1]]
    place = {"source": "crm", "stream": "things"}
    found = bulk.held(connection, "raw_current", ("source_id", "raw_id"), place, {*asked, "absent", "zz"})
    assert sorted(found) == sorted({(each, int(each)) for each in asked})


@pytest.mark.parametrize("between", [0, 1, 4], ids=["close together", "every other one", "far apart"])
@pytest.mark.parametrize("count", [FEW, MOST])
def test_the_digests_of_rows_are_found_wherever_their_keys_lie(
    connection: Connection, between: int, count: int
) -> None:
    keys = [f"crm/companies/{n:05}" for n in range(count * (between + 1))]
    rows = [(key, "crm", "companies", key, 1, "", "Kestrel", digests_of([(key,)])[0]) for key in keys]
    columns = ("record", "source", "stream", "source_id", "raw_id", "rules", "name", "digest")
    with connection.transaction():
        bulk.insert(connection, "staged_organization", columns, [*rows, ("zz", *rows[0][1:7], None)])
    asked = keys[:: between + 1]
    found = bulk.standing_digests(connection, "staged_organization", "record", ["absent", "zz", *asked])
    assert set(digests_of([(key,) for key in asked])) <= found
    assert digests_of([("absent",)])[0] not in found


def test_digests_far_apart_are_not_read_with_all_that_lies_between(connection: Connection) -> None:
    keys = [f"crm/companies/{n:05}" for n in range(MOST * 5)]
    rows = [(key, "crm", "companies", key, 1, "", "Kestrel", digests_of([(key,)])[0]) for key in keys]
    columns = ("record", "source", "stream", "source_id", "raw_id", "rules", "name", "digest")
    with connection.transaction():
        bulk.insert(connection, "staged_organization", columns, rows)
    asked = [*keys[:MOST], keys[-1]]
    found = bulk.standing_digests(connection, "staged_organization", "record", asked)
    assert found == set(digests_of([(key,) for key in asked]))


def counter(connection: Connection) -> str:
    """A query that counts the rows of `raw_current` written from now on in this transaction."""
    if connection.dialect == "postgresql":
        return (
            "SELECT count(*) FROM raw_current WHERE xmin::text::bigint = txid_current() % (1::bigint << 32)"
        )
    connection.execute("CREATE TEMP TABLE written AS SELECT 0 AS changes")
    connection.execute(
        "CREATE TEMP TRIGGER counting AFTER UPDATE ON raw_current"
        " BEGIN UPDATE written SET changes = changes + 1; END"
    )
    return "SELECT changes FROM written"


@pytest.mark.parametrize("count", [FEW, MANY])
def test_json_that_changes_is_written(connection: Connection, count: int) -> None:
    columns = ("source", "stream", "state_json", "checksum", "run_id", "updated_at")
    for state in ("{}", '{"at":1}'):
        given = [(f"s{n}", "x", state, "c", "r", "2026-10-01T09:00:00.000000Z") for n in range(count)]
        with connection.transaction():
            bulk.upsert(connection, "cursor", columns, given)
        assert connection.query("SELECT DISTINCT CAST(state_json AS TEXT) FROM cursor") == [(state,)]

"""Landing: everything that arrives is in raw once, the cursor never runs ahead, one failure never stops a neighbor."""

from __future__ import annotations

import io
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
import structlog

from connectors.errors import FixSetup, RetryLater, SkipStream, WaitForQuota
from connectors.record import Blob, Op, SourceRecord, Stream
from pipelines.land.content import decode
from pipelines.land.session import LandSession, LandSettings
from pipelines.land.writer import StreamResult
from pipelines.leases import LeaseLost, acquire
from tests.pipelines.scripted import LISTED, THINGS, ScriptedConnector, page, pages, record
from warehouse.commands.redact import redact_record
from warehouse.database import Database
from warehouse.errors import AlreadyRunning


def land(
    url: str, *connectors: ScriptedConnector, run_id: str = "run-1", **settings: Any
) -> list[StreamResult]:
    with LandSession(Database(url), connectors, LandSettings(run_id=run_id, **settings)) as session:
        return [result for connector in connectors for result in session.wait(connector.source)]


def scripted(*given: Any, source: str = "crm", stream: Stream = THINGS, **settings: Any) -> ScriptedConnector:
    return ScriptedConnector(source=source, **settings).plays(stream, pages(*given))


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with Database(url).session() as connection:
        return connection.query(statement)


def counts(result: StreamResult) -> tuple[int, int, int, int]:
    return result.read, result.landed, result.unchanged, result.superseded


def test_first_landing_stores_every_record(database_url: str) -> None:
    (result,) = land(database_url, scripted(page(record("1"), record("2"), cursor={"at": "x"})))
    assert counts(result) == (2, 2, 0, 0)
    assert query(database_url, "SELECT source_id, op FROM raw_current ORDER BY 1") == [
        ("1", "upsert"),
        ("2", "upsert"),
    ]


@pytest.mark.fault("F28")
def test_same_page_again_writes_no_version(database_url: str) -> None:
    connector = scripted(page(record("1", name="A"), record("2")))
    land(database_url, connector)
    (again,) = land(database_url, connector, run_id="run-2")
    assert counts(again) == (2, 0, 2, 0)
    assert query(database_url, "SELECT count(*) FROM raw_record") == [(2,)]


def test_changed_record_appends_a_version_and_keeps_the_old(database_url: str) -> None:
    land(database_url, scripted(page(record("1", name="old"))))
    land(database_url, scripted(page(record("1", name="new"))), run_id="run-2")
    rows = query(database_url, "SELECT payload FROM raw_record ORDER BY raw_id")
    assert [bytes(row[0]) for row in rows] == [b'{"id":"1","name":"old"}', b'{"id":"1","name":"new"}']


@pytest.mark.fault("F45")
def test_older_version_is_kept_but_never_becomes_current(database_url: str) -> None:
    land(database_url, scripted(page(record("1", "2026-01-02T00:00:00.000000Z", name="new"))))
    late = scripted(page(record("1", "2026-01-01T00:00:00.000000Z", name="old")))
    (first,) = land(database_url, late, run_id="run-2")
    (second,) = land(database_url, late, run_id="run-3")
    assert (counts(first), counts(second)) == ((1, 0, 0, 1), (1, 0, 0, 1))
    assert query(database_url, "SELECT count(*) FROM raw_record") == [(2,)]
    assert query(database_url, "SELECT version FROM raw_current") == [("2026-01-02T00:00:00.000000Z",)]


def test_record_twice_in_a_page_counts_twice_and_the_newest_wins(database_url: str) -> None:
    newer, older = ("2026-01-02T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z")
    (result,) = land(
        database_url,
        scripted(page(record("1", newer, n=2), record("1", older, n=1), record("1", newer, n=2))),
    )
    assert counts(result) == (3, 1, 1, 1)
    assert query(database_url, "SELECT version FROM raw_current") == [(newer,)]


def test_record_without_an_id_lands_quarantined_under_its_content(database_url: str) -> None:
    (result,) = land(database_url, scripted(page(record("", name="A"), record("1"))))
    assert (result.landed, result.quarantined) == (2, 1)
    ((source_id, code),) = query(
        database_url, "SELECT source_id, quarantine FROM raw_current WHERE quarantine IS NOT NULL"
    )
    assert source_id.startswith("malformed-")
    assert code == "missing_id"


@pytest.mark.parametrize("value", ["\ud800", 2**80, "a\x00b", {"é": [None, {"🙂": 1.5}]}])
@pytest.mark.fault("F60")
def test_awkward_json_survives_landing(database_url: str, value: Any) -> None:
    (result,) = land(database_url, scripted(page(record("1", value=value))))
    assert (result.landed, result.quarantined) == (1, 0)


def test_volatile_fields_do_not_make_a_version(database_url: str) -> None:
    stream = Stream("things", "incremental", volatile=("stats.views",))
    land(database_url, scripted(page(record("1", stats={"views": 1, "likes": 2})), stream=stream))
    (again,) = land(
        database_url, scripted(page(record("1", stats={"views": 9, "likes": 2})), stream=stream), run_id="r2"
    )
    assert again.unchanged == 1


def test_deletion_and_return_are_versions(database_url: str) -> None:
    for number, rows in enumerate(
        [record("1", n=1), record("1", op=Op.DELETE), record("1", op=Op.DELETE), record("1", n=1)]
    ):
        land(database_url, scripted(page(rows)), run_id=f"run-{number}")
    assert [row[0] for row in query(database_url, "SELECT op FROM raw_record ORDER BY raw_id")] == [
        "upsert", "delete", "restore",
    ]  # fmt: skip


def test_a_record_back_with_the_very_content_of_its_deletion_is_restored(database_url: str) -> None:
    for number, op in enumerate([Op.DELETE, Op.UPSERT]):
        land(database_url, scripted(page(record("1", op=op, n=1))), run_id=f"run-{number}")
    assert query(database_url, "SELECT op FROM raw_current") == [("restore",)]


def test_a_record_that_ends_its_page_as_it_stood_stays_as_it_stands(database_url: str) -> None:
    land(database_url, scripted(page(record("1", name="old"), record("2"))))
    there_and_back = page(record("1", name="new"), record("1", name="old"), record("2"))
    (result,) = land(database_url, scripted(there_and_back), run_id="run-2")
    assert counts(result) == (3, 0, 2, 1)
    assert query(database_url, "SELECT max(raw_id) FROM raw_current") == [(2,)]


@pytest.mark.parametrize("odd", ["plain", "\ud800", 2**80])
def test_what_changed_lands_alone_among_many_that_say_the_same(database_url: str, odd: Any) -> None:
    many = [record(f"{n:04}", name=f"A{n}", text='"],["', odd=odd) for n in range(700)]
    land(database_url, scripted(page(*many)))
    many[333] = record("0333", name="changed", text='"],["', odd=odd)
    (result,) = land(database_url, scripted(page(*many)), run_id="run-2")
    assert counts(result) == (700, 1, 699, 0)
    (stored,) = query(database_url, "SELECT source_id, payload FROM raw_record WHERE run_id = 'run-2'")
    assert (stored[0], decode(stored[1])) == ("0333", many[333].payload)


def test_cursor_is_handed_back_at_the_next_sync(database_url: str) -> None:
    seen: list[Any] = []
    connector = ScriptedConnector(source="crm").plays(
        THINGS, lambda cursor, _full: seen.append(cursor) or iter([page(record("1"), cursor={"after": 7})])
    )
    land(database_url, connector)
    land(database_url, connector, run_id="run-2")
    assert seen == [None, {"after": 7}]


@pytest.mark.fault("F70")
def test_page_that_cannot_be_stored_leaves_cursor_and_counts_behind(sqlite_url: str) -> None:
    with Database(sqlite_url).session() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON cursor BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(Exception, match="disk full"):
        land(sqlite_url, scripted(page(record("1"), cursor={"after": 7})))
    assert query(sqlite_url, "SELECT count(*) FROM raw_record") == [(0,)]
    assert query(sqlite_url, "SELECT read FROM stream_run") == [(0,)]


@pytest.mark.fault("F43")
def test_damaged_cursor_stops_its_stream_with_the_repair(database_url: str) -> None:
    land(database_url, scripted(page(record("1"), cursor={"after": 7})))
    with Database(database_url).session() as connection, connection.transaction():
        connection.execute("""UPDATE cursor SET state_json = '{"after": 99}'""")
    (result,) = land(database_url, scripted(page(record("2"))), run_id="run-2")
    assert (result.state, result.read) == ("needs_person", 0)
    assert isinstance(result.error, FixSetup)
    assert result.error.code == "cursor_damaged"


def failing(error: Exception) -> Any:
    def script(_cursor: Any, _full: bool) -> Any:
        yield page(record("1"), cursor={"after": 1})
        raise error

    return script


FACTS = {"code": "c", "do": "d", "happened": "h"}


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (RetryLater(**FACTS), "incomplete"),
        (WaitForQuota(**FACTS), "incomplete"),
        (SkipStream(**FACTS), "skipped"),
        (FixSetup(**FACTS), "needs_person"),
        (ValueError("secret text"), "failed"),
    ],
)
def test_stream_that_fails_keeps_its_pages_and_says_so(
    database_url: str, error: Exception, state: str
) -> None:
    (result,) = land(database_url, ScriptedConnector(source="crm").plays(THINGS, failing(error)))
    assert (result.state, result.landed) == (state, 1)
    ((code, happened),) = query(database_url, "SELECT code, happened FROM sync_error WHERE state = 'open'")
    assert code
    assert "secret text" not in happened


def test_failing_stream_leaves_its_neighbors_alone(database_url: str) -> None:
    other = Stream("others", "incremental")
    crm = ScriptedConnector(source="crm").plays(THINGS, failing(ValueError()))
    crm.plays(other, lambda _c, _f: iter([page(record("9"))._replace(stream="others")]))
    mail = scripted(page(record("m")), source="mail")
    states = {(r.source, r.stream): r.state for r in land(database_url, crm, mail)}
    assert states == {
        ("crm", "things"): "failed",
        ("crm", "others"): "complete",
        ("mail", "things"): "complete",
    }


def test_failure_is_resolved_when_the_stream_completes(database_url: str) -> None:
    land(database_url, ScriptedConnector(source="crm").plays(THINGS, failing(RetryLater(**FACTS))))
    land(database_url, scripted(page(record("1"))), run_id="run-2")
    assert query(database_url, "SELECT state FROM sync_error") == [("resolved",)]


@pytest.mark.fault("F26")
def test_another_account_is_refused_before_any_write(database_url: str) -> None:
    land(database_url, scripted(page(record("1"))))
    (result,) = land(database_url, scripted(page(record("2")), account="account-2"), run_id="run-2")
    assert (result.state, result.read) == ("needs_person", 0)
    assert query(database_url, "SELECT count(*) FROM raw_record") == [(1,)]


def listing(*ids: str) -> ScriptedConnector:
    return scripted(page(*(record(i) for i in ids), reading="full", last=True), stream=LISTED)


def test_absence_from_a_completed_full_read_is_noted(database_url: str) -> None:
    land(database_url, listing("1", "2", "3"))
    (result,) = land(database_url, listing("1", "3"), run_id="run-2")
    assert result.removed == 1
    assert query(database_url, "SELECT source_id FROM raw_current WHERE op = 'not_visible'") == [("2",)]


def test_full_read_cut_short_proves_nothing(database_url: str) -> None:
    land(database_url, listing("1", "2"))
    cut = scripted(page(record("1"), reading="full", last=False), stream=LISTED)
    (result,) = land(database_url, cut, run_id="run-2")
    assert result.removed == 0


@pytest.mark.fault("F77")
def test_two_syncs_of_one_source_exclude_each_other(database_url: str) -> None:
    gate, database = Event(), Database(database_url)
    slow = ScriptedConnector(source="crm").plays(
        THINGS, lambda _c, _f: (gate.wait(), iter([page(record("1"))]))[1]
    )
    with LandSession(database, [slow], LandSettings(run_id="run-1")) as first:
        with pytest.raises(
            AlreadyRunning, match=r"A sync of crm is already running since .* UTC, by process"
        ):
            LandSession(database, [slow], LandSettings(run_id="run-2")).start()
        gate.set()
        assert [result.state for result in first.wait("crm")] == ["complete"]


def test_a_start_that_is_broken_off_gives_back_the_leases_it_took(database_url: str) -> None:
    def interrupted() -> tuple[Stream, ...]:
        raise KeyboardInterrupt

    crm, erp = ScriptedConnector(source="crm"), ScriptedConnector(source="erp")
    object.__setattr__(erp, "streams", interrupted)
    with pytest.raises(KeyboardInterrupt):
        LandSession(Database(database_url), [crm, erp], LandSettings(run_id="run-1")).start()
    with Database(database_url).session() as connection:
        assert [acquire(connection, f"sync:{name}").token for name in ("crm", "erp")] == [2, 2]


@pytest.mark.fault("F78")
def test_writer_whose_lease_was_taken_over_commits_nothing_more(database_url: str) -> None:
    gate = Event()
    slow = ScriptedConnector(source="crm").plays(
        THINGS, lambda _c, _f: (gate.wait(), iter([page(record("1"))]))[1]
    )
    with LandSession(Database(database_url), [slow], LandSettings(run_id="run-1")) as session:
        with Database(database_url).session() as connection, connection.transaction():
            connection.execute("UPDATE lease SET token = token + 1, holder = 'another process'")
        gate.set()
        (result,) = session.wait("crm")
    assert result.state == "incomplete"
    assert isinstance(result.error, LeaseLost)
    assert query(database_url, "SELECT count(*) FROM raw_record") == [(0,)]


def test_source_whose_check_fails_reports_every_stream(database_url: str) -> None:
    class Unreachable(ScriptedConnector):
        def check(self) -> Any:
            raise RetryLater(**FACTS)

    results = land(database_url, Unreachable(source="crm").plays(THINGS, pages()))
    assert [result.state for result in results] == ["incomplete"]


def test_gap_against_the_source_s_own_count_is_reported(database_url: str) -> None:
    class Counting(ScriptedConnector):
        def count(self, stream: str) -> int:
            return 3

    (result,) = land(
        database_url, Counting(source="crm").plays(THINGS, pages(page(record("1"), record("2"))))
    )
    assert (result.state, result.in_source) == ("complete", 3)
    assert query(database_url, "SELECT code, severity FROM sync_error") == [("count_gap", "warning")]


def test_record_without_an_id_stands_while_full_reads_list_it(database_url: str) -> None:
    connector = scripted(page(record("1"), record("", name="A"), reading="full", last=True), stream=LISTED)
    (first,) = land(database_url, connector)
    (again,) = land(database_url, connector, run_id="run-2")
    assert (first.landed, first.removed) == (2, 0)
    assert (again.landed, again.removed) == (0, 0)


def redacted(url: str, source_id: str) -> None:
    with Database(url).session() as connection, connection.transaction():
        redact_record(
            connection, "crm", "things", source_id, reason="asked to", secret=b"sixteen bytes at least",
            now="2026-10-01T00:00:00.000000Z",
        )  # fmt: skip


def test_redacted_record_stays_blank_when_it_changes_at_the_source(database_url: str) -> None:
    land(database_url, scripted(page(record("1", name="old"))))
    redacted(database_url, "1")
    changes = page(record("1", name="newer"), record("1", name="newest"), record("1", op=Op.DELETE))
    (result,) = land(database_url, scripted(changes), run_id="run-2")
    assert counts(result) == (3, 0, 3, 0)
    assert query(database_url, "SELECT payload FROM raw_record") == [(None,)]


def test_bytes_of_a_redacted_record_do_not_come_back_with_it(database_url: str) -> None:
    blob = Blob("c0ffee", "text/plain", b"contract")
    held = SourceRecord("1", {"id": "1"}, blobs=(blob,))
    land(database_url, scripted(page(SourceRecord("1", {"id": "1"}))))
    redacted(database_url, "1")
    land(database_url, scripted(page(held)), run_id="run-2")
    assert query(database_url, "SELECT sha256 FROM raw_blob") == []


class Unsettled(ScriptedConnector):
    """Cannot even say what its streams are."""

    def streams(self) -> tuple[Stream, ...]:
        raise FixSetup(code="no_header", do="Mend it.", happened="The settings lead nowhere.")


def test_session_that_cannot_begin_leaves_every_source_free(database_url: str) -> None:
    with pytest.raises(FixSetup):
        land(database_url, scripted(page(record("1"))), Unsettled(source="other"))
    (result,) = land(database_url, scripted(page(record("1"))))
    assert result.state == "complete"


@pytest.fixture
def log_nobody_reads() -> Iterator[None]:
    """A log whose file is closed, as after a pipe has broken."""
    gone = io.StringIO()
    gone.close()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(gone), cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.usefixtures("log_nobody_reads")
@pytest.mark.fault("F71")
def test_a_writer_that_fails_is_told_even_when_the_log_cannot_be_written(sqlite_url: str) -> None:
    with Database(sqlite_url).session() as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON raw_record BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(Exception, match="disk full"):
        land(sqlite_url, scripted(page(record("1"))))

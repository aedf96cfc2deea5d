"""F67–F86: disks fill, databases lock, restart and collide; what was committed stands, the rest resumes."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from datetime import timedelta

import pytest
import time_machine

from partnerhub.cli.failures import understood
from partnerhub.config import load_config
from pipelines import failures
from pipelines.doctor import warehouse as doctor
from pipelines.land.again import TRIES
from pipelines.sync import run_sync
from tests.faults.hub import Hub
from tests.faults.meddling import edit
from tests.faults.vendors import NOW, company
from tests.oracles import wrong_with
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse import database as databases
from warehouse.database import Database
from warehouse.errors import Contended, DatabaseUnavailable, DiskFull
from warehouse.schema import migrate
from warehouse.trouble import named


@pytest.fixture
def postgres_hub(postgres_url):
    return Hub(postgres_url)


def raising(hub, state):
    """Let PostgreSQL refuse the first writes into raw with a SQLSTATE; the sequence counts although they roll back."""
    hub.write("CREATE SEQUENCE public.strikes")
    hub.write(
        "CREATE FUNCTION public.strike() RETURNS trigger AS $$ BEGIN IF nextval('public.strikes') <= 2 THEN"
        f" RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    hub.write(
        "CREATE TRIGGER strike BEFORE INSERT ON raw_record FOR STATEMENT EXECUTE FUNCTION public.strike()"
    )


def things(*numbers):
    """A source of a page for each number."""
    return ScriptedConnector(source="crm").plays(
        THINGS, pages(*(page(record(str(n)), cursor={"page": n}) for n in numbers))
    )


# ---------------------------------------------------------------- disks and locks


def test_f70_a_full_disk_keeps_what_was_committed_and_says_that_it_is_full(small_hub, hubspot, monkeypatch):
    small_hub.sync(hubspot)
    ((pages_now,),) = small_hub.query("PRAGMA page_count")
    for number in range(10, 2_000):
        company(hubspot.simulator, number, about_us="x" * 2_000)
    hubspot.others |= {"list_page_size": 100}
    with monkeypatch.context() as patch:
        limited = (*databases.SQLITE_PRAGMAS, f"PRAGMA max_page_count = {pages_now + 200}")
        patch.setattr(databases, "SQLITE_PRAGMAS", limited)
        with pytest.raises(DiskFull, match="Make room"):
            small_hub.sync(hubspot, full=True)
    assert small_hub.query("PRAGMA integrity_check") == [("ok",)]
    with Database(small_hub.url).session() as connection:
        assert wrong_with(connection, hubspot.truth, settled=False) == []
    small_hub.sync(hubspot, full=True)
    small_hub.settles(hubspot)


def test_f70_the_command_says_that_the_disk_is_full_and_closes_the_run(tmp_path, monkeypatch):
    (tmp_path / "list.csv").write_text(
        "Company\n" + "".join(f"Company {n} {'x' * 900}\n" for n in range(3_000))
    )
    settings = "sources:\n  list:\n    connector: sheets\n    path: list.csv\n"
    (tmp_path / "partnerhub.yaml").write_text(settings, encoding="utf-8")
    config = load_config(tmp_path / "partnerhub.yaml")
    migrate(config.warehouse_url)
    monkeypatch.setattr(
        databases, "SQLITE_PRAGMAS", (*databases.SQLITE_PRAGMAS, "PRAGMA max_page_count = 400")
    )
    with pytest.raises(DiskFull):
        run_sync(config)
    with Database(config.warehouse_url).session() as connection:
        assert connection.query("SELECT state FROM sync_run") == [("failed",)]


def test_f70_a_full_disk_of_postgresql_is_called_the_same(postgres_hub):
    raising(postgres_hub, "53100")
    with pytest.raises(DiskFull):
        postgres_hub.sync(things(1, 2))
    assert postgres_hub.query("SELECT * FROM cursor") == []


def test_f70_a_step_that_meets_a_full_disk_tells_it_by_name(small_hub):
    @failures.told_by_name
    def step():
        raise sqlite3.OperationalError("secret text")

    full = sqlite3.connect(":memory:")
    full.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.OperationalError) as caught:
        full.execute("CREATE TABLE much (more TEXT)")
    assert isinstance(named(caught.value), DiskFull)
    with pytest.raises(failures.StepFailed) as told:
        step()
    assert "secret text" not in str(told.value)


def lock(hub):
    """A connection of another program that has begun to write."""
    other = sqlite3.connect(Database(hub.url).path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return contextlib.closing(other)


def test_f72_a_file_that_another_program_writes_to_is_waited_for(small_hub):
    small_hub.sync(things(1))
    with lock(small_hub) as other:
        threading.Timer(0.5, lambda: other.execute("ROLLBACK")).start()
        assert small_hub.states(things(1, 2)) == ["complete"]


def test_f72_a_file_that_stays_locked_is_said_to_be_locked(small_hub, monkeypatch):
    small_hub.sync(things(1))
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_SECONDS", 0.2)
    with lock(small_hub), pytest.raises(sqlite3.OperationalError) as caught:
        small_hub.sync(things(1, 2))
    told = understood(caught.value)
    assert (told.code, told.exit_code) == ("database_busy", 3)
    assert small_hub.states(things(1, 2)) == ["complete"]


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_f73_a_warehouse_on_a_network_drive_is_told_to_move(small_hub, monkeypatch, kind):
    monkeypatch.setattr(doctor, "file_system", lambda _path: kind)
    with Database(small_hub.url).session() as connection:
        found = list(doctor.look_at_file(connection, Database(small_hub.url).path))
    assert [one.fix for one in found if kind in one.said] == ["Move it to a disk of this machine."]


def test_f73_a_folder_that_may_not_be_written_is_named(tmp_path):
    with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path}/missing/warehouse.db").connect()


# ---------------------------------------------------------------- PostgreSQL


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_f75_a_transaction_that_lost_against_another_is_done_again(postgres_hub, state):
    raising(postgres_hub, state)
    (result,) = postgres_hub.sync(things(1, 2))
    assert (result.state, result.landed, TRIES > 2) == ("complete", 2, True)


def test_f75_one_that_always_loses_ends_by_name(postgres_hub):
    raising(postgres_hub, "40P01")
    postgres_hub.write("ALTER SEQUENCE public.strikes MINVALUE -1000 RESTART WITH -1000")
    with pytest.raises(Contended):
        postgres_hub.sync(things(1, 2))


# ---------------------------------------------------------------- the machine's clock


def test_f82_a_clock_that_jumps_back_an_hour_turns_nothing_around(hub, hubspot):
    with time_machine.travel(NOW, tick=True):
        hub.sync(hubspot)
    hubspot.simulator.store.advance(timedelta(minutes=5))
    edit(hubspot, 1, "Edited")
    with time_machine.travel(NOW - timedelta(hours=1), tick=True):
        hub.sync(hubspot)
    rows = hub.query("SELECT payload FROM raw_current JOIN raw_record USING (raw_id)")
    assert sum(b'"Edited"' in bytes(row[0]) for row in rows) == 1
    hub.settles(hubspot)

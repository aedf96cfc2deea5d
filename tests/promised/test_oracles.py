"""Each oracle is silent over a hub that kept its promise, and names what is wrong with one that did not."""

from __future__ import annotations

import shutil
from contextlib import chdir
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from partnerhub.config import load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.land.runs import finish_run, start_run
from tests.oracles import (
    Truth,
    at_rest,
    bounded,
    erased_stays_erased,
    failures_visible,
    isolated,
    never_backwards,
    no_secrets,
    nothing_lost,
    nothing_twice,
    provenance,
    same_on_both,
    served_by,
    state_never_ahead,
    wrong_with,
)
from tests.pipelines.engine import Engine
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.database import Connection

pytestmark = pytest.mark.slow

LATER = timedelta(minutes=5)


class Hub:
    """A simulated company and a hub that reads all of it."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.simulator = simulator
        self.config = load_config(simulator.write_config(f"sqlite:///{folder}/warehouse.db"))
        migrate(self.config.warehouse_url)
        self.engine = Engine.of(self.config)
        self.sync()

    def sync(self) -> None:
        with self.engine.database.session() as connection:
            start_run(connection, f"run-{self.engine.runs + 1}", "test", self.engine.now)
        self.engine.sync(self.config.connector(name) for name in self.config.sources)
        with self.engine.database.session() as connection:
            finish_run(connection, self.engine.run_id, "complete", self.engine.now)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    world = generate_world(11, 3, datetime(2026, 10, 1, tzinfo=UTC))
    with Simulator(world, folder) as simulator, chdir(folder):
        yield Hub(folder, simulator)


@pytest.fixture
def served(hub: Hub) -> Truth:
    return served_by(hub.simulator)


@pytest.fixture
def copy(hub: Hub, tmp_path: Path) -> Iterator[Connection]:
    """A copy of the synced warehouse, to be spoiled."""
    shutil.copyfile(hub.engine.database.path, tmp_path / "copy.db")
    with Database(f"sqlite:///{tmp_path}/copy.db").session() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection


def test_all_oracles_are_silent_over_a_synced_hub(copy: Connection, served: Truth) -> None:
    assert len(served) > 30
    assert wrong_with(copy, served, exit_code=0) == []


def test_hub_comes_to_rest(hub: Hub) -> None:
    assert at_rest(hub.engine.database, hub.sync) == []


def test_hub_that_writes_again_is_not_at_rest(hub: Hub) -> None:
    def sync() -> None:
        with hub.engine.database.session() as connection:
            connection.execute("UPDATE organization SET name = name || '!'")

    assert at_rest(hub.engine.database, sync, times=1) == [
        "sync 1 after the last change still wrote organization"
    ]


def test_lost_record_and_lost_change_are_named(copy: Connection, served: Truth) -> None:
    ((lost,),) = copy.query("SELECT min(source_id) FROM raw_current WHERE stream = 'companies'")
    copy.execute("DELETE FROM raw_current WHERE stream = 'companies' AND source_id = ?", (lost,))
    issue = next(iter(served["jira", "issues"].live))
    changed = {**served["jira", "issues"].live, issue: "2026-11-01T00:00:00.000Z"}
    truth = {**served, ("jira", "issues"): replace(served["jira", "issues"], live=changed)}
    wrong = nothing_lost(copy, truth)
    assert [one for one in wrong if f"records are lost: {lost}" in one]
    assert [one for one in wrong if one.startswith("jira/issues: another version") and issue in one]


def test_lost_mail_and_lost_row_are_found_by_what_stands_in_them(copy: Connection, served: Truth) -> None:
    copy.execute("DELETE FROM raw_current WHERE stream IN ('messages', 'rows')")
    wrong = nothing_lost(copy, served)
    assert len([one for one in wrong if "/messages" in one or "/rows" in one]) == 4


def test_record_that_is_gone_at_the_source_and_looks_alive_is_named(copy: Connection, served: Truth) -> None:
    copy.execute("UPDATE raw_current SET source_id = 'ghost' || source_id WHERE stream = 'tickets'")
    assert [one for one in nothing_lost(copy, served) if "the source never had" in one and "ghost" in one]


def test_version_that_landed_twice_and_count_that_lies_are_named(copy: Connection, served: Truth) -> None:
    columns = "source, stream, source_id, op, content_hash, version, payload, run_id, landed_at"
    copy.execute(
        f"INSERT INTO raw_record (raw_id, {columns}) SELECT raw_id + 100000, {columns} FROM raw_record"
        " WHERE stream = 'deals' LIMIT 1"
    )
    wrong = nothing_twice(copy, served)
    assert [one for one in wrong if "the same version landed twice: hubspot/deals/" in one]
    assert [one for one in wrong if "hubspot/deals: run run-1 says it landed" in one]


@pytest.mark.parametrize("stream", ["companies", "messages", "decks"])
def test_cursor_ahead_of_its_data_is_named(copy: Connection, served: Truth, stream: str) -> None:
    assert state_never_ahead(copy, served) == []
    copy.execute("DELETE FROM raw_current WHERE stream = ?", (stream,))
    assert [one for one in state_never_ahead(copy, served) if f"/{stream}: the cursor has passed" in one]


def test_older_version_that_is_current_is_named(copy: Connection) -> None:
    copy.execute("UPDATE raw_current SET version = '2000-01-01T00:00:00.000000Z' WHERE stream = 'companies'")
    assert "an older version replaced a newer one" in never_backwards(copy)[0]


def test_stream_that_failed_without_a_word_and_green_run_are_named(copy: Connection) -> None:
    copy.execute("UPDATE stream_run SET state = 'failed' WHERE stream = 'deals'")
    wrong = " ".join(failures_visible(copy, exit_code=0))
    assert "hubspot/deals: failed in run run-1, without a reason or a remedy" in wrong
    assert "says it is complete, its streams are failed" in wrong
    assert "the command exited with 4" in " ".join(failures_visible(copy, exit_code=4))


def test_quarantine_nobody_is_told_of_is_named(copy: Connection) -> None:
    assert failures_visible(copy) == []
    copy.execute("DELETE FROM sync_error")
    assert "in quarantine without an open problem" in failures_visible(copy)[0]


def test_secret_is_found_wherever_it_stands(copy: Connection, tmp_path: Path) -> None:
    copy.execute("UPDATE sync_error SET sample = 'Bearer hush-hush'")
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "run.txt").write_text("hush-hush")
    wrong = no_secrets(copy, ["hush-hush"], "said hush-hush aloud", [tmp_path / "log"])
    assert wrong == [
        "a secret stands in sync_error.sample",
        "a secret or a body was printed or logged",
        "a secret or a body stands in run.txt",
    ]
    assert no_secrets(copy, ["not there"], "nothing") == []


def test_erased_record_that_came_back_is_named(copy: Connection) -> None:
    copy.execute(
        "INSERT INTO redaction (source, stream, source_id, keyed_hash, reason, redacted_at)"
        " SELECT source, stream, source_id, '', '', '' FROM raw_current WHERE stream = 'contacts' LIMIT 1"
    )
    assert erased_stays_erased(copy)[0].startswith("redacted, and back: hubspot/contacts/")


def test_value_without_its_version_is_named(copy: Connection) -> None:
    copy.execute("DELETE FROM raw_record WHERE stream = 'companies'")
    wrong = " ".join(provenance(copy))
    assert "golden values without a raw version" in wrong
    assert "current records that point to no raw version" in wrong


def test_two_hubs_are_the_same_until_one_differs(hub: Hub, copy: Connection) -> None:
    with hub.engine.database.session() as original:
        assert same_on_both(original, copy) == []
        copy.execute("UPDATE golden_value SET value = 'else' WHERE field = 'name'")
        assert [one for one in same_on_both(original, copy) if one.startswith("golden_value: only here")]


def test_neighbor_that_fell_with_a_broken_stream_is_named(copy: Connection) -> None:
    copy.execute("UPDATE stream_run SET state = 'failed' WHERE stream IN ('deals', 'notes')")
    assert isolated(copy, "run-1", {"hubspot"}) == []
    assert isolated(copy, "run-1", {"hubspot/deals"}) == [
        "hubspot/notes is failed, though only hubspot/deals was broken"
    ]


def test_what_is_beyond_its_limit_or_was_not_measured_is_named() -> None:
    assert bounded({"seconds": 9.0}, {"seconds": 10}) == []
    assert bounded({"seconds": 11.0}, {"seconds": 10, "requests": 5}) == [
        "seconds was 11.0, the limit is 10",
        "requests was None, the limit is 5",
    ]

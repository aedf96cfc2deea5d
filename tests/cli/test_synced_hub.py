"""A spreadsheet imported, synced and looked at by the commands a person would use."""

import signal
import time

import pytest

from partnerhub.web.connected import now_text
from pipelines.supervision.asked import taking
from tests.cli.conftest import subprocess_command
from tests.conftest import REPOSITORY
from warehouse.commands.ask_run import OPEN, ask_sync, job_called
from warehouse.commands.operate import Who
from warehouse.database import Database


def test_import_registers_the_file_and_lands_every_row(hub):
    assert hub.imported.code == 0
    streams = hub.imported.json["sync"]["streams"]
    assert [(each["source"], each["state"], each["landed"]) for each in streams] == [
        ("partners", "complete", 4)
    ]
    assert "path: partners.csv" in (hub.folder / "partnerhub.yaml").read_text()


def test_a_run_shows_what_each_of_its_phases_did_with_counts_that_add_up(ask):
    phases = {row["phase"]: row for row in ask("runs", "show", "last", "--json").json["phases"]}
    assert set(phases) == {"land", "stage", "resolve", "publish", "fetch", "signals", "validate"}
    assert all(row["state"] == "complete" and row["adds_up"] for row in phases.values())
    assert [phases[name]["entered"] for name in ("land", "stage", "publish")] == [4, 4, 4]
    assert "resolve" in ask("runs", "show", "last").out


@pytest.mark.slow
def test_a_second_sync_prints_only_json_and_lands_nothing(hub):
    said = subprocess_command(hub.folder, "sync", "--json")
    assert said.code == 0
    assert {"run_id", "state", "seconds", "streams"} <= said.json.keys()
    stream = said.json["streams"][0]
    keys = {"source", "stream", "state", "read", "landed", "unchanged", "quarantined", "seconds", "error"}
    assert keys <= stream.keys()
    assert stream["landed"] == 0


@pytest.mark.slow
@pytest.mark.fault("F77")
def test_a_sync_that_is_already_running_ends_with_75(hub):
    from pipelines.leases import acquire, release
    from warehouse.database import Database

    with Database(f"sqlite:///{hub.folder / 'warehouse.db'}").session() as connection:
        lease = acquire(connection, "sync:partners", "a test")
        said = subprocess_command(hub.folder, "sync", "--json")
        release(connection, lease)
    assert said.code == 75
    assert said.json["error"]["code"] == "already_running"


def test_status_tells_what_the_source_and_the_hub_hold(ask):
    said = ask("status", "--json")
    stream = said.json["streams"][0]
    keys = {"state", "in_source", "in_hub", "quarantined", "cursor", "last_success_at"}
    assert keys <= stream.keys()
    assert (stream["in_source"], stream["in_hub"], stream["quarantined"]) == (4, 4, 0)


def test_show_finds_a_partner_by_part_of_its_name_and_says_where_values_are_from(ask):
    said = ask("show", "acme", "--why", "--json")
    assert said.code == 0
    assert len(said.json["records"]) == 2
    tier = next(value for value in said.json["values"] if value["field"] == "tier")
    assert (tier["value"], tier["source"], tier["rule"]) == ("Gold", "partners", "only")


def test_show_says_in_words_why_two_records_are_one_and_names_them_as_people_do(ask):
    said = ask("show", "acme", "--why")
    assert "Why these 2 records are one" in said.out
    assert "is like row 2 of partners.csv: same city" in said.out
    assert "same website or mail domain" in said.out
    assert "before anything" not in said.out
    assert all(key in said.out for key in said_keys(ask))


def said_keys(ask):
    return [each["record"] for each in ask("show", "acme", "--json").json["records"]]


def test_the_mappings_of_a_spreadsheet_are_its_headings(ask):
    rows = {row["path"]: row["target"] for row in ask("mappings", "partners", "--json").json}
    assert rows["Company"] == "name"
    assert rows["Tier"] == "tier"


def test_a_single_record_has_provenance_for_every_value(ask):
    said = ask("show", "bellago.example", "--json")
    golden = {
        name
        for name in said.json["organization"]
        if name not in {"organization_id", "record_count", "deleted_at"}
    }
    assert {value["field"] for value in said.json["values"]} == golden


def test_show_as_of_a_day_before_the_hub_says_so(ask):
    said = ask("show", "bellago", "--as-of", "2020-01-01")
    assert said.code == 1
    assert "2020-01-01" in said.err


def test_show_as_of_the_future_is_the_record_as_it_is(ask):
    assert ask("show", "bellago", "--as-of", "2999-01-01", "--json").json["organization"]["city"] == "Milano"


def test_show_as_of_a_day_has_what_the_page_of_that_day_has(ask):
    then = ask("show", "bellago", "--as-of", "2999-01-01", "--json").json
    now = ask("show", "bellago", "--json").json
    for part in ("people", "deals", "agreements", "commitments"):
        key = "person_id" if part == "people" else "fact_id"
        assert {each[key] for each in then[part]} == {each[key] for each in now[part]}, part
    assert [each["rule"] for each in then["partnerships"]] == [each["rule"] for each in now["partnerships"]]
    assert {each["rule"] for each in then["signals"]} == {each["rule"] for each in now["signals"]}
    said = ask("show", "bellago", "--as-of", "2999-01-01").out
    assert all(each["name"] in said for each in then["people"][:1])


@pytest.mark.parametrize(
    "written", ["yesterday", "2026-9-1", "01.09.2026", "2026-02-31", "2026-09-01T25:00Z"]
)
def test_a_date_written_otherwise_is_a_usage_error(ask, written):
    assert ask("show", "bellago", "--as-of", written).code == 2


def test_several_matches_are_listed_and_none_is_guessed(ask):
    said = ask("show", "e", "--json")
    assert said.code == 1
    assert len(said.json["several"]) == 3


def test_a_name_cannot_steer_the_terminal(ask):
    said = ask("show", "evil.example")
    assert "\x1b" not in said.out
    assert "[red]Evil" in said.out


@pytest.mark.parametrize("command", ["errors", "candidates", "unmatched", "mappings", "status"])
def test_every_reading_command_answers_in_words_and_in_json(ask, command):
    assert ask(command).code == 0
    assert ask(command, "--json").json is not None


def test_an_unknown_record_cannot_be_decided_on(ask):
    said = ask("decide", "partners/rows/nobody", "partners/rows/none", "same", "--json")
    assert said.code == 1
    assert said.json["error"]["code"] == "not_found"


@pytest.mark.slow
def test_what_is_asked_for_on_a_page_is_run_by_the_command_itself_and_ends_with_its_taker(hub, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    database = Database(f"sqlite:///{hub.folder / 'warehouse.db'}")
    with database.session() as connection, taking(hub.folder / "partnerhub.yaml", database.url):
        with connection.transaction():
            asked = ask_sync(connection, "partners", Who("ana@hub.example", now_text()))
        until = time.monotonic() + 60
        while (row := job_called(connection, asked.job_id))["state"] in OPEN and time.monotonic() < until:
            time.sleep(0.1)
        (run,) = connection.records("SELECT trigger, state FROM sync_run WHERE run_id = ?", (row["run_id"],))
    assert (row["state"], row["outcome"]) == ("done", "Every stream is complete.")
    assert run == {"trigger": "asked", "state": "complete"}


@pytest.mark.slow
def test_an_asked_run_whose_taker_is_gone_stops(hub):
    said = subprocess_command(hub.folder, "sync", "--asked", "run-of-nobody", "1", "--json")
    assert said.code in {-signal.SIGTERM, 4}

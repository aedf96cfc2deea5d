"""`partnerhub doctor`: one line for each thing the hub stands on, and what mends it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.record import utc_text
from partnerhub.config import load_config
from pipelines.doctor.machine import look_at_dagster
from pipelines.doctor.warehouse import look_at_warehouse, unreadable
from warehouse.database import Database
from warehouse.schema import downgrade, migrate


def found(url: str) -> dict[str, tuple[str, str]]:
    return {each.topic: (each.state, each.fix) for each in look_at_warehouse(url)}


def test_a_sound_hub_has_no_line_to_act_on(run: Any, tmp_path: Path) -> None:
    run("init")
    said = run("doctor", "--json")
    assert said.code == 0
    assert {each["state"] for each in said.json["findings"]} <= {"ok", "warning"}


def test_a_warehouse_that_is_not_there_names_the_command_that_makes_it(tmp_path: Path) -> None:
    assert found(f"sqlite:///{tmp_path}/nothing.db")["warehouse"][0] == "broken"


def test_a_file_that_is_no_database_names_the_backup(tmp_path: Path) -> None:
    (tmp_path / "warehouse.db").write_bytes(b"no database at all" * 500)
    state, fix = found(f"sqlite:///{tmp_path}/warehouse.db")["warehouse"]
    assert (state, "partnerhub restore" in fix) == ("broken", True)


def test_a_warehouse_that_another_program_has_locked_is_not_to_be_restored(sqlite_url: str) -> None:
    with closing(sqlite3.connect(Database(sqlite_url).path)) as browser:
        browser.execute("BEGIN IMMEDIATE")
        late = sqlite3.connect(Database(sqlite_url).path, timeout=0)
        with closing(late), pytest.raises(sqlite3.OperationalError) as refused:
            late.execute("BEGIN IMMEDIATE")
    finding = unreadable(refused.value)
    assert (finding.state, "Close whatever has the warehouse open" in finding.fix) == ("broken", True)


def test_a_mistake_of_the_program_is_not_taken_for_a_damaged_warehouse(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.doctor.warehouse.room_beside", lambda path: path.nothing_of_the_kind)
    with pytest.raises(AttributeError):
        found(sqlite_url)


def test_an_older_schema_names_the_command_that_migrates_it(database_url: str) -> None:
    downgrade(database_url, "0004")
    assert found(database_url)["schema"] == ("warning", "Run `partnerhub sync`.")
    migrate(database_url)
    assert found(database_url)["schema"][0] == "ok"


def test_a_run_whose_process_is_gone_names_the_command_that_goes_on(database_url: str) -> None:
    from pipelines.land.runs import start_run
    from warehouse.processes import this_process

    with Database(database_url).session() as connection:
        start_run(connection, "run-1", "cli", "2026-10-01T09:00:00.000000Z")
        dead = this_process().replace("process ", "process 9", 1)
        connection.execute("UPDATE sync_run SET holder = ?", (dead,))
    assert found(database_url)["runs"] == ("warning", "`partnerhub resume` goes on with them.")


def test_a_secret_that_others_may_read_is_told_with_the_command(run: Any, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret")
    secret.chmod(0o644)
    (tmp_path / "partnerhub.yaml").write_text(
        "sources:\n  crm: {connector: hubspot, token: '${FILE:token}', base_url: 'http://127.0.0.1:9'}\n"
    )
    said = run("doctor", "--offline", "--json")
    (keys,) = [each for each in said.json["findings"] if each["topic"] == "keys"]
    assert (keys["state"], "chmod 600" in keys["fix"]) == ("warning", True)
    assert "s3cret" not in said.out


def test_a_credential_is_said_to_end_soon_or_to_be_unknown_with_what_to_write(
    run: Any, tmp_path: Path
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=3, hours=1)).date()
    jira = "connector: jira, base_url: 'http://127.0.0.1:9', email: a@acme.example, token: s3cret"
    (tmp_path / "partnerhub.yaml").write_text(
        f"sources:\n  work: {{{jira}, expires: {soon}}}\n  other: {{{jira}}}\n  past: {{{jira}, expires: 2026-01-01}}\n"
    )
    said = run("doctor", "--offline", "--json")
    found = {each["topic"]: each for each in said.json["findings"]}
    assert found["credential work"]["state"] == "warning"
    assert f"ends on {soon}" in found["credential work"]["said"]
    assert "`expires: never`" in found["credential other"]["fix"]
    assert (found["credential past"]["state"], said.code) == ("broken", 3)


def test_a_clock_that_was_put_back_is_told(sqlite_url: str) -> None:
    from pipelines.land.runs import start_run

    assert found(sqlite_url)["clock"][0] == "ok"
    with Database(sqlite_url).session() as connection:
        start_run(connection, "run-1", "cli", utc_text(datetime.now(UTC) + timedelta(hours=1)))
    assert found(sqlite_url)["clock"] == ("warning", "Let the machine follow a time server (NTP).")


SCHEDULED = """
warehouse: sqlite:///warehouse.db
sources:
  partners: {connector: sheets, path: partners.csv, schedule: "0 6 * * *"}
"""


def test_schedules_are_sound_where_up_would_find_dagsters_settings_and_nowhere_else(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "partnerhub.yaml").write_text(SCHEDULED)
    config = load_config(tmp_path / "hub" / "partnerhub.yaml")
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    assert (look_at_dagster(config).state, "dagster.yaml" in look_at_dagster(config).fix) == ("warning", True)
    (tmp_path / "hub" / "dagster.yaml").touch()
    assert look_at_dagster(config).state == "ok"

"""What machines that watch are told: alive, ready, in numbers; never a name, an address or a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import make_key
from partnerhub.config.alerts import Alerts
from partnerhub.config.intervals import due_of
from partnerhub.web.connected import now_text
from tests.alerting.hub import WatchedHub, text
from tests.web.browsing import HERE, client
from warehouse.commands.accounts import By
from warehouse.database import Database
from warehouse.schema import downgrade

LABEL = r'[a-z]+="([^"\\]|\\.)*"'
LINE = re.compile(rf"[a-z_]+(\{{{LABEL}(,{LABEL})*\}})? -?[0-9.]+(e-?[0-9]+)?")
PLANTED = ("Nora Quist", "nora@quist.example", "Quist Logistics", "hooks.example", "canary")


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> WatchedHub:
    return WatchedHub(database_url, Alerts(), tmp_path, schedule="*/15 * * * *")


@pytest.fixture
def asked(hub: WatchedHub) -> Iterator[TestClient]:
    with client(hub.database.url, due=lambda: due_of(hub.config)) as browser:
        yield browser


def numbers(client: TestClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}


def test_answers_of_a_sound_hub(asked: TestClient) -> None:
    assert asked.get("/healthz").text == "ok\n"
    assert (asked.get("/readyz").status_code, asked.get("/readyz").json()) == (200, {"status": "ready"})


def test_streams_records_incidents_and_signs_of_life_are_counted(hub: WatchedHub, asked: TestClient) -> None:
    hub.ran(0, "notes", read=200, landed=40, quarantined=3)
    hub.refused(0)
    hub.looked(1)
    found = numbers(asked)
    assert found['partnerhub_records{source="crm",stream="notes",outcome="landed"}'] == 40
    assert found['partnerhub_streams{health="Failed, action required",who="person"}'] >= 1
    assert found['partnerhub_stream_needs_person{source="crm",stream="deals"}'] == 1
    assert found["partnerhub_incidents_open"] == 1
    assert found["partnerhub_leases_held"] == 0
    assert found["partnerhub_heartbeat_age_seconds"] > 0
    assert found["partnerhub_watch_silent"] == 1
    assert found['partnerhub_schedule_late{source="crm"}'] == 1


def test_numbers_are_written_as_openmetrics(hub: WatchedHub, asked: TestClient) -> None:
    hub.ran(0, 'odd "stream"\\')
    said = asked.get("/metrics")
    assert said.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    *lines, end = said.text.splitlines()
    assert end == "# EOF"
    named = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(named) == len(set(named)) > 10
    assert [line for line in lines if line[0] != "#" and not LINE.fullmatch(line)] == []


def test_nothing_of_a_record_or_a_person_is_in_them(hub: WatchedHub, asked: TestClient) -> None:
    name, address, company, host, secret = PLANTED
    hub.refused(0, error_happened=f"{name} of {company} <{address}>: {secret}", error_do=f"Ask {name}.")
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO sync_error (fingerprint, severity, stage, source, stream, source_id, code, field, to_do,"
            " happened, sample, first_seen_at, last_seen_at, first_run_id, last_run_id, count, state)"
            " VALUES ('f', 'error', 'stage', 'crm', 'deals', ?, 'bad', ?, ?, ?, ?, ?, ?, 'r', 'r', 1, 'open')",
            (address, company, name, company, secret, text(0), text(0)),
        )
        connection.execute(
            "INSERT INTO source (source, connector, title, account) VALUES ('crm', 'hubspot', ?, ?)",
            (company, address),
        )
        connection.execute(
            "INSERT INTO incident_alert (incident_id, channel, about, tries, tried_at, failure)"
            " VALUES ('x', 'slack', 'opened', 1, ?, ?)",
            (text(0), f"https://{host}/{secret}"),
        )
    hub.looked(1)
    said = asked.get("/metrics").text + asked.get("/readyz").text + asked.get("/healthz").text
    assert [word for word in PLANTED if word in said] == []
    assert 'partnerhub_problems{severity="error"} 1' in said


def test_warehouse_of_another_version_is_not_ready_and_says_what_to_do(
    hub: WatchedHub, asked: TestClient
) -> None:
    downgrade(hub.database.url, "0001")
    assert asked.get("/healthz").status_code == 200
    assert asked.get("/readyz").status_code == 503
    assert "partnerhub sync" in asked.get("/readyz").json()["do"]
    assert asked.get("/metrics").status_code == 503


def test_absent_warehouse_is_not_ready_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with client(f"sqlite:///{path}") as browser:
        assert browser.get("/readyz").status_code == 503
        assert str(path) not in browser.get("/metrics").text + browser.get("/readyz").text
    assert not path.exists()


def test_database_that_is_away_is_not_ready_and_its_password_not_told() -> None:
    url = "postgresql://hub:canary@127.0.0.1:9/hub"
    assert Database(url).dialect == "postgresql"
    with client(url) as browser:
        said = browser.get("/readyz")
    assert said.status_code == 503
    assert "canary" not in said.text


def test_numbers_are_for_this_machine_and_for_who_may_read_the_syncs(sqlite_url: str) -> None:
    with client(sqlite_url) as here:
        assert here.get("/metrics").status_code == 200
        other = TestClient(here.app, base_url=HERE, client=("203.0.113.9", 50_000))
        assert other.get("/metrics").status_code == 401
        for allowed, status in ((Permission.READ_SYNC, 200), (Permission.EXPORT, 403)):
            with Database(sqlite_url).session() as connection, connection.transaction():
                key = make_key(connection, "watcher", (allowed,), None, By("test", now_text()))
            said = other.get("/metrics", headers={"authorization": f"Bearer {key}"})
            assert said.status_code == status

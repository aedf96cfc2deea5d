"""F74: PostgreSQL is there and takes nobody in yet: who works waits for it, who tells how things are does not."""

from __future__ import annotations

from time import monotonic

import pytest
from structlog.testing import capture_logs

from pipelines.doctor.warehouse import look_at_warehouse
from tests.faults.doorkeeper import STARTS, STARTS_IN_GERMAN, WRONG_PASSWORD, doorkeeper
from warehouse.database import Database
from warehouse.errors import DatabaseStarting, DatabaseUnavailable
from warehouse.reconnecting import AT_ONCE

pytestmark = pytest.mark.fault("F74")
ALWAYS = 1_000
QUICK_SECONDS = 8


@pytest.mark.parametrize("said", [STARTS, STARTS_IN_GERMAN])
def test_f74_a_session_opened_while_the_server_starts_is_there_once_it_is_ready(postgres_url, said):
    with (
        doorkeeper(postgres_url, 6, *said) as door,
        capture_logs() as told,
        Database(door.url).session() as connection,
    ):
        assert connection.query("SELECT count(*) FROM raw_record") == [(0,)]
    assert door.came == 7
    assert [each["event"] for each in told] == ["waiting for the database"]


def test_f74_a_server_that_does_not_become_ready_is_waited_for_no_longer_than_said(postgres_url):
    with (
        doorkeeper(postgres_url, ALWAYS, *STARTS) as door,
        pytest.raises(DatabaseStarting, match="starting up"),
    ):
        Database(door.url, patience=AT_ONCE).connect()
    assert door.came == 1


def test_f74_a_wrong_password_is_told_at_once_as_waiting_would_not_help(postgres_url):
    began = monotonic()
    with (
        doorkeeper(postgres_url, ALWAYS, *WRONG_PASSWORD) as door,
        pytest.raises(DatabaseUnavailable, match="password authentication failed") as refused,
    ):
        Database(door.url).connect()
    assert not isinstance(refused.value, DatabaseStarting)
    assert monotonic() - began < QUICK_SECONDS


def test_f74_a_doctor_says_at_once_that_the_server_is_starting(postgres_url):
    began = monotonic()
    with doorkeeper(postgres_url, ALWAYS, *STARTS) as door:
        (finding,) = look_at_warehouse(door.url)
    assert (finding.topic, finding.state) == ("warehouse", "broken")
    assert "starting up" in finding.said
    assert monotonic() - began < QUICK_SECONDS

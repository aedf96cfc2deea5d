"""`partnerhub alerts` and what `partnerhub status` says of health and of whoever watches over it."""

from __future__ import annotations

import json

import pytest

from partnerhub.config.alerts import Alerts
from tests.alerting.hub import WatchedHub
from tests.alerting.listeners import web_server


@pytest.fixture
def watched(sqlite_url, tmp_path):
    return WatchedHub(sqlite_url, Alerts(), tmp_path)


@pytest.fixture
def configured(sqlite_url, tmp_path):
    def write(text=""):
        sources = "sources:\n  crm: {connector: hubspot, token: t, schedule: '*/15 * * * *'}\n"
        (tmp_path / "partnerhub.yaml").write_text(f"warehouse: {sqlite_url}\n{sources}{text}")

    return write


def test_test_message_is_sent_by_every_channel_and_a_failure_is_told(configured, run):
    with web_server() as good, web_server() as bad:
        bad.status = 410
        configured(
            f"alerts:\n  slack: {{url: '{good.url}/in'}}\n"
            f"  webhook: {{url: '{bad.url}', secret: sixteen-octets-and-more}}\n"
        )
        said = run("alerts", "test")
    assert said.code == 3
    assert "✓ slack: taken." in said.out
    assert "✗ webhook: The address answered 410." in said.out
    assert b"a test of this channel" in good.posts[0][2]
    assert "Alerts do not arrive by webhook: The address answered 410." in run("status").out


def test_without_a_channel_the_test_says_where_to_write_one(configured, run):
    configured()
    said = run("alerts", "test")
    assert said.code == 2
    assert "`alerts:`" in said.err


def test_incident_is_listed_with_remedy_and_status_points_to_it(configured, watched, run):
    configured()
    watched.refused(0)
    ran = run("alerts", "run", "--json")
    assert ran.code == 3
    assert ran.json["streams"][0]["word"] == "Failed, action required"
    listed = run("alerts").out
    assert "crm (deals)  signed_out" in listed
    assert "→ Renew it." in listed
    assert "1 incident is open: `partnerhub alerts`" in run("status").out


def test_status_shows_health_that_a_run_at_work_does_not_hide(configured, watched, run):
    configured()
    watched.refused(0)
    watched.ran(1, state="running")
    said = run("status")
    assert "Failed, action required (running)" in said.out
    (stream,) = json.loads(run("status", "--json").out)["streams"]
    assert (stream["health"]["color"], stream["health"]["who"]) == ("red", "person")


def test_late_stream_says_what_starts_it(configured, watched, run):
    configured()
    watched.ran(0)
    said = run("status").out
    assert "Its schedule passed twice" in said
    assert "`partnerhub sync crm` catches up now" in said

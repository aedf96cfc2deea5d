"""One alert per incident with the first real error, none for what heals itself, one when it is over."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from partnerhub.config.alerts import Alerts, Alive, Email, Slack, Webhook
from tests.alerting.hub import WatchedHub, text
from tests.alerting.listeners import MailServer, WebServer
from warehouse.queries.metrics import hub_in_numbers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def hub(database_url: str, tmp_path: Path, slack: WebServer) -> WatchedHub:
    return WatchedHub(database_url, Alerts(slack=Slack(f"{slack.url}/T0/secret")), tmp_path)


def told(slack: WebServer) -> list[str]:
    return [json.loads(body)["text"].split("\n")[0] for _, _, body in slack.posts]


def test_incident_is_told_once_with_its_first_error_and_once_when_it_is_over(
    hub: WatchedHub, slack: WebServer
) -> None:
    hub.refused(0)
    hub.looked(1)
    hub.refused(10, error_happened="Still revoked.")
    hub.looked(11)
    assert told(slack) == ["*Partner Hub: crm needs somebody (signed_out)*"]
    assert b"The token was revoked." in slack.posts[0][2]
    hub.ran(20)
    hub.looked(21)
    hub.looked(31)
    assert told(slack)[1:] == ["*Partner Hub: crm is well again (signed_out)*"]


@pytest.mark.parametrize("state", ["incomplete", "abandoned"])
def test_what_goes_on_by_itself_alerts_nobody(hub: WatchedHub, slack: WebServer, state: str) -> None:
    hub.ran(0, state=state, error_code="server_error", error_happened="503.", error_do="Nothing.")
    hub.looked(1)
    assert told(slack) == []
    assert hub.query("SELECT count(*) FROM incident") == [(0,)]


def test_streams_with_the_same_trouble_are_one_incident(hub: WatchedHub, slack: WebServer) -> None:
    for stream in ("deals", "notes", "companies"):
        hub.refused(0, stream)
    hub.looked(1)
    hub.refused(2, "tasks")
    hub.looked(3)
    assert len(slack.posts) == 1
    assert hub.query("SELECT streams_json FROM incident") == [('["companies", "deals", "notes", "tasks"]',)]


def test_another_trouble_of_the_same_source_is_told_although_the_first_lasts(
    hub: WatchedHub, slack: WebServer
) -> None:
    hub.refused(0, "deals", error_code="no_scope")
    hub.looked(1)
    hub.refused(2, "notes")
    hub.looked(3)
    assert [line.rpartition(" ")[2] for line in told(slack)] == ["(no_scope)*", "(signed_out)*"]


def test_incident_is_not_over_while_the_hub_only_tries_again(hub: WatchedHub, slack: WebServer) -> None:
    hub.refused(0)
    hub.looked(1)
    hub.ran(2, state="incomplete", error_code="server_error", error_happened="503.", error_do="Nothing.")
    hub.looked(3)
    hub.refused(4)
    hub.looked(5)
    assert len(slack.posts) == 1


def test_run_in_progress_neither_ends_nor_hides_an_incident(hub: WatchedHub, slack: WebServer) -> None:
    hub.refused(0)
    hub.ran(1, state="running")
    found = hub.looked(2)
    assert [each.told for each in found.streams] == ["Failed, action required (running)"]
    assert len(slack.posts) == 1


def test_source_that_is_configured_no_more_ends_its_incident(hub: WatchedHub) -> None:
    hub.refused(0, source="former")
    assert hub.looked(1).watch.incidents == []


def test_message_that_did_not_arrive_is_sent_at_the_next_pass(hub: WatchedHub, slack: WebServer) -> None:
    slack.status = 500
    hub.refused(0)
    found = hub.looked(1)
    assert [(row["channel"], row["failure"]) for row in found.watch.failing] == [
        ("slack", "The address answered 500.")
    ]
    slack.posts.clear()
    slack.status = 200
    assert hub.looked(11).watch.failing == []
    assert "*Partner Hub: crm needs somebody (signed_out)*" in told(slack)


def test_failing_channel_is_an_incident_told_by_the_others_and_over_when_it_works(
    database_url: str, tmp_path: Path, slack: WebServer, mail: MailServer
) -> None:
    email = Email("127.0.0.1", "hub@a.example", ("ops@a.example",), mail.port, "off")
    hub = WatchedHub(database_url, Alerts(email, Slack(slack.url)), tmp_path)
    mail.refuses = "451 try later"
    hub.refused(0)
    hub.looked(1)
    assert told(slack) == [
        "*Partner Hub: crm needs somebody (signed_out)*",
        "*Partner Hub: alerts needs somebody (channel_fails)*",
    ]
    mail.refuses = ""
    assert [row["source"] for row in hub.looked(11).watch.incidents] == ["crm"]
    assert told(slack)[2:] == ["*Partner Hub: alerts is well again (channel_fails)*"]
    assert "Partner Hub: crm needs somebody (signed_out)" in [each["Subject"] for each in mail.mails]


@pytest.mark.fault("F83")
def test_schedule_that_nothing_starts_is_an_incident(
    database_url: str, tmp_path: Path, slack: WebServer
) -> None:
    hub = WatchedHub(database_url, Alerts(slack=Slack(slack.url)), tmp_path, schedule="*/15 * * * *")
    hub.ran(0)
    assert hub.looked(1).watch.incidents == []
    found = {row["source"]: row["code"] for row in hub.looked(60).watch.incidents}
    assert found == {"crm": "not_run", "mail": "never_ran"}


def test_no_address_and_no_secret_stand_in_the_warehouse_or_in_a_log(
    sqlite_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dead = "http://127.0.0.1:9/services/canary-1234"
    alerts = Alerts(slack=Slack(dead), webhook=Webhook(dead, SECRET))
    hub = WatchedHub(sqlite_url, alerts, tmp_path)
    hub.refused(0)
    hub.looked(1)
    assert "cannot be reached" in str(hub.query("SELECT failure FROM incident_alert"))
    kept = str(hub.query("SELECT * FROM incident_alert")) + str(hub.query("SELECT * FROM incident"))
    kept += "".join(capfd.readouterr()) + repr(alerts) + repr(hub.config)
    assert [word for word in ("canary-1234", "127.0.0.1", SECRET) if word in kept] == []


def test_a_credential_is_told_of_two_weeks_before_its_end_and_is_over_once_it_is_renewed(
    hub: WatchedHub, slack: WebServer
) -> None:
    def written(expires: str) -> None:
        crm = replace(hub.config.sources["crm"], settings={"token": "t", "expires": expires})
        hub.config = replace(hub.config, sources={**hub.config.sources, "crm": crm})

    written("2026-10-16")
    hub.looked(0)
    assert told(slack) == []
    hub.looked(24 * 60)
    hub.looked(48 * 60)
    assert told(slack) == ["*Partner Hub: crm needs somebody (credential_ends)*"]
    assert b"`token` of crm ends on 2026-10-16, in 13 days." in slack.posts[0][2]
    with hub.database.session() as connection:
        numbers = {each.name: each.metrics for each in hub_in_numbers(connection, {}, text(48 * 60))}
    assert [(each.labels, each.value) for each in numbers["partnerhub_credential_left_days"]] == [
        ((("source", "crm"),), 12)
    ]
    written("2027-10-16")
    hub.looked(49 * 60)
    assert told(slack)[1:] == ["*Partner Hub: crm is well again (credential_ends)*"]


def test_each_look_says_that_the_hub_is_watched_and_one_that_is_not_heard_stops_nothing(
    sqlite_url: str, tmp_path: Path, slack: WebServer
) -> None:
    hub = WatchedHub(sqlite_url, Alerts(alive=Alive(f"{slack.url}/check/secret")), tmp_path)
    hub.looked(1)
    slack.status = 500
    with capture_logs() as logs:
        assert hub.looked(11).told == 0
    assert [(path, body) for path, _, body in slack.posts] == [("/check/secret", b"")] * 2
    assert "secret" not in str(logs)
    assert logs[-1]["why"] == "The address answered 500."

"""Webhooks told of changes: signed, in order, at least once; given up and told of when they take nothing."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta

import dagster as dg
import pytest

from connectors.transport import Patience
from partnerhub.config.alerts import Alerts, Slack, Webhook
from partnerhub.config.changes import Changes, Endpoint
from partnerhub.config.model import HubConfig
from pipelines.alerts.channels import signature
from pipelines.changes.push import GIVE_UP, RESTORED, push
from pipelines.defs.build import build_definitions
from pipelines.health import look
from tests.alerting.hub import NINE
from tests.alerting.listeners import web_server
from tests.pipelines.golden_rig import Hub
from warehouse.changes.endpoints import all_standing, resume
from warehouse.changes.feed import begin_anew
from warehouse.database import Database

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CRM = "crm/companies/1"
QUICK = Patience(tries=2, first_wait=0, sleep=lambda _: None)


@pytest.fixture
def server():
    with web_server() as taking:
        yield taking


class Told:
    """A hub whose changes one address is told of."""

    def __init__(self, url, server, folder, **how):
        self.hub = Hub(Database(url))
        endpoint = Endpoint("crm", Webhook(f"{server.url}/hook", SECRET), **how)
        alerts = Alerts(slack=Slack(f"{server.url}/slack"))
        changes = Changes({"crm": endpoint})
        self.config = HubConfig(folder / "absent.yaml", url, alerts=alerts, changes=changes)
        self.server = server
        assert self.push()[0].told == 0

    def named(self, *names):
        for name in names:
            self.hub.stage("organization", CRM, name=name)
            self.hub.publish()

    def push(self, minute=0, *, at_once=True):
        return push(self.config, NINE + timedelta(minutes=minute), at_once=at_once, patience=QUICK)

    def said(self):
        return [
            json.loads(body)["data"].get("after") for path, _, body in self.server.posts if path == "/hook"
        ]

    def standing(self):
        with self.hub.database.session() as connection:
            return all_standing(connection)[0]

    def inside(self, act, *arguments):
        with self.hub.database.session() as connection, connection.transaction():
            return act(connection, *arguments)


@pytest.fixture
def told(sqlite_url, tmp_path, server):
    return Told(sqlite_url, server, tmp_path, values=True)


def test_each_change_arrives_once_in_order_signed_with_the_id_of_the_feed(told, server):
    told.named("Acme", "Acme Inc", "Acme Ltd")
    assert [each.told for each in told.push()] == [3]
    assert told.push()[0].told == 0
    assert told.said() == ["Acme", "Acme Inc", "Acme Ltd"]
    for _, headers, body in server.posts:
        sent = signature(SECRET, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        assert sent.items() <= headers.items()
        assert json.loads(body)["data"]["id"] == headers["webhook-id"]


def test_a_pass_that_finds_nothing_new_writes_nothing(told):
    told.named("Acme")
    told.push()
    untouched = (
        "CREATE TRIGGER untouched BEFORE INSERT ON webhook_endpoint BEGIN SELECT RAISE(FAIL, 'written'); END"
    )
    told.inside(lambda connection: connection.execute(untouched))
    assert [(each.told, each.failure) for each in told.push()] == [(0, None)]
    told.named("Acme Inc")
    with pytest.raises(sqlite3.DatabaseError, match="written"):
        told.push()


def test_a_body_names_kind_and_time_and_holds_no_values_unless_they_are_asked_for(
    sqlite_url, tmp_path, server
):
    quiet = Told(sqlite_url, server, tmp_path, kinds=("partner",))
    quiet.named("Acme", "Acme Inc")
    quiet.push()
    body = json.loads(server.posts[-1][2])
    assert (body["type"], body["data"]["field"]) == ("partner.changed", "name")
    assert body["timestamp"] == body["data"]["at"]
    assert "Acme" not in repr(server.posts)


def test_what_was_not_taken_is_sent_again_from_there_in_the_same_order(told, server):
    told.named("Acme", "Acme Inc", "Acme Ltd")
    answers = iter([200, 503, 503])
    server.answer = lambda: next(answers)
    assert (told.push()[0].told, told.standing().failures) == (1, 1)
    server.answer = lambda: 200
    assert told.push()[0].told == 2
    assert list(dict.fromkeys(told.said())) == ["Acme", "Acme Inc", "Acme Ltd"]
    assert told.standing().failures == 0


def test_who_fails_is_tried_later_and_later_and_given_up_with_an_incident_that_ends_when_it_goes_on(
    told, server
):
    told.named("Acme")
    server.status = 500
    told.push(0)
    assert told.push(4, at_once=False)[0].waits_until is not None
    assert told.push(5, at_once=False)[0].waits_until is None
    for _ in range(GIVE_UP - 2):
        told.push()
    server.status = 200
    assert (told.push()[0].disabled, "hook" in {path for path, _, _ in server.posts}) == (True, False)
    look(told.config, NINE + timedelta(days=1))
    assert "changes resume crm" in json.loads(server.posts[-1][2])["text"]
    told.inside(resume, "crm")
    assert told.push()[0].told == 1
    assert look(told.config, NINE + timedelta(days=2)).watch.incidents == []


@pytest.mark.parametrize(("status", "ends"), [(410, True), (302, False), (400, False)])
def test_an_answer_that_is_no_success_is_followed_nowhere_and_gone_ends_it_at_once(
    told, server, status, ends
):
    told.named("Acme")
    server.status = status
    assert [(each.told, each.disabled) for each in told.push()] == [(0, ends)]
    assert {path for path, _, _ in server.posts} == {"/hook"}
    assert SECRET not in repr(told.standing())


def test_after_a_restored_backup_nothing_is_sent_until_somebody_says_from_where(told):
    told.inside(begin_anew, "another")
    told.named("Acme")
    assert [(each.failure, each.disabled) for each in told.push()] == [(RESTORED, True)]
    told.inside(resume, "crm")
    assert told.push()[0].told == 1


def test_webhooks_have_a_schedule_of_their_own_and_none_without_any(told):
    def crons(config):
        found = build_definitions(config).schedules or ()
        return {each.name: each.cron_schedule for each in found if isinstance(each, dg.ScheduleDefinition)}

    assert crons(told.config)["push_changes_scheduled"] == "*/5 * * * *"
    assert "push_changes_scheduled" not in crons(HubConfig(told.config.path, told.config.warehouse_url))

"""Jira through the whole engine: whom issues are about, what moves and deletions do, and that nothing repeats."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest

from connectors.hubspot import HubSpot
from connectors.jira import Jira
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.world.projects import IssueProject
from pipelines.golden.settings import PublishSettings
from pipelines.stage.rules import SourceRules, StageSettings
from tests.connectors.conformance import hubspot_rig
from tests.connectors.conformance.jira_rig import NOW, issue, settings_for, site_world
from tests.pipelines.engine import Engine
from warehouse.database import Database

OPENED = NOW - timedelta(days=30)
ISSUES = (
    issue(1, OPENED, summary="Sign-in loops", partner="kestrel.example"),
    issue(2, OPENED, summary="Import fails", partner="Osprey GmbH"),
    issue(3, OPENED, summary="Asked by a partner", reporter_id="human-1"),
    issue(4, OPENED, summary="Named in the text", description="For Osprey (osprey.example), see the mail."),
    issue(5, OPENED, summary="Replace the printer"),
)
OWN = frozenset({"example.org"})
TIMELINE = (
    "SELECT o.name, f.kind, f.title FROM timeline t JOIN organization o ON o.organization_id = t.organization_id"
    " JOIN fact f ON f.fact_id = t.fact_id ORDER BY 1, 2, 3"
)


class Running(NamedTuple):
    """A CRM and a Jira site, and an engine that reads them."""

    jira: JiraSimulator
    connectors: tuple[HubSpot, Jira]
    engine: Engine

    def sync(self, **how):
        self.jira.store.advance(timedelta(minutes=10))
        found = self.engine.sync(self.connectors, **how).streams
        return {one.stream: one for one in found if one.source == "jira"}


@pytest.fixture
def hub(database_url):
    world = site_world()
    world.projects.issues = {one.id: one for one in ISSUES}
    with HubSpotSimulator(hubspot_rig.empty_world()) as crm, JiraSimulator(world) as jira:
        crm.add_company({"name": "Kestrel", "domain": "kestrel.example"})
        crm.add_company({"name": "Osprey GmbH", "domain": "osprey.example"})
        jira.store.add_project(IssueProject("10002", "OPS", "Operations", "owner-1"))
        jira.add_comment("20001", "human-1", "Still failing here.")
        connectors = (hubspot_rig.settings_for(crm, source="crm"), settings_for(jira, source="jira"))
        rules = {"crm": SourceRules("hubspot"), "jira": SourceRules("jira")}
        staging = StageSettings(rules, own_domains=OWN)
        engine = Engine(Database(database_url), staging, PublishSettings(own_domains=OWN))
        yield Running(jira, connectors, engine)


def test_issues_reach_their_partner_by_field_reporter_or_text(hub):
    hub.sync()
    assert [(name, kind, title) for name, kind, title in hub.engine.query(TIMELINE) if kind != "comment"] == [
        ("Kestrel", "task", "Asked by a partner"),
        ("Kestrel", "task", "Sign-in loops"),
        ("Osprey GmbH", "task", "Import fails"),
        ("Osprey GmbH", "task", "Named in the text"),
    ]
    assert [row[:2] for row in hub.engine.query(TIMELINE) if row[1] == "comment"] == [("Kestrel", "comment")]
    assert hub.engine.broken_rules() == {}


def test_a_second_sync_without_news_writes_nothing(hub):
    hub.sync()
    assert {name: one.landed for name, one in hub.sync().items() if one.landed} == {}


def test_a_moved_issue_stays_on_its_timeline_as_the_same_fact(hub):
    hub.sync()
    fact = "SELECT s.fact_id FROM fact_source s WHERE s.record = 'jira/issues/20001'"
    before = hub.engine.query(fact)
    assert hub.jira.move_issue("20001", "OPS") == "OPS-1"
    hub.sync()
    assert hub.engine.query(fact) == before
    assert ("Kestrel", "task", "Sign-in loops") in hub.engine.query(TIMELINE)
    said = hub.engine.query("SELECT custom_json FROM staged_work_item WHERE source_id = '20001'")
    assert '"key":"OPS-1"' in said[0][0]


def test_a_deleted_issue_leaves_the_timeline_with_the_complete_reading_of_the_week(hub):
    hub.sync()
    hub.jira.delete_issue("20002")
    assert hub.sync()["issues"].removed == 0
    hub.jira.store.advance(timedelta(days=7))
    assert hub.sync()["issues"].removed == 1
    assert "Import fails" not in {row[2] for row in hub.engine.query(TIMELINE)}


def test_every_stream_is_complete_and_holds_what_jira_holds(hub):
    hub.jira.store.log_work("20001", "owner-1", 900, "Looked into it.")
    hub.jira.update_issue("20001", status="Done", status_category="done")
    hub.sync()
    streams = hub.sync()
    held = {row[0]: row[1] for row in hub.engine.query(
        "SELECT stream, count(*) FROM raw_current WHERE source = 'jira' GROUP BY stream"
    )}  # fmt: skip
    assert {one.state for one in streams.values()} == {"complete"}
    assert held == {"projects": 2, "users": 3, "issues": 5, "comments": 1, "changelog": 2, "worklogs": 1}

"""Asana through the whole engine: whom work is about, what becomes of deletions, and that nothing is written twice."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest

from connectors.asana import Asana
from connectors.hubspot import HubSpot
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.projects import Story
from pipelines.golden.settings import PublishSettings
from pipelines.stage.rules import SourceRules, StageSettings
from tests.connectors.conformance import hubspot_rig
from tests.connectors.conformance.asana_rig import NOW, asana_world, project, settings_for, task
from tests.pipelines.engine import Engine
from warehouse.database import Database

SAID = Story("501", "owner-2", NOW - timedelta(days=3), "comment", "Waiting for their signature.")
DONE = Story("502", "owner-2", NOW - timedelta(days=2), "completed", "marked this task complete")
PROJECTS = (project(1, partner="kestrel.example"), project(2, "Partner team: weekly"))
TASKS = (
    task(1, name="Sign the contract"),
    task(2, 2, name="Call Osprey", partner="Osprey GmbH"),
    task(3, 2, name="Order coffee"),
    task(11, parent_id="1", name="Ask for the signature", stories=[SAID, DONE]),
)
OWN = frozenset({"northwind.example"})
TIMELINE = (
    "SELECT o.name, f.kind, f.title FROM timeline t JOIN organization o ON o.organization_id = t.organization_id"
    " JOIN fact f ON f.fact_id = t.fact_id ORDER BY 1, 2, 3"
)


class Running(NamedTuple):
    """Two simulated vendors and an engine that reads them."""

    asana: AsanaSimulator
    connectors: tuple[HubSpot, Asana]
    engine: Engine

    def sync(self, **how):
        self.asana.store.advance(timedelta(minutes=10))
        return {
            one.stream: one
            for one in self.engine.sync(self.connectors, **how).streams
            if one.source == "asana"
        }


@pytest.fixture
def hub(database_url):
    with (
        HubSpotSimulator(hubspot_rig.empty_world()) as crm,
        AsanaSimulator(asana_world(*PROJECTS, tasks=TASKS)) as work,
    ):
        crm.add_company({"name": "Kestrel", "domain": "kestrel.example"})
        crm.add_company({"name": "Osprey GmbH", "domain": "osprey.example"})
        connectors = (hubspot_rig.settings_for(crm, source="crm"), settings_for(work, source="asana"))
        rules = {"crm": SourceRules("hubspot"), "asana": SourceRules("asana")}
        staging = StageSettings(rules, own_domains=OWN)
        yield Running(
            work, connectors, Engine(Database(database_url), staging, PublishSettings(own_domains=OWN))
        )


def test_work_reaches_its_partner_by_its_own_field_its_project_or_its_parent(hub):
    hub.sync()
    assert hub.engine.query(TIMELINE) == [
        ("Kestrel", "comment", "Ask for the signature"),
        ("Kestrel", "project", "Onboarding – Kestrel"),
        ("Kestrel", "task", "Ask for the signature"),
        ("Kestrel", "task", "Sign the contract"),
        ("Osprey GmbH", "task", "Call Osprey"),
    ]
    assert hub.engine.broken_rules() == {}


def test_a_second_sync_without_news_writes_nothing(hub):
    hub.sync()
    hub.sync()
    assert {name: one.landed for name, one in hub.sync().items() if one.landed} == {}


def test_a_deleted_task_leaves_the_timeline(hub):
    hub.sync()
    hub.asana.delete_task("2")
    hub.sync()
    assert not [row for row in hub.engine.query(TIMELINE) if row[0] == "Osprey GmbH"]


def test_a_subtask_deleted_with_its_parent_is_found_by_the_next_whole_reading(hub):
    hub.sync()
    hub.asana.delete_task("1")
    assert hub.sync()["tasks"].removed == 0
    hub.asana.store.advance(timedelta(hours=24))
    assert hub.sync()["tasks"].removed == 1


def test_a_project_that_may_not_be_read_is_reported_and_takes_nothing_away(hub):
    hub.sync()
    before = hub.engine.query(TIMELINE)
    hub.asana.refused_projects = {"90001"}
    hub.asana.store.advance(timedelta(hours=24))
    streams = hub.sync()
    assert (streams["tasks"].state, streams["tasks"].quarantined, streams["tasks"].removed) == (
        "complete",
        1,
        0,
    )
    assert hub.engine.query(TIMELINE) == before
    hub.asana.refused_projects = set()
    hub.sync()
    assert hub.engine.query(
        "SELECT count(*) FROM raw_current WHERE quarantine IS NOT NULL AND op = 'upsert'"
    ) == [(0,)]


def test_a_partner_written_later_moves_the_task_and_what_was_said_about_it(hub):
    hub.sync()
    hub.asana.set_partner("1", "osprey.example")
    hub.sync()
    moved = {row[2] for row in hub.engine.query(TIMELINE) if row[0] == "Osprey GmbH"}
    assert moved == {"Call Osprey", "Sign the contract", "Ask for the signature"}

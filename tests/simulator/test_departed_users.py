"""A colleague who has left is inactive in Jira, and in no list of Asana's; what they did goes on naming them."""

from __future__ import annotations

from contextlib import chdir
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from connectors.asana import Asana
from connectors.jira import Jira
from partnerhub.config import load_config
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.story import place_story
from tests.pipelines.engine import Engine
from warehouse.schema import migrate

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.record import Connector
    from partnerhub.simulator.world.model import Staff, World

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    made = generate_world(1, 5, NOW)
    place_story(made)
    return made


@pytest.fixture(scope="module")
def dana(world: World) -> Staff:
    (left,) = (staff for staff in world.staff.values() if staff.left_at is not None)
    return left


def users(connector: Connector) -> dict[str, dict[str, object]]:
    records = [record for page in connector.pull("users", None) for record in page.records]
    return {record.source_id: record.payload or {} for record in records}


def test_jira_lists_her_account_as_inactive_and_all_others_as_active(world: World, dana: Staff) -> None:
    with JiraSimulator(world) as jira:
        found = users(Jira(base_url=jira.url, email=jira.email, token=SecretStr(jira.token), source="jira"))
    assert [one["displayName"] for one in found.values() if not one["active"]] == [dana.name]


def test_asana_lists_her_no_more_and_makes_her_a_member_of_nothing(world: World, dana: Staff) -> None:
    with AsanaSimulator(world) as asana:
        connector = Asana(base_url=asana.api_url, token=SecretStr(asana.token), source="asana")
        gid = asana.gid(dana.id)
        assert gid not in users(connector)
        assert len(users(connector)) > 3
        members = [record for page in connector.pull("project_memberships", None) for record in page.records]
    assert gid not in {(record.payload or {})["member"]["gid"] for record in members}


def test_an_asana_task_that_was_hers_still_names_her(world: World, dana: Staff) -> None:
    with AsanaSimulator(world) as asana:
        task = next(iter(asana.store.held.tasks.values()))
        task.body["assignee"] = asana.gid(dana.id)
        shown = asana.routes.shapes.task(task)["assignee"]
    assert (shown["name"], "email" in shown) == (dana.name, False)


@pytest.mark.fault("F66")
def test_the_hub_knows_from_jira_alone_that_she_is_gone(world: World, dana: Staff, tmp_path: Path) -> None:
    with Simulator(world, tmp_path, vendors=("jira",)) as simulator, chdir(tmp_path):
        config = load_config(simulator.write_config())
        migrate(config.warehouse_url)
        engine = Engine.of(config)
        engine.sync([config.connector("jira")])
    assert engine.query("SELECT name FROM colleague WHERE NOT active") == [(dana.name,)]

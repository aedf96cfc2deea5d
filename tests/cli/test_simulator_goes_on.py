"""`simulator advance 1d`, then a sync: ids stay, an old one redirects, mail comes, and a renamed field is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import time_machine

from partnerhub.cli.syncing import run as run_watched
from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.control import Control
from partnerhub.simulator.happenings import Happenings, steering
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.story import place_story
from warehouse.database import Database

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
LIVING = "SELECT organization_id, name FROM organization WHERE deleted_at IS NULL"
ROLES = (
    "SELECT organization_id, roles_json FROM organization WHERE roles_json IS NOT NULL AND deleted_at IS NULL"
)
ABSORBED, ABSORBING, DELETED = "Crescent City Clinics", "Cassia Health Partners", "Muller Logistics Ltd"


class Hub(NamedTuple):
    """A hub synced over running vendors, and what it held before the day went by."""

    folder: Path
    config: HubConfig
    names: dict[str, str]
    roles: dict[str, str]
    said: list[str]

    def rows(self, statement: str) -> dict[str, str]:
        with Database(self.config.warehouse_url).session() as connection:
            return {str(one): str(other) for one, other in connection.query(statement)}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, HubConfig]]:
    folder, world = tmp_path_factory.mktemp("goes_on"), generate_world(1, 5, NOW)
    place_story(world)
    with (
        time_machine.travel(NOW, tick=True),
        Simulator(world, folder, vendors=()) as simulator,
        chdir(folder),
        Control(steering(Happenings(simulator)), folder),
    ):
        yield folder, load_config(simulator.write_config(f"sqlite:///{folder}/warehouse.db"))


@pytest.fixture(scope="module")
def hub(vendors: tuple[Path, HubConfig]) -> Hub:
    """The first sync, before anything happened."""
    folder, config = vendors
    assert run_watched(config, None, as_json=True).exit_code == 0
    hub = Hub(folder, config, {}, {}, [])
    return hub._replace(names=hub.rows(LIVING), roles=hub.rows(ROLES))


@pytest.fixture
def ask(run: Any, hub: Hub) -> Any:
    """Run a command over the hub."""
    return lambda *words: run("--config", hub.folder / "partnerhub.yaml", *words)


@pytest.fixture
def day_later(run: Any, ask: Any, hub: Hub) -> Hub:
    """A day goes by once for all tests, by the commands a person would use."""
    if not hub.said:
        hub.said.append(run("simulator", "advance", "1d", "--dir", hub.folder).out)
        said = ask("sync")
        assert said.code == 3, said.out  # a property went away: a person must say what took its place
        hub.said.append(said.out)
    return hub


def test_what_happened_is_said_with_the_command_that_reads_it(day_later: Hub) -> None:
    happened = day_later.said[0]
    assert f"“{ABSORBED}” was merged into “{ABSORBING}”" in happened
    assert f"“{DELETED}” was deleted" in happened
    assert "partner_type is called partnership_type now" in happened
    assert happened.splitlines()[-1].endswith("partnerhub.yaml sync")


def test_ids_stay_and_only_the_merged_and_the_deleted_are_gone(day_later: Hub) -> None:
    names = day_later.rows(LIVING)
    assert names.keys() <= day_later.names.keys()
    gone = {day_later.names[one] for one in day_later.names.keys() - names.keys()}
    assert gone == {ABSORBED, DELETED}


def test_the_old_id_of_the_merged_partner_answers_with_the_one_it_became(ask: Any, day_later: Hub) -> None:
    ids = {name: one for one, name in day_later.names.items()}
    shown = ask("show", ids[ABSORBED], "--json")
    assert shown.code == 0
    assert shown.json["organization"]["organization_id"] == ids[ABSORBING]


def test_new_mail_is_on_the_timeline_of_its_partner(ask: Any, day_later: Hub) -> None:
    rows = day_later.rows("SELECT subject, kind FROM staged_touchpoint WHERE subject LIKE 'Open cases of%'")
    assert rows == {"Open cases of the four clinics": "email"}
    assert "Open cases of the four clinics" in ask("show", ABSORBING).out


def test_the_renamed_property_is_told_by_sync_status_and_errors(ask: Any, day_later: Hub) -> None:
    expected = "The field partner_type (Partner type) of companies is gone since"
    assert expected in day_later.said[1]
    assert "partnership_type is new and holds the same values" in day_later.said[1]
    assert expected in ask("status").out
    assert expected in ask("errors", "hubspot").out
    (note,) = ask("status", "--json").json["field_notes"]
    assert note["field"] == "partner_type"


def test_no_partner_lost_its_roles_by_the_rename(day_later: Hub) -> None:
    roles = day_later.rows(ROLES)
    living = day_later.rows(LIVING)
    assert roles == {one: value for one, value in day_later.roles.items() if one in living}


def test_letting_the_field_go_by_command_ends_the_note_and_the_values(ask: Any, day_later: Hub) -> None:
    (gone,) = [row for row in ask("drift", "ls", "--json").json["fields"] if row["state"] == "stopped"]
    assert (gone["source"], gone["stream"], gone["field"]) == ("hubspot", "companies", "partner_type")
    said = ask("drift", "accept", "hubspot", "companies.partner_type")
    assert said.code == 0
    states = {row["field"]: row["state"] for row in ask("drift", "ls", "hubspot", "--json").json["fields"]}
    assert states == {"partner_type": "accepted", "partnership_type": "new"}
    assert "partnerhub.yaml sync hubspot` publishes" in said.out
    assert ask("mappings", "hubspot", "--let-go", "companies.city").code == 1
    assert "partner_type" not in ask("sync", "hubspot").out
    assert day_later.rows(ROLES) == {}

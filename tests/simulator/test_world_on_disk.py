"""The world as served: a spreadsheet that reads back, and a configuration the hub accepts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.sheets import SheetsConnector
from partnerhub.config import load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.sheets import write_sheet, xlsx_bytes
from partnerhub.simulator.truth import truth_of
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.model import World

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(1, 60, NOW)


@pytest.mark.parametrize("name", ["partners.xlsx", "partners.csv"])
def test_every_row_that_was_written_is_read_and_known_to_the_truth(
    world: World, tmp_path: Path, name: str
) -> None:
    pages = SheetsConnector(path=write_sheet(world, tmp_path / name)).pull("rows", None)
    records = [record for page in pages for record in page.records]
    truth = truth_of(world)
    assert [truth.organization_of_row(record.payload or {}) for record in records] == [
        row.org_id for row in world.sheet
    ]
    assert not [record for record in records if record.malformed]


def test_the_same_world_gives_the_same_bytes(world: World) -> None:
    assert xlsx_bytes(world) == xlsx_bytes(generate_world(1, 60, NOW))


def test_the_configuration_is_accepted_and_its_sources_answer(world: World, tmp_path: Path) -> None:
    with Simulator(world, tmp_path) as simulator:
        config = load_config(simulator.write_config())
        accounts = {name: config.connector(name).check().account for name in config.sources}
    mailboxes = {staff.email for staff in world.staff.values() if staff.has_mailbox}
    assert accounts["partner_list"] == "partners.xlsx"
    assert mailboxes <= set(accounts.values())
    assert [rule.source for rule in config.partners] == ["partner_list", "hubspot", "salesforce"]

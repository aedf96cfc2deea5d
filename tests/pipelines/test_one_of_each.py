"""One of each through all seven tools: whatever is edited where, syncing step by step ends where a full run does."""

from __future__ import annotations

from contextlib import chdir
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from partnerhub.config import load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from tests.pipelines.engine import Engine
from tests.pipelines.test_incremental_equals_full import compute_everything_anew, derived
from warehouse.schema import migrate

if TYPE_CHECKING:
    from pathlib import Path

    from partnerhub.config import HubConfig

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ROUNDS, EDITS_A_ROUND = 3, 8


def sync(simulator: Simulator, engine: Engine, config: HubConfig) -> None:
    for vendor in (simulator.hubspot, simulator.salesforce, simulator.jira):
        vendor.store.advance(timedelta(minutes=5))
    engine.sync(config.connector(name) for name in config.sources)


def edit(simulator: Simulator, chance: Random) -> None:
    """Something by which records come to be, or stop being, one with others."""
    hubspot, sales = simulator.hubspot.store, simulator.salesforce.store
    companies = [one.id for one in hubspot.listed("companies", archived=False)]
    deals = [one.id for one in hubspot.listed("deals", archived=False)]
    contacts = [one.id for one in hubspot.listed("contacts", archived=False)]
    mails = [one.id for one in hubspot.listed("emails", archived=False)]
    opportunities, people = sorted(sales.rows["Opportunity"]), sorted(sales.rows["Contact"])
    match chance.randrange(11):
        case 0:
            hubspot.update("deals", chance.choice(deals), amount="777", closedate="2026-12-01T00:00:00Z")
        case 1:
            hubspot.update("deals", chance.choice(deals), dealname="Renewal")
        case 2:
            number = chance.choice(opportunities)
            hubspot.update("deals", chance.choice(deals), hs_salesforceopportunityid=number)
        case 3:
            sales.update(
                "Opportunity",
                chance.choice(opportunities),
                Name="Renewal",
                Amount=777,
                CloseDate="2026-12-02",
            )
        case 4:
            hubspot.update(
                "contacts", chance.choice(contacts), email=f"new-{chance.randrange(3)}@else.example"
            )
        case 5:
            sales.update("Contact", chance.choice(people), Email=None, FirstName="Ann", LastName="Miller")
        case 6:
            hubspot.update("contacts", chance.choice(contacts), email="", firstname="Ann", lastname="Miller")
        case 7:
            hubspot.update("emails", chance.choice(mails), hs_email_message_id="", hs_email_subject="Rollout")
        case 8:
            hubspot.update("emails", chance.choice(mails), hs_email_message_id="")
        case 9 if len(companies) > 4:
            winner, loser = chance.sample(companies, 2)
            hubspot.merge("companies", winner, loser)
        case _:
            hubspot.update(
                "companies", chance.choice(companies), domain=f"moved-{chance.randrange(3)}.example"
            )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_edits_in_several_tools_end_where_computing_everything_does(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    with Simulator(generate_world(11, 8, NOW), tmp_path) as simulator, chdir(tmp_path):
        config = load_config(simulator.write_config(f"sqlite:///{tmp_path}/hub.db"))
        migrate(config.warehouse_url)
        engine = Engine.of(config)
        sync(simulator, engine, config)
        for _ in range(ROUNDS):
            for _ in range(EDITS_A_ROUND):
                edit(simulator, chance)
            sync(simulator, engine, config)
        step_by_step = derived(engine)
        assert engine.broken_rules() == {}
        compute_everything_anew(engine)
        for name, rows in derived(engine).items():
            assert rows == step_by_step[name], name

"""A company that changes, synced again and again: as of each sync the marts say what was written down after it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.generate import generate_world
from tests.pipelines.rebuilding import NOW, PARTNERS, SEED, Hub, now_text
from tests.warehouse.reading_then import differing, dumped

if TYPE_CHECKING:
    from pathlib import Path


def lived(hub: Hub) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What the marts said after each publication of a company in which much happens."""
    told = {}

    def happened(*steps: Any) -> None:
        for step in steps:
            step()
        told[now_text()] = dumped(hub.database)

    happened(hub.sync)
    happened(hub.happen, hub.sync)
    happened(
        lambda: people_are_promoted(hub), lambda: deals_go_on(hub), lambda: a_column_is_added(hub), hub.sync
    )
    happened(hub.people_decide)
    happened(hub.restore, hub.sync)
    return told


def deals_go_on(hub: Hub) -> None:
    """Deals enter another stage, one is deleted; a mail is logged otherwise and a call goes."""
    store = hub.simulator.hubspot.store
    store.advance(timedelta(seconds=7))
    first, second, *_ = [one.id for one in store.listed("deals", archived=False)]
    stages = sorted({one.properties["dealstage"] or "" for one in store.listed("deals", archived=False)})
    store.update("deals", first, dealstage=stages[0])
    store.archive("deals", second)
    for name in ("calls", "meetings"):
        if found := store.listed(name, archived=False):
            store.archive(name, found[0].id)


def people_are_promoted(hub: Hub) -> None:
    """Some at partners have another title."""
    store = hub.simulator.hubspot.store
    for one in store.listed("contacts", archived=False)[:3]:
        store.update("contacts", one.id, jobtitle="Head of everything")


def told_first(told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What was written down after the first publication."""
    return next(iter(told.values()))


def a_column_is_added(hub: Hub) -> None:
    """The sheet gets a column nobody has seen before."""
    world = hub.simulator.world
    for row in world.sheet:
        row.values["Region lead"] = "Robin"
    write_sheet(world, hub.simulator.sheet_path)


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_as_of_each_publication_comes_out_what_was_written_down_then(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("sqlite_url" if engine == "sqlite" else "postgres_url")
    with Simulator(generate_world(SEED, PARTNERS, NOW), tmp_path) as simulator:
        hub = Hub(simulator, load_config(simulator.write_config(url)))
        told = lived(hub)
        changed = {name for name in told_first(told) if len({repr(each[name]) for each in told.values()}) > 1}
        assert len(changed) >= 8
        assert {"lineage_column", "stg_hubspot__companies", "stg_hubspot__contacts"} <= changed
        assert differing(hub.database, told) == []

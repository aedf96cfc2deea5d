"""HubSpot's rig: the simulator over companies, seven or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.hubspot import HubSpot
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.model import World
from tests.connectors.conformance.rig import PAGE_SIZE, FaultKind, Rig, Scene

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DATA = "* /crm/v3/objects/companies*"
"""The data requests of the stream: list and search."""


def empty_world(now: datetime = NOW) -> World:
    """A world with nothing in it."""
    return World(
        1,
        now,
        "example.org",
        orgs={},
        humans={},
        staff={},
        companies={},
        deals={},
        activities={},
        mails=[],
        sheet=[],
    )


def settings_for(simulator: HubSpotSimulator, **others: object) -> HubSpot:
    """The connector pointed at a simulator: small pages, waits of milliseconds, no pace."""
    quick = {"first_wait_seconds": 0.001, "requests_per_second": 0, "searches_per_second": 0, "tries": 4}
    pages = {"list_page_size": PAGE_SIZE, "search_page_size": PAGE_SIZE}
    given = {"base_url": simulator.url, "token": simulator.token, **quick, **pages, **others}
    return HubSpot.model_validate(given)


class HubSpotRig(Rig):
    name = "hubspot"

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        with HubSpotSimulator(empty_world()) as simulator:
            ids = set()
            for number in range(1, records + 1):
                changed = NOW - timedelta(days=1) + timedelta(seconds=0 if equal_timestamps else number)
                properties = {
                    "name": f"Company {number} 🌱",
                    "brand_new_property": "kept" if number == 3 else None,
                }
                simulator.store.put(
                    "companies", 1000 + number, properties, created_at=changed, updated_at=changed
                )
                ids.add(str(1000 + number))

            def fault(kind: FaultKind, times: int) -> None:
                simulator.faults.add(Fault(DATA, kind, nth=2 if kind == "repeat_token" else 1, times=times))

            yield Scene(
                settings_for(simulator),
                "companies",
                frozenset(ids),
                fault,
                secrets=(simulator.token,),
                unknown_field=("properties.brand_new_property", "kept"),
            )


RIG = HubSpotRig()

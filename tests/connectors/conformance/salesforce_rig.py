"""Salesforce's rig: the simulator over accounts, seven or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.salesforce import Salesforce
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.salesforce import SalesforceSimulator
from partnerhub.simulator.world.model import World
from partnerhub.simulator.world.sales_ids import sales_id
from tests.connectors.conformance.rig import PAGE_SIZE, FaultKind, Rig, Scene

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DATA = "GET /services/data/*/query*"
"""The data requests of every stream: a query and what follows it."""


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


def settings_for(simulator: SalesforceSimulator, **others: object) -> Salesforce:
    """The connector pointed at a simulator: small pages, waits of milliseconds, no pace."""
    quick = {"first_wait_seconds": 0.001, "requests_per_second": 0, "tries": 4, "page_size": PAGE_SIZE}
    place = {"instance_url": simulator.url, "ca_bundle": simulator.ca_file}
    given = {**place, "token": simulator.token, **quick, **others}
    return Salesforce.model_validate({name: value for name, value in given.items() if value is not None})


def account_id(number: int) -> str:
    """The id of the n-th account."""
    return sales_id("account", number)


class SalesforceRig(Rig):
    name = "salesforce"

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        with SalesforceSimulator(empty_world(), directory=folder) as simulator:
            for number in range(1, records + 1):
                changed = NOW - timedelta(days=1) + timedelta(seconds=0 if equal_timestamps else number)
                values = {
                    "Name": f"Company {number} 🌱",
                    "Brand_New__c": "kept" if number == 3 else None,
                }
                simulator.store.put("Account", account_id(number), values, created=changed, changed=changed)

            def fault(kind: FaultKind, times: int) -> None:
                simulator.faults.add(Fault(DATA, kind, nth=2 if kind == "repeat_token" else 1, times=times))

            yield Scene(
                settings_for(simulator),
                "Account",
                frozenset(account_id(number) for number in range(1, records + 1)),
                fault,
                secrets=(simulator.token,),
                unknown_field=("Brand_New__c", "kept"),
            )


RIG = SalesforceRig()

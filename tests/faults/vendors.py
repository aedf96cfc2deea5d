"""The vendors served over HTTP, each with a few records and a connector pointed at it: what most faults happen to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from connectors.record import Connector, Page
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.faults import Fault, FaultKind
from partnerhub.simulator.http import HttpSimulator
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.salesforce import SalesforceSimulator
from tests.connectors.conformance import asana_rig, hubspot_rig, jira_rig, salesforce_rig
from tests.oracles import Truth, served_by_asana, served_by_hubspot, served_by_jira, served_by_salesforce

RECORDS: Final = 7
NOW: Final = hubspot_rig.NOW
LONG_AGO: Final = NOW - timedelta(days=30)


SERVED: Final[dict[str, Callable[..., Truth]]] = {
    "hubspot": served_by_hubspot,
    "salesforce": served_by_salesforce,
    "jira": served_by_jira,
    "asana": served_by_asana,
}


@dataclass
class Vendor:
    """One running vendor. settings: a connector with other settings; data: the requests that carry the stream."""

    name: str
    simulator: Any
    settings: Callable[..., Connector]
    stream: str
    data: str
    ids: frozenset[str]
    others: dict[str, object] = field(default_factory=dict)

    @property
    def truth(self) -> Truth:
        """What the stream holds at the vendor now."""
        served: Truth = SERVED[self.name](self.simulator, self.name)
        return {(self.name, self.stream): served[self.name, self.stream]}

    def connector(self, **others: object) -> Connector:
        """Pointed at it: small pages, waits of milliseconds."""
        return self.settings(self.simulator, **{"source": self.name, **self.others, **others})

    def breaks(self, kind: FaultKind, where: str = "", **facts: Any) -> None:
        """Declare a fault of the requests that carry the stream."""
        self.simulator.faults.add(Fault(where or self.data, kind, **facts))

    def read(self, connector: Connector | None = None, cursor: Any = None) -> set[str]:
        """The ids of one reading, each counted once."""
        return set(ids(list((connector or self.connector()).pull(self.stream, cursor))))


def ids(pages: list[Page]) -> list[str]:
    """The ids on the pages, in order."""
    return [record.source_id for page in pages for record in page.records]


def company(simulator: HubSpotSimulator, number: int, **properties: str) -> str:
    """A company of HubSpot, long unchanged; returns its id."""
    simulator.store.put(
        "companies",
        1000 + number,
        {"name": f"Company {number} 🌱", **properties},
        created_at=LONG_AGO,
        updated_at=LONG_AGO + timedelta(seconds=number),
    )
    return str(1000 + number)


def account(simulator: SalesforceSimulator, number: int, **values: Any) -> str:
    """An account of Salesforce, long unchanged; returns its id."""
    at = LONG_AGO + timedelta(seconds=number)
    row = {"Name": f"Company {number} 🌱", **values}
    return simulator.store.put("Account", salesforce_rig.account_id(number), row, created=at, changed=at)


@contextmanager
def hubspot(records: int = RECORDS) -> Iterator[Vendor]:
    """Companies in HubSpot."""
    with HubSpotSimulator(hubspot_rig.empty_world()) as simulator:
        found = frozenset(company(simulator, number) for number in range(1, records + 1))
        yield Vendor("hubspot", simulator, hubspot_rig.settings_for, "companies", hubspot_rig.DATA, found)


@contextmanager
def salesforce(folder: Path, records: int = RECORDS) -> Iterator[Vendor]:
    """Accounts in Salesforce."""
    with SalesforceSimulator(salesforce_rig.empty_world(), directory=folder) as simulator:
        found = frozenset(account(simulator, number) for number in range(1, records + 1))
        yield Vendor(
            "salesforce", simulator, salesforce_rig.settings_for, "Account", salesforce_rig.DATA, found
        )


@contextmanager
def jira(records: int = RECORDS, zone: str = "UTC") -> Iterator[Vendor]:
    """Issues in Jira. zone: of the account that reads them."""
    world = jira_rig.site_world(records)
    with JiraSimulator(world, time_zone=zone) as simulator:
        found = frozenset(world.projects.issues)
        yield Vendor("jira", simulator, jira_rig.settings_for, "issues", jira_rig.SEARCH, found)


@contextmanager
def asana(records: int = RECORDS) -> Iterator[Vendor]:
    """Tasks in Asana."""
    tasks = tuple(asana_rig.task(1000 + number) for number in range(1, records + 1))
    with AsanaSimulator(asana_rig.asana_world(asana_rig.project(), tasks=tasks)) as simulator:
        found = frozenset(task.id for task in tasks)
        yield Vendor("asana", simulator, asana_rig.settings_for, "tasks", asana_rig.DATA, found)


VENDORS: Final = ("hubspot", "salesforce", "jira", "asana")


@contextmanager
def opened(name: str, folder: Path, records: int = RECORDS) -> Iterator[Vendor]:
    """The vendor of that name."""
    if name == "salesforce":
        with salesforce(folder / "org", records) as vendor:
            yield vendor
        return
    with {"hubspot": hubspot, "jira": jira, "asana": asana}[name](records) as vendor:
        yield vendor


def served(simulator: HttpSimulator, part: str = "") -> int:
    """How many requests came whose line holds `part`."""
    return sum(part in request for request in simulator.requests)

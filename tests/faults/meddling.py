"""People edit while a vendor is read: an edit of each kind between requests, in every vendor's own way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from tests.connectors.conformance import asana_rig, jira_rig, salesforce_rig
from tests.faults.vendors import Vendor

Edit = Callable[[Any, int], None]


class Meddled(list[str]):
    """A log of requests that edits whenever a request of the stream comes in, so many times."""

    def __init__(self, vendor: Vendor, times: int) -> None:
        """Edits begin with the next request."""
        super().__init__(vendor.simulator.requests)
        self.vendor, self.left = vendor, times

    def append(self, request: str) -> None:
        """Note the request; edit before it is answered."""
        super().append(request)
        if self.left and fnmatchcase(request, self.vendor.data):
            self.left -= 1
            meddle(self.vendor, self.left)


def meddle(vendor: Vendor, number: int) -> None:
    """Edit one record, delete another and add a third."""
    vendor.simulator.store.advance(timedelta(seconds=1))
    EDITS[vendor.name](vendor.simulator, number)


def edit(vendor: Vendor, number: int, name: str) -> None:
    """Rename the record of that number."""
    simulator = vendor.simulator
    if vendor.name == "hubspot":
        simulator.store.update("companies", 1000 + number, name=name)
    elif vendor.name == "salesforce":
        simulator.store.update("Account", salesforce_rig.account_id(number), Name=name)
    elif vendor.name == "jira":
        simulator.update_issue(str(20000 + number), summary=name)
    else:
        simulator.edit_task(str(1000 + number), name=name)


def _hubspot(simulator: Any, number: int) -> None:
    store = simulator.store
    store.update("companies", 1007, name=f"Renamed {number}")
    store.add("companies", {"name": f"Added {number}"})
    if number == 1:
        store.archive("companies", 1002)


def _salesforce(simulator: Any, number: int) -> None:
    store = simulator.store
    store.update("Account", salesforce_rig.account_id(7), Name=f"Renamed {number}")
    store.add("Account", Name=f"Added {number}")
    if number == 1:
        store.delete("Account", salesforce_rig.account_id(2))


def _jira(simulator: Any, number: int) -> None:
    simulator.update_issue("20007", summary=f"Renamed {number}")
    simulator.store.add(jira_rig.issue(80 + number, simulator.store.now))


def _asana(simulator: Any, number: int) -> None:
    simulator.edit_task("1007", name=f"Renamed {number}")
    simulator.add_task(asana_rig.task(2000 + number, modified_at=simulator.store.now))
    if number == 1:
        simulator.delete_task("1002")


EDITS: Final[dict[str, Edit]] = {
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "jira": _jira,
    "asana": _asana,
}

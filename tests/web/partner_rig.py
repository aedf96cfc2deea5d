"""A hub with one partner that several tools know, and a browser whose forms really publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

from fastapi.testclient import TestClient

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.partners import PartnerRule
from pipelines.golden.publish import carry_out
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from tests.web.browsing import signed_in
from warehouse import bulk
from warehouse.database import Connection, Database

ACME, SHEET, LONE = "crm/companies/1", "sheet/list/1", "crm/companies/2"
RULES = PublishSettings(
    Survivorship({"crm": 10}), (PartnerRule("crm"),), own_domains=frozenset({"hub.example"})
)


@dataclass
class PublishingActs:
    """What `partnerhub serve` hands to the pages, over the rig's own identity."""

    hub: Hub
    now: str = ""

    def carry_out(self, now: str, command: Callable[[Connection], Any]) -> Any:
        self.now = now
        return carry_out(
            self.hub.database, self.hub.settings, "run-web", now, command, identity=self.hub.identity()
        )[0]


def partner_hub(url: str) -> Hub:
    """Acme, as a CRM and a sheet say it; and Lone, of which nothing but the name is known."""
    hub = Hub(Database(url), RULES, groups={SHEET: ACME})
    hub.stage(
        "organization", ACME, ["domain:acme.example"], name="Acme", tier="Gold", domain="acme.example",
        annual_value_minor=120_000, currency="EUR", modified_at=DAY.format(4), custom_json={"segment": "Care"},
    )  # fmt: skip
    hub.stage(
        "organization", SHEET, name="ACME Ltd", tier="Silver", city="Leeds", annual_value_minor=90_000,
        currency="GBP",
    )  # fmt: skip
    hub.stage("organization", LONE, name="Lone")
    put(hub, "source", ("source", "connector", "title", "account"), [
        ("crm", "hubspot", "HubSpot", "4711"), ("sheet", "sheets", "Spreadsheet", "list.xlsx"),
    ])  # fmt: skip
    hub.publish()
    return hub


def put(hub: Hub, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write rows by hand."""
    with hub.database.session() as connection, connection.transaction():
        bulk.insert(connection, table, columns, rows)


@contextmanager
def browsing(url: str, hub: Hub, *roles: str, **wiring: Any) -> Iterator[TestClient]:
    """A browser over this hub, of a manager unless other roles are given."""
    with signed_in(url, *(roles or ("manager",)), acts=PublishingActs(hub), **wiring) as client:
        yield client


class Page:
    """The page of one partner in a browser."""

    def __init__(self, client: TestClient, organization_id: str) -> None:
        self.client = client
        self.address = f"/partners/{organization_id}"

    def text(self, rest: str = "", **parameters: str) -> str:
        """What one reads, markup included, spaces evened out."""
        found = self.client.get(self.address + rest, params=parameters)
        assert found.status_code == 200, found.text
        return " ".join(unescape(found.text).split())

    def post(self, **values: str) -> Any:
        """Send a form about a value."""
        return self.client.post(f"{self.address}/values", data=values)

    def value(self, field: str) -> str:
        """The panel of one value."""
        return self.text().partition(f'id="value-{field}"')[2].partition("</details>")[0]

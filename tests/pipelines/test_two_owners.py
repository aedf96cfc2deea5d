"""Two accounts of one system with one natural key: one partner where one person has both, else a question."""

from __future__ import annotations

import pytest

from connectors.record import Stream
from pipelines.golden.settings import PublishSettings
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import Page, ScriptedConnector, pages, record
from warehouse.database import Database
from warehouse.queries.review import questions

COMPANIES = Stream("companies", "incremental")
KESTREL = {
    "name": "Kestrel Logistics GmbH",
    "website": "https://kestrel.example",
    "city": "Bonn",
    "phone": "+49 228 123456",
}


@pytest.fixture
def engine(database_url: str) -> Engine:
    staging = StageSettings({"crm": SourceRules("hubspot")}, default_region="DE")
    return Engine(Database(database_url), staging, PublishSettings())


def accounts(**owners: str | None) -> ScriptedConnector:
    """Accounts of one CRM with one site, by id: who looks after each."""
    rows = [
        record(number, properties={**KESTREL, **({"hubspot_owner_id": owner} if owner else {})})
        for number, owner in ((key.removeprefix("a"), owner) for key, owner in owners.items())
    ]
    return ScriptedConnector(source="crm").plays(COMPANIES, pages(Page("companies", rows, None)))


def organizations(engine: Engine) -> int:
    return len(engine.query("SELECT DISTINCT organization_id FROM organization_link WHERE ended_at IS NULL"))


@pytest.mark.fault("F57")
def test_two_accounts_of_two_owners_are_a_question(engine: Engine) -> None:
    engine.sync([accounts(a1="7", a2="8")])
    assert organizations(engine) == 2
    with engine.database.session() as connection:
        assert [each.reason for each in questions(connection)] == ["owner"]


@pytest.mark.fault("F57")
@pytest.mark.parametrize("other", ["7", None])
def test_two_accounts_of_one_owner_or_of_nobody_are_one_partner(engine: Engine, other: str | None) -> None:
    engine.sync([accounts(a1="7", a2=other)])
    assert organizations(engine) == 1


@pytest.mark.fault("F57")
def test_an_account_that_is_handed_over_stays_with_its_partner(engine: Engine) -> None:
    engine.sync([accounts(a1="7", a2="7")])
    engine.sync([accounts(a1="7", a2="8")])
    assert organizations(engine) == 1
    with engine.database.session() as connection:
        assert questions(connection) == []

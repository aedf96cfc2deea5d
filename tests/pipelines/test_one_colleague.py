"""One of ours in several systems is one colleague, and an owner is called the same whichever system says who it is."""

from __future__ import annotations

import pytest

from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import Hub
from warehouse.database import Database

JO = "email:jo@hub.example"
OWNER, USER, JIRA = "hubspot/owners/1", "salesforce/User/5", "jira/users/a"


@pytest.fixture
def hub(sqlite_url: str) -> Hub:
    return Hub(Database(sqlite_url), PublishSettings())


def colleague(hub: Hub, record: str, *keys: str, **values: object) -> None:
    hub.stage("colleague", record, keys, **values)


def owners(hub: Hub) -> set[str | None]:
    hub.publish()
    step_by_step = hub.published()
    hub.rebuild()
    assert hub.published() == step_by_step
    return {row[0] for row in (*hub.rows("organization", "owner"), *hub.rows("deal", "owner"))}


def owned(hub: Hub) -> None:
    hub.stage("organization", "hubspot/companies/1", name="Acme", owner_record=OWNER)
    hub.stage("organization", "salesforce/Account/1", name="Beta", owner_record=USER)
    hub.stage("deal", "salesforce/Opportunity/1", name="Renewal", owner_record=USER)


def test_an_owner_bears_one_name_whichever_system_says_it(hub: Hub) -> None:
    owned(hub)
    colleague(hub, OWNER, JO, name="jo@hub.example", email="jo@hub.example")
    assert owners(hub) == {None, "jo@hub.example"}
    colleague(hub, USER, JO, name="Jo Park", email="jo@hub.example")
    assert owners(hub) == {"Jo Park"}
    assert hub.rows("colleague", "name", "email", "record_count") == [("Jo Park", "jo@hub.example", 2)]
    hub.unstage("colleague", USER)
    assert owners(hub) == {None, "jo@hub.example"}


def test_a_user_whose_address_is_hidden_is_found_by_name(hub: Hub) -> None:
    colleague(hub, USER, JO, "name:jo park", name="Jo Park", email="jo@hub.example")
    colleague(hub, JIRA, "name:jo park", name="Jo Park")
    hub.publish()
    assert [row[0] for row in hub.rows("colleague", "record_count")] == [2]


def test_a_colleague_who_left_one_system_is_active_in_another(hub: Hub) -> None:
    colleague(hub, OWNER, JO, name="Jo Park", active=False)
    colleague(hub, USER, JO, name="Jo Park")
    hub.publish()
    assert [bool(row[0]) for row in hub.rows("colleague", "active")] == [True]

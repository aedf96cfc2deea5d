"""Work tools name a partner in words: a domain, an id of the CRM, a name. What leads to one organization counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.golden.settings import PublishSettings
from pipelines.golden.stated import long_id
from tests.pipelines.golden_rig import Hub
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORT, LONG = "001D000000IqhSL", "001D000000IqhSLIAZ"
ACME, BETA = f"salesforce/Account/{LONG}", "hubspot/companies/77"
ISSUE, COMMENT = "jira/issues/1", "jira/comments/9"


@pytest.fixture
def hub(sqlite_url: str) -> Hub:
    return Hub(Database(sqlite_url), PublishSettings(own_domains=frozenset({"hub.example"})))


def company(hub: Hub, record: str = ACME, *keys: str, name: str = "Acme") -> None:
    hub.stage("organization", record, keys, name=name)


def issue(hub: Hub, *said: str, record: str = ISSUE) -> None:
    hub.stage("work_item", record, kind="issue", title="Blocked")
    for at, to_record in enumerate(said):
        hub.stage("relation", f"{record}#{at}", kind="about", from_record=record, to_record=to_record)


def attached(hub: Hub, records: Iterable[str] = (ACME, BETA)) -> list[tuple[str, str, str]]:
    """(organization record, method, anchor) of every row of the timeline."""
    names = {hub.id_of(record): record for record in records}
    return [(names[row[0]], *row[1:]) for row in hub.rows("timeline", "organization_id", "method", "anchor")]


def states(hub: Hub) -> list[str]:
    return [row[0] for row in hub.rows("fact", "attached")]


@pytest.mark.parametrize("said", ["acme.example", "https://www.acme.example/de", "ann@acme.example"])
def test_an_issue_that_names_a_domain_is_its_holders(hub: Hub, said: str) -> None:
    company(hub, ACME, "domain:acme.example")
    issue(hub, f"domain:{said}")
    hub.publish()
    assert attached(hub) == [(ACME, "domain", "domain:acme.example")]


def test_a_host_below_the_domain_is_asked_first(hub: Hub) -> None:
    company(hub, ACME, "domain:acme.example")
    company(hub, BETA, "host:labs.acme.example", name="Acme Labs")
    issue(hub, "domain:labs.acme.example")
    hub.publish()
    assert attached(hub) == [(BETA, "host", "host:labs.acme.example")]


@pytest.mark.parametrize(
    "said", ["domain:gmail.com", "domain:nonsense", "crm_id:salesforce:", "name:-", "name:Nobody"]
)
def test_what_names_nobody_attaches_nothing(hub: Hub, said: str) -> None:
    company(hub, ACME, "domain:acme.example", "name:acme")
    issue(hub, said)
    hub.publish()
    assert (attached(hub), states(hub)) == ([], ["unknown"])


@pytest.mark.parametrize("said", [f"salesforce:{LONG}", f"Salesforce:{SHORT}", f"crm:{SHORT}", f"crm:{LONG}"])
def test_a_salesforce_id_of_15_or_18_characters_is_the_account(hub: Hub, said: str) -> None:
    assert long_id(SHORT) == LONG
    company(hub, ACME)
    issue(hub, f"crm_id:{said}")
    hub.publish()
    assert [row[:2] for row in attached(hub)] == [(ACME, "crm_id")]


def test_an_id_that_another_systems_record_carries_leads_to_its_organization(hub: Hub) -> None:
    company(hub, BETA, name="Beta")
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO key (record, kind, scheme, normalized, original, entity, source)"
            f" VALUES ('{BETA}', 'crm_id', 'salesforce', '{LONG}', '', 'organization', 'hubspot')"
        )
    issue(hub, f"crm_id:salesforce:{SHORT}")
    hub.publish()
    assert [row[:2] for row in attached(hub)] == [(BETA, "crm_id")]


def test_the_number_of_one_system_is_not_looked_up_in_another(hub: Hub) -> None:
    company(hub, "list/rows/77", name="Row 77")
    issue(hub, "crm_id:hubspot:77")
    hub.publish()
    assert states(hub) == ["unknown"]
    company(hub, BETA, name="Beta")
    hub.publish()
    assert attached(hub) == [(BETA, "crm_id", "crm_id:hubspot:77")]


def test_the_connector_tells_the_system_whatever_a_source_is_called(hub: Hub) -> None:
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO source (source, connector, title) VALUES ('emea', 'hubspot', 'HubSpot')"
        )
    company(hub, "emea/companies/77")
    issue(hub, "crm_id:hubspot:77")
    hub.publish()
    assert len(attached(hub, ["emea/companies/77"])) == 1


def test_a_name_counts_while_one_organization_answers_to_it(hub: Hub) -> None:
    company(hub, ACME, "name:acme")
    issue(hub, "name:ACME GmbH")
    hub.publish()
    assert attached(hub) == [(ACME, "name", "name:acme")]
    company(hub, BETA, "name:acme", name="Acme")
    hub.publish()
    assert (attached(hub), states(hub)) == ([], ["ambiguous"])
    company(hub, BETA, "name:beta", name="Beta")
    hub.publish()
    assert attached(hub) == [(ACME, "name", "name:acme")]


def test_two_of_one_name_that_turn_out_to_be_one_take_the_fact(hub: Hub) -> None:
    company(hub, ACME, "name:acme")
    company(hub, BETA, "name:acme")
    issue(hub, "name:Acme")
    hub.publish()
    hub.groups[BETA] = ACME
    company(hub, BETA, "name:acme")
    hub.publish()
    assert attached(hub, [ACME]) == [(ACME, "name", "name:acme")]


def test_an_id_outranks_a_domain_and_a_domain_a_name(hub: Hub) -> None:
    company(hub, ACME, "domain:acme.example", "name:acme")
    company(hub, BETA, "name:beta", name="Beta")
    issue(hub, "name:Beta", "domain:acme.example")
    hub.publish()
    assert [row[:2] for row in attached(hub)] == [(ACME, "domain")]
    issue(hub, "name:Beta", "domain:acme.example", "crm_id:hubspot:77")
    hub.publish()
    assert [row[:2] for row in attached(hub)] == [(BETA, "crm_id")]


def test_an_issue_of_two_partners_is_on_both_timelines(hub: Hub) -> None:
    company(hub, ACME, "domain:acme.example")
    company(hub, BETA, "domain:beta.example", name="Beta")
    issue(hub, "domain:acme.example", "domain:beta.example")
    hub.publish()
    assert {row[0] for row in attached(hub)} == {ACME, BETA}


def test_a_comment_and_a_subtask_follow_their_issue_whenever_it_learns_its_partner(hub: Hub) -> None:
    issue(hub)
    issue(hub, ISSUE, record="jira/issues/0")
    issue(hub, "jira/issues/0", record="jira/issues/2")
    hub.stage("touchpoint", COMMENT, kind="note")
    hub.stage("relation", f"{COMMENT}#0", kind="about", from_record=COMMENT, to_record="jira/issues/2")
    hub.publish()
    assert states(hub) == ["unknown"] * 4
    company(hub, ACME, "domain:acme.example")
    issue(hub, "domain:acme.example")
    hub.publish()
    assert len(attached(hub)) == 4
    step_by_step = hub.published()
    hub.rebuild()
    assert hub.published() == step_by_step
    company(hub, ACME)
    hub.publish()
    assert states(hub) == ["unknown"] * 4

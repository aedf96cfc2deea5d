"""Scoring: right conclusions score full marks, and every kind of mistake shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from partnerhub.simulator.truth import Predicted, Truth, mail_key, row_content, score, truth_of
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.model import World

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(1, 60, NOW)


@pytest.fixture(scope="module")
def truth(world: World) -> Truth:
    return truth_of(world)


@pytest.fixture
def oracle(world: World, truth: Truth) -> Predicted:
    """What a hub that makes no mistake concludes."""
    rows = {f"partner_list/rows/{row.id}": {**row.values, "_row": 3} for row in world.sheet}
    records = dict(truth.records) | {f"partner_list/rows/{row.id}": row.org_id for row in world.sheet}
    partners = {org for org in records.values() if truth.roles[org] == "partner"}
    facts = {key: fact.organizations for key, fact in truth.facts.items()}
    return Predicted(
        {key: f"hub-{org}" for key, org in records.items()},
        rows,
        {f"hub-{org}" for org in partners},
        {key: {f"hub-{org}" for org in orgs} for key, orgs in facts.items()},
    )


def twins(world: World, truth: Truth, *roles: str) -> list[str]:
    """One CRM record of two different organizations of these roles."""
    found: dict[str, str] = {truth.roles[org]: key for key, org in truth.records.items()}
    if roles[0] == roles[1]:
        return [key for key, org in truth.records.items() if truth.roles[org] == roles[0]][:2]
    return [found[role] for role in roles]


def test_the_right_conclusions_score_full_marks(truth: Truth, oracle: Predicted) -> None:
    result = score(truth, oracle)
    assert (result.pair_precision, result.pair_recall, result.facts_right_share, result.unattached_share) == (
        1,
        1,
        1,
        0,
    )
    assert (result.list_violations, result.partners_missing, result.unknown_records) == ([], [], [])
    assert result.meets_goal()
    assert result.true_pairs > 20


@pytest.mark.parametrize("other", ["partner", "customer"])
def test_joining_a_partner_with_another_organization_costs_precision(
    world: World, truth: Truth, oracle: Predicted, other: str
) -> None:
    one, two = twins(world, truth, "partner", other)
    result = score(truth, replace(oracle, records={**oracle.records, two: oracle.records[one]}))
    assert tuple(sorted((one, two))) in result.wrong_pairs
    assert bool(result.list_violations) == (other == "customer")


def test_leaving_records_apart_costs_recall_only(truth: Truth, oracle: Predicted) -> None:
    alone = {key: f"alone-{key}" for key in oracle.records}
    result = score(truth, replace(oracle, records=alone, facts={}, partners=()))
    assert (result.pair_recall, result.pair_precision) == (0, 1)


def test_a_record_that_never_arrived_costs_recall(truth: Truth, oracle: Predicted) -> None:
    key = score(truth, replace(oracle, records={})).missed_pairs[0][0]
    records = {name: org for name, org in oracle.records.items() if name != key}
    assert score(truth, replace(oracle, records=records)).missed_pairs


def test_a_fact_on_another_organization_is_wrong_and_one_on_none_unattached(
    truth: Truth, oracle: Predicted
) -> None:
    attached = [key for key, fact in truth.facts.items() if fact.organizations and not fact.optional]
    wrong_ids = set(oracle.records.values()) - set(oracle.facts[attached[0]])
    facts = {**oracle.facts, attached[0]: {min(wrong_ids)}, attached[1]: ()}
    result = score(truth, replace(oracle, facts=facts))
    assert (result.wrong_facts, result.unattached_facts) == ([attached[0]], [attached[1]])


def test_a_private_or_internal_mail_that_attaches_is_wrong(
    world: World, truth: Truth, oracle: Predicted
) -> None:
    private = next(mail for mail in world.mails if mail.kind == "internal" and mail.message_id)
    key = mail_key(private.message_id or "")
    result = score(truth, replace(oracle, facts={**oracle.facts, key: {min(oracle.partners)}}))
    assert result.wrong_facts == [key]


def test_a_newsletter_may_stay_unattached(truth: Truth, oracle: Predicted) -> None:
    facts = {key: ids for key, ids in oracle.facts.items() if not truth.facts[key].optional}
    assert score(truth, replace(oracle, facts=facts)).unattached_facts == []


@pytest.mark.parametrize("role", ["customer", "supplier", "prospect"])
def test_anybody_else_on_the_partner_list_is_named(truth: Truth, oracle: Predicted, role: str) -> None:
    key = next(key for key, org in truth.records.items() if truth.roles[org] == role)
    result = score(truth, replace(oracle, partners={*oracle.partners, oracle.records[key]}))
    assert {(found, kind) for _, found, kind in result.list_violations} >= {(key, role)}
    assert not result.meets_goal()


def test_a_partner_that_is_not_on_the_list_is_named(truth: Truth, oracle: Predicted) -> None:
    left_out = min(oracle.partners)
    result = score(truth, replace(oracle, partners=set(oracle.partners) - {left_out}))
    assert result.partners_missing == [left_out.removeprefix("hub-")]


def test_a_row_is_found_by_what_stands_in_it(world: World, truth: Truth) -> None:
    row = world.sheet[0]
    payload = {name: f" {cell} " for name, cell in reversed(row.values.items())} | {
        "_row": 9,
        "Column 20": "",
    }
    assert truth.organization_of_row(payload) == row.org_id
    assert truth.organization_of_row({**payload, "Notes": "edited"}) is None


def test_archived_and_merged_records_count_for_nothing(truth: Truth, oracle: Predicted) -> None:
    result = score(
        truth, replace(oracle, records={**oracle.records, "hubspot/companies/1": min(oracle.partners)})
    )
    assert result.unknown_records == ["hubspot/companies/1"]
    assert result.pair_precision == 1


def test_candidates_are_domains_without_any_record(world: World, truth: Truth) -> None:
    recorded = {*truth.records.values(), *(row.org_id for row in world.sheet)}
    owners = {domain: org.id for org in world.orgs.values() for domain in org.domains}
    assert truth.candidates
    assert not {owners[domain] for domain in truth.candidates} & recorded


def test_row_content_ignores_the_connectors_own_fields() -> None:
    assert row_content({"Company": "Acme", "_row": 1, "Notes": ""}) == row_content({" Company": "Acme "})


# ---------------------------------------------------------------- several tools

TOOLS = {"salesforce": "salesforce"}


@pytest.fixture(scope="module")
def wide(world: World) -> Truth:
    """The truth for a hub that reads Salesforce as well."""
    return truth_of(world, others=TOOLS)


def knows(truth: Truth) -> Predicted:
    """What a hub that makes no mistake concludes of people and copies."""
    fact_ids = {key: {key} for key in truth.facts} | {copy: {one} for one, copy in truth.same_facts}
    facts = {key: {f"hub-{org}" for org in fact.organizations} for key, fact in truth.facts.items()}
    records = {key: f"hub-{org}" for key, org in truth.records.items()}
    return Predicted(records, {}, (), facts, fact_ids, people=truth.people, colleagues=truth.colleagues)


def test_one_human_in_two_tools_is_one(wide: Truth) -> None:
    result = score(wide, knows(wide))
    assert result.people.true_pairs > 20
    assert result.people.meets_goal()
    assert (result.same_facts_share, result.wrongly_one) == (1, [])


def test_people_left_apart_cost_recall_and_people_joined_wrongly_precision(wide: Truth) -> None:
    apart = score(wide, replace(knows(wide), people={key: key for key in wide.people})).people
    assert (apart.recall, apart.precision) == (0, 1)
    everybody = score(wide, replace(knows(wide), people=dict.fromkeys(wide.people, "one"))).people
    assert everybody.precision < 0.1
    assert not everybody.meets_goal()


def test_a_deal_and_its_opportunity_are_one_fact_and_two_deals_are_not(wide: Truth) -> None:
    deal, copy = next(pair for pair in wide.same_facts if "/deals/" in pair[0])
    other = next(key for key in wide.facts if "/deals/" in key and key != deal)
    right = knows(wide)
    split = score(wide, replace(right, fact_ids={**right.fact_ids, copy: {copy}}))
    assert split.split_facts == [(deal, copy)]
    joined = score(wide, replace(right, fact_ids={**right.fact_ids, other: {deal}}))
    assert tuple(sorted((deal, other))) in joined.wrongly_one
    assert not joined.meets_goal()


def test_accounts_count_as_records_only_where_salesforce_is_read(
    world: World, truth: Truth, wide: Truth
) -> None:
    accounts = [key for key in wide.records if key.startswith("salesforce/Account/")]
    assert len(accounts) > 30
    assert not set(accounts) & truth.records.keys()
    assert {wide.records[key] for key in accounts} <= world.orgs.keys()


def test_namesakes_at_one_organization_may_be_one_or_two(truth: Truth) -> None:
    one, two = (key for key in truth.people if truth.people[key] in {"hum-00085", "hum-00086"})
    assert truth.namesakes[one] == truth.namesakes[two]
    joined = score(truth, replace(knows(truth), people={**truth.people, two: truth.people[one]})).people
    assert (joined.wrong, joined.missed) == ([], [])

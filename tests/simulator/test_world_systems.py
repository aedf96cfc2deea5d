"""The newer systems of the generated world: Salesforce, Jira, Asana and decks, about the same organizations."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.model import World
from partnerhub.simulator.world.sales_ids import sales_id, with_check

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(1, now=NOW)


def live_accounts(world: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account in world.sales.accounts.values():
        if account.deleted_at is None:
            found.setdefault(account.org_id, []).append(account.id)
    return found


def test_more_than_half_of_the_partners_and_half_of_the_customers_are_in_salesforce(world: World) -> None:
    live, roles = live_accounts(world), Counter(org.role for org in world.orgs.values())
    held = Counter(world.orgs[org_id].role for org_id in live)
    assert 0.52 < held["partner"] / roles["partner"] < 0.68
    assert 0.42 < held["customer"] / roles["customer"] < 0.58
    assert held["newsletter"] == 0
    assert held["prospect"] > 10
    assert held["supplier"] > 5


def test_some_accounts_are_duplicates_some_merged_some_deleted(world: World) -> None:
    accounts = world.sales.accounts
    assert sum(len(ids) > 1 for ids in live_accounts(world).values()) > 10
    merged = [account for account in accounts.values() if account.merged_into]
    assert merged
    assert all(accounts[a.merged_into or ""].org_id == a.org_id and a.deleted_at for a in merged)
    assert [account for account in accounts.values() if account.deleted_at and not account.merged_into]


def test_ids_are_salesforces_own(world: World) -> None:
    assert with_check("001D000000IRFma") == "001D000000IRFmaIAH"
    assert sales_id("account", 1) == "0015g00000001JtAAI"
    sales = world.sales
    ids = [*sales.accounts, *sales.contacts, *sales.opportunities, *sales.activities, *sales.contracts]
    assert {len(each) for each in ids} == {18}
    assert len({each[:15].lower() for each in ids}) > 0.99 * len(ids)
    assert len(set(ids)) == len(ids)


def test_contacts_are_the_people_hubspot_knows_and_some_more(world: World) -> None:
    contacts = [c for c in world.sales.contacts.values() if not c.is_lead]
    shared = [c for c in contacts if world.humans[c.human_id].in_crm]
    assert 0.5 < len(shared) / len(contacts) < 0.95
    assert all(
        world.sales.accounts[c.account_id or ""].org_id == world.humans[c.human_id].org_id for c in contacts
    )


def test_leads_name_their_company_in_words(world: World) -> None:
    leads = [c for c in world.sales.contacts.values() if c.is_lead]
    assert len(leads) > 15
    assert all(lead.company and lead.account_id is None and lead.email for lead in leads)


def test_some_opportunities_are_deals_of_hubspot(world: World) -> None:
    copies = [o for o in world.sales.opportunities.values() if o.deal_id]
    assert len(copies) > 50
    for copy in copies:
        deal = world.deals[copy.deal_id or ""]
        assert (copy.org_id, copy.amount_minor, copy.close_date) == (
            deal.org_id,
            deal.amount_minor,
            deal.close_date,
        )
        assert copy.name.startswith(deal.name)


def test_stages_follow_each_other_in_time(world: World) -> None:
    for opportunity in world.sales.opportunities.values():
        moments = [since for _, since in opportunity.history]
        assert moments == sorted(moments)
        assert opportunity.stage == opportunity.history[-1][0]
        assert all(one[0] != two[0] for one, two in pairwise(opportunity.history))


def test_some_tasks_are_mails_of_a_mailbox_and_some_of_these_are_in_hubspot_too(world: World) -> None:
    mails = {mail.id: mail for mail in world.mails}
    logged = {a.mail_id: a for a in world.sales.activities.values() if a.mail_id}
    assert len(logged) > 150
    assert all(mails[key].org_id == activity.org_id for key, activity in logged.items())
    assert len({a.mail_id for a in world.activities.values() if a.mail_id} & logged.keys()) > 20


def test_issues_name_partners_by_domain_account_or_name_or_only_in_text(world: World) -> None:
    accounts = world.sales.accounts
    for issue in world.projects.issues.values():
        org = world.orgs.get(issue.org_id or "")
        if org and issue.partner in accounts:
            assert accounts[issue.partner].org_id == org.id
        elif org and issue.partner:
            assert issue.partner in {*org.domains, org.name}
        elif org:
            assert (
                org.name in issue.description
                or world.orgs[org.id].city in issue.description
                or "@" in issue.description
            )
        else:
            assert issue.partner is None
    assert sum(issue.org_id is None for issue in world.projects.issues.values()) > 30


def test_a_moved_issue_keeps_its_id_and_its_former_key(world: World) -> None:
    moved = [issue for issue in world.projects.issues.values() if issue.former_keys]
    assert moved
    assert all(issue.changes[-1].before == issue.former_keys[-1] for issue in moved)
    keys = [key for issue in world.projects.issues.values() for key in (issue.key, *issue.former_keys)]
    assert len(set(keys)) == len(keys)


def test_tasks_belong_to_projects_and_sections_that_exist(world: World) -> None:
    projects = world.projects.task_projects
    for task in world.projects.tasks.values():
        project = projects[task.project_id]
        assert task.section_id in {section for section, _ in project.sections}
        assert task.org_id == project.org_id
    assert {project.org_id is None for project in projects.values()} == {True, False}


def test_texts_hardly_repeat(world: World) -> None:
    typed = [a.text for a in world.sales.activities.values() if not a.mail_id]
    assert len(set(typed)) > 0.95 * len(typed)
    about = [issue.description for issue in world.projects.issues.values() if issue.org_id]
    assert len(set(about)) > 0.95 * len(about)


def test_about_40_decks_some_about_nobody_and_one_damaged_each_way(world: World) -> None:
    damaged = [deck for deck in world.decks if deck.damage]
    assert 38 <= len(world.decks) <= 46
    assert Counter(deck.damage for deck in damaged) == {"truncated": 1, "empty": 1, "encrypted": 1}
    assert 4 <= sum(deck.org_id is None for deck in world.decks if not deck.damage) <= 10
    assert len({deck.path for deck in world.decks}) == len(world.decks)


def test_a_deck_shows_every_value_it_states(world: World) -> None:
    for deck in world.decks:
        shown = [cell for slide in deck.slides for row in slide.table for cell in row]
        shown += [line for slide in deck.slides for line in slide.lines]
        assert all(any(value in each for each in shown) for value in deck.values.values())

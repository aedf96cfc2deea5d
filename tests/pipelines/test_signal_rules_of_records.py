"""Rules about deals, work and agreements open for their reason, with evidence, and are silent once it is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.signals.facts import (
    Colleague,
    Promise,
)
from tests.pipelines.signal_examples import (
    BRIGHTWATER,
    CONTRACT,
    CRM,
    RENEWAL,
    SAM,
    TODAY,
    ago,
    ahead,
    found,
    mail,
    none,
    one,
    says,
)

# ---------------------------------------------------------------- stale stage


def test_stale_stage_says_how_long_and_cites_stage_and_movement():
    finding = one("stale_stage", deals=(RENEWAL,), touches=(mail(12),))
    assert "“Negotiation” in HubSpot for 97 days" in finding.sentence
    assert [each.record for each in finding.evidence] == ["crm/deals/1", "mail/inbox/12in"]


def test_stale_stage_counts_work_that_moved():
    blocker = Promise("w", "jira/issues/1", "Jira", "work_item", "Single sign-on", moved_at=ago(5))
    assert one("stale_stage", deals=(RENEWAL,), promises=(blocker,)).evidence[1].record == "jira/issues/1"


def test_stale_stage_says_that_the_closing_day_has_passed():
    late = replace(RENEWAL, closes_on=ahead(-1))
    assert "closing day has passed" in one("stale_stage", deals=(late,), touches=(mail(12),)).sentence


@pytest.mark.parametrize(
    "deal",
    [replace(RENEWAL, stage="Closing", since=ago(1)), replace(RENEWAL, status="won")],
    ids=["stage-moved", "won"],
)
def test_stale_stage_is_over_once_the_stage_moves_or_the_deal_closes(deal):
    none("stale_stage", deals=(deal,), touches=(mail(12),))


@pytest.mark.parametrize("days", [120, 31], ids=["before", "a-month-ago"])
def test_stale_stage_is_silent_where_nothing_moves_either(days):
    none("stale_stage", deals=(RENEWAL,), touches=(mail(days),))


@pytest.mark.parametrize(
    ("closes", "level"), [(24, "attention"), (-30, "attention"), (-91, "info"), (200, "info")]
)
def test_stale_stage_needs_attention_while_the_closing_day_is_near(closes, level):
    deal = replace(RENEWAL, closes_on=ahead(closes))
    assert one("stale_stage", deals=(deal,), touches=(mail(12),)).level == level


def test_stale_stage_quotes_a_comment_that_has_no_title():
    comment = mail(13, "internal", "Their test failed again.", kind="comment", title=None)
    comment = replace(comment, text="Their test failed again.")
    assert (
        one("stale_stage", deals=(RENEWAL,), touches=(comment,)).evidence[1].quote
        == "Their test failed again."
    )


# ---------------------------------------------------------------- contradiction


DECK = says(
    "decks/slides/q3", "Decks", {"tier": "slide 2"}, tier="Gold Partner", annual_value_minor=48_000_000, currency="USD"
)  # fmt: skip


def test_contradiction_sets_both_values_side_by_side_with_the_slide():
    tier, value = found("contradiction", replace(BRIGHTWATER, records=(CRM, DECK)))
    assert tier.sentence == "Tier: Salesforce says Silver, but Decks says Gold Partner."
    assert [(each.record, each.place) for each in tier.evidence] == [
        ("crm/accounts/1", None), ("decks/slides/q3", "slide 2"),
    ]  # fmt: skip
    assert "310,000.00 USD" in value.sentence
    assert "480,000.00 USD" in value.sentence


def test_contradiction_is_over_once_the_sources_agree():
    agreed = says("crm/accounts/1", "Salesforce", tier="gold", annual_value_minor=48_300_000, currency="USD")
    none("contradiction", records=(agreed, DECK))


def test_contradiction_is_over_once_a_person_decides():
    none("contradiction", records=(CRM, DECK), pinned=frozenset({"tier", "annual_value_minor"}))


def test_amounts_in_two_currencies_do_not_contradict():
    euros = says("crm/accounts/1", "Salesforce", annual_value_minor=31_000_000, currency="EUR")
    none(
        "contradiction",
        records=(euros, says("d/s/1", "Decks", annual_value_minor=48_000_000, currency="USD")),
    )


def test_statuses_contradict_only_in_what_they_come_to():
    on_track = says("decks/slides/1", "Decks", status="On track")
    none("contradiction", records=(on_track, says("list/rows/1", "List", status="active")))
    none("contradiction", records=(on_track, says("crm/companies/1", "HubSpot", status="IN_PROGRESS")))
    assert (
        one("contradiction", records=(on_track, says("list/rows/1", "List", status="paused"))).subject
        == "status"
    )


def test_owners_contradict_unless_name_or_address_is_the_same():
    by_name = replace(CRM, values={}, owner=SAM)
    same = replace(DECK, values={}, owner=Colleague("x/y/1", "Samuel Ortiz", SAM.email))
    other = replace(DECK, values={}, owner=Colleague("x/y/2", "Dana Cole"))
    none("contradiction", records=(by_name, same))
    assert one("contradiction", records=(by_name, other)).subject == "owner"


# ---------------------------------------------------------------- overdue

BLOCKER = Promise(
    "w",
    "jira/issues/1",
    "Jira",
    "work_item",
    "Single sign-on",
    ahead(-9),
    priority="Highest",
    owner="Sam Ortiz",
)
TRAINING = Promise("c", "hub/commitments/1", "Entered in the hub", "commitment", "Training", ahead(-400))


def test_overdue_work_says_how_late_and_who_has_it():
    finding = one("overdue", promises=(BLOCKER,))
    assert finding.sentence == "“Single sign-on” in Jira is 9 days overdue, Sam Ortiz has it."
    assert finding.level == "urgent"


def test_one_late_task_is_good_to_know_and_three_need_attention():
    late = [replace(BLOCKER, record=f"jira/issues/{number}", priority="Medium") for number in range(3)]
    assert one("overdue", promises=(late[0],)).level == "info"
    many = found("overdue", replace(BRIGHTWATER, promises=tuple(late)))
    assert [each.level for each in many] == ["attention"] * 3


def test_a_late_project_counts_by_the_tasks_in_it():
    late = [
        replace(BLOCKER, record=f"asana/projects/{number}", priority=None, kind="project")
        for number in range(3)
    ]
    assert {each.level for each in found("overdue", replace(BRIGHTWATER, promises=tuple(late)))} == {"info"}
    task = replace(BLOCKER, priority="Medium")
    with_task = replace(BRIGHTWATER, promises=(task, *late[:2]))
    assert {each.level for each in found("overdue", with_task)} == {"info"}


def test_a_late_commitment_needs_attention_by_itself():
    assert one("overdue", promises=(replace(TRAINING, due_on=ahead(-3)),)).level == "attention"


@pytest.mark.parametrize(
    "promise", [replace(BLOCKER, done=True), replace(BLOCKER, due_on=TODAY), replace(BLOCKER, due_on=None)]
)
def test_overdue_is_over_once_it_is_done_or_postponed(promise):
    none("overdue", promises=(promise,))


def test_what_was_due_long_ago_is_history_unless_the_configuration_says_otherwise():
    partner = replace(BRIGHTWATER, promises=(TRAINING,))
    assert found("overdue", partner) == []
    assert "Promised: “Training”" in found("overdue", partner, overdue_until_days=500)[0].sentence


# ---------------------------------------------------------------- renewal due


def test_renewal_due_counts_the_days():
    finding = one("renewal_due", agreements=(CONTRACT,))
    assert finding.sentence == "“Frame contract” ends in 30 days, on 2026-12-01."
    assert finding.level == "attention"


def test_renewal_due_is_urgent_when_near_or_past():
    assert one("renewal_due", agreements=(replace(CONTRACT, ends_on=ahead(-3)),)).sentence == (
        "“Frame contract” ended 3 days ago, on 2026-10-29."
    )
    assert one("renewal_due", agreements=(replace(CONTRACT, ends_on=TODAY),)).level == "urgent"


@pytest.mark.parametrize(
    "agreement", [replace(CONTRACT, ends_on=ahead(395)), replace(CONTRACT, status="Terminated")]
)
def test_renewal_due_is_over_once_it_is_renewed_or_ended(agreement):
    none("renewal_due", agreements=(agreement,))


def test_renewal_of_the_organization_is_told_once_when_its_agreement_says_the_same():
    renews = ahead(20)
    said = (says("list/rows/1", "List", renews_on=renews.isoformat()),)
    finding = one("renewal_due", renews_on=renews, records=said)
    assert (finding.subject, finding.evidence[0].record) == ("organization", "list/rows/1")
    assert one("renewal_due", renews_on=renews, agreements=(replace(CONTRACT, ends_on=renews),)).subject == (
        "sf/contracts/1"
    )


def test_two_records_of_one_source_are_told_apart():
    duplicate = says("crm/accounts/2", "Salesforce", tier="Bronze")
    assert (
        "Salesforce (1) says Silver, but Salesforce (2) says Bronze"
        in one("contradiction", records=(CRM, duplicate)).sentence
    )


def test_sources_that_agree_speak_together():
    crm = says("hs/companies/1", "HubSpot", tier="silver")
    finding = one("contradiction", records=(crm, CRM, replace(DECK, values={"tier": "Gold"})))
    assert finding.sentence == "Tier: Salesforce and HubSpot say Silver, but Decks says Gold."


def test_of_several_documents_only_the_latest_is_held_against_the_others():
    last_year = replace(DECK, document="Review Q1", at=ago(300), values={"tier": "Gold"})
    this_year = replace(DECK, record="decks/slides/q4", document="Review Q3", values={"tier": "Silver"})
    none("contradiction", records=(CRM, last_year, this_year))

"""Each rule opens for its reason, says it in a sentence with evidence, and is silent once the reason is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from partnerhub.config.signals import Thresholds
from pipelines.signals.evaluate import rules
from pipelines.signals.facts import (
    Agreement,
    Bounce,
    Colleague,
    Contact,
    Deal,
    Finding,
    Partner,
    Promise,
    SourceRecord,
    Touch,
)
from pipelines.signals.farewells import farewell, farewell_of_another

TODAY = date(2026, 11, 1)
PRIYA = "priya@brightwater.example"
SAM = Colleague("crm/owners/1", "Sam Ortiz", "sam@ours.example")
BRIGHTWATER = Partner(
    "o1",
    "Brightwater Energy",
    contacts=(Contact("Priya Nair", frozenset({PRIYA})),),
    colleagues={SAM.email or "": SAM},
)


def ago(days: int) -> str:
    return f"{TODAY - timedelta(days=days)}T09:00:00.000000Z"


def ahead(days: int) -> date:
    return TODAY + timedelta(days=days)


def mail(days: int, direction: str = "in", text: str | None = "Can we talk?", **values: object) -> Touch:
    theirs, ours = frozenset({PRIYA}), frozenset({SAM.email or ""})
    touch = Touch(
        f"f{days}{direction}", f"mail/inbox/{days}{direction}", "email", ago(days), direction, thread="t1",
        title="Rollout", text=text if direction == "in" else None,
        sender=PRIYA if direction == "in" else SAM.email, theirs=theirs, ours=ours,
    )  # fmt: skip
    return replace(touch, **values)  # type: ignore[arg-type]


def found(rule: str, partner: Partner, today: date = TODAY, **limits: int) -> list[Finding]:
    return list(rules()[rule](partner, today, Thresholds(**limits)))


def one(rule: str, **facts: object) -> Finding:
    (finding,) = found(rule, replace(BRIGHTWATER, **facts))  # type: ignore[arg-type]
    return finding


def none(rule: str, **facts: object) -> None:
    assert found(rule, replace(BRIGHTWATER, **facts)) == []  # type: ignore[arg-type]


# ---------------------------------------------------------------- unanswered

WAITING = mail(12)


def test_unanswered_names_who_waits_since_when_and_quotes_it():
    finding = one("unanswered", touches=(mail(20, "out"), WAITING))
    assert finding.sentence == "Priya Nair wrote 12 days ago (“Rollout”), and nobody has answered."
    assert (finding.level, finding.subject) == ("urgent", "t1")
    assert (finding.evidence[0].fact_id, finding.evidence[0].quote) == (WAITING.fact_id, "Can we talk?")


@pytest.mark.parametrize(
    "answer",
    [
        mail(3, "out"),
        mail(3, "out", thread="another"),
        replace(mail(3), kind="call", direction=None, sender=None),
        replace(mail(3), kind="meeting", direction=None, sender=None, theirs=frozenset()),
    ],
    ids=["reply", "new-mail", "call", "meeting"],
)
def test_unanswered_is_over_once_we_answer_in_any_channel(answer):
    none("unanswered", touches=(WAITING, answer))


@pytest.mark.parametrize(
    "touch",
    [
        mail(2),
        mail(12, nature="list"),
        mail(12, nature="auto_reply"),
        mail(12, sender="noreply@brightwater.example"),
        mail(12, text="Thanks, works for us."),
        mail(400),
    ],
    ids=["yesterday", "list", "automatic", "machine", "thanks", "history"],
)
def test_unanswered_is_silent_about_what_needs_no_answer(touch):
    none("unanswered", touches=(touch,))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Tuesday is fine. Our team takes the first part.", "attention"), ("Who signs on your side now?", "urgent"),
        ("I have to pause the rollout.", "urgent"), ("Bitte ein neuer Vorschlag.", "urgent"), (None, "urgent"),
    ],
)  # fmt: skip
def test_unanswered_is_urgent_only_where_something_is_asked(text, level):
    assert one("unanswered", touches=(mail(12, text=text),)).level == level
    assert one("unanswered", touches=(mail(6, text=text),)).level == "attention"


def test_unanswered_quotes_from_where_the_mail_begins():
    letter = mail(12, text="Hi Sam,\n\nwho signs on your side now?\n\n-- \nPriya Nair\nTel. 1")
    assert one("unanswered", touches=(letter,)).evidence[0].quote == "who signs on your side now?"


def test_an_out_of_office_answer_of_theirs_does_not_hide_that_a_mail_waits():
    assert one("unanswered", touches=(WAITING, mail(11, nature="auto_reply"))).subject == "t1"


def test_a_mail_to_somebody_else_there_is_no_answer():
    other = mail(3, "out", thread="t2", theirs=frozenset({"leo@brightwater.example"}))
    assert one("unanswered", touches=(WAITING, other)).subject == "t1"


# ---------------------------------------------------------------- stale stage

RENEWAL = Deal("d1", "crm/deals/1", "HubSpot", "Renewal 2026", "Negotiation", "open", ago(97))


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


def says(record: str, called: str, places: dict[str, str] | None = None, **values: object) -> SourceRecord:
    return SourceRecord(record, called, ago(3), values, places=places or {})


CRM = says("crm/accounts/1", "Salesforce", tier="Silver", annual_value_minor=31_000_000, currency="USD")
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


# ---------------------------------------------------------------- person left

GOODBYE = mail(12, text="Hello Sam.\nMy last day at Brightwater is Friday. Leo takes over.")


def test_person_left_quotes_the_farewell_and_the_bounce_as_one():
    bounce = Bounce("b", "mail/inbox/b", ago(2), PRIYA)
    finding = one("person_left", touches=(GOODBYE,), bounces=(bounce,))
    assert (finding.subject, finding.level) == (PRIYA, "urgent")
    assert [each.quote for each in finding.evidence] == [
        "My last day at Brightwater is Friday.", f"Mail to {PRIYA} could not be delivered",
    ]  # fmt: skip


def test_person_left_is_over_once_the_sources_no_longer_have_them_there():
    gone = replace(BRIGHTWATER.contacts[0], current=False)
    none("person_left", touches=(GOODBYE,), contacts=(gone,))


def test_a_bounce_is_quoted_in_the_words_of_the_server():
    bounce = Bounce("b", "mail/inbox/b", ago(2), PRIYA, f"<{PRIYA}>: 550 5.1.1 user unknown")
    assert one("person_left", bounces=(bounce,)).evidence[0].quote == f"<{PRIYA}>: 550 5.1.1 user unknown"


def test_a_bounce_is_over_once_somebody_writes_from_that_address():
    bounce = Bounce("b", "mail/inbox/b", ago(20), PRIYA)
    assert one("person_left", bounces=(bounce,)).level == "attention"
    none("person_left", bounces=(bounce,), touches=(mail(3),))


def test_a_colleague_of_theirs_saying_so_is_about_the_one_who_goes():
    leo = mail(5, sender="leo@brightwater.example", text="By the way, Priya is leaving us end of May.")
    assert one("person_left", touches=(leo,)).subject == PRIYA


def test_owner_who_is_no_longer_active_is_over_once_somebody_else_owns_it():
    gone = replace(SAM, active=False)
    owned = replace(CRM, owner=gone)
    assert one("person_left", owner="Sam Ortiz", records=(owned,)).sentence == (
        "Sam Ortiz, who owns the account, is no longer active."
    )
    none("person_left", owner="Dana Cole", records=(owned,))


def test_owner_of_an_open_deal_who_is_no_longer_active_counts_until_it_closes():
    renewal = replace(RENEWAL, owner=replace(SAM, active=False))
    assert "“Renewal 2026”" in one("person_left", deals=(renewal,)).sentence
    none("person_left", deals=(replace(renewal, status="lost"),))


@pytest.mark.parametrize(
    "text",
    [
        "Friday will be my last day.", "I am leaving Brightwater for a new challenge.", "I'm leaving the company.",
        "I will be leaving at the end of May.", "I no longer work for Brightwater.",
        "Am Freitag ist mein letzter Arbeitstag.", "ich verlasse Brightwater zum Jahresende.",
        "Ich werde das Unternehmen im Mai verlassen.", "Vendredi sera mon dernier jour.",
        "Je quitte la société fin mai.", "El viernes es mi último día.", "Dejo la empresa en mayo.",
    ],
)  # fmt: skip
def test_a_farewell_is_understood(text):
    assert farewell(f"Hello.\n\n{text} Best, P.", "Brightwater Energy") == text


@pytest.mark.parametrize(
    "text",
    [
        "It was my last day of vacation.", "I am leaving for lunch.", "I'm leaving it to you.",
        "We are leaving the room booked.", "The train is leaving at nine.", "C'était mon dernier jour de congé.",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_farewell_is_none(text):
    assert farewell(text, "Brightwater Energy") is None
    assert farewell_of_another(text, "Priya Nair") is None


# ---------------------------------------------------------------- silence

FORTNIGHTLY = tuple(mail(days, "out") for days in range(286, 99, -14))


def test_silence_after_a_rhythm_says_how_long_and_what_was_usual():
    finding = one("silence", touches=FORTNIGHTLY)
    assert finding.sentence.startswith(
        "Nothing was heard or said for 104 days; before, there was something every 14"
    )
    assert finding.evidence[0].fact_id == FORTNIGHTLY[-1].fact_id


def test_silence_needs_attention_while_a_deal_or_an_agreement_is_at_stake():
    assert one("silence", touches=FORTNIGHTLY).level == "info"
    assert one("silence", touches=FORTNIGHTLY, agreements=(CONTRACT,)).level == "attention"
    ended = replace(CONTRACT, ends_on=ahead(-40))
    assert one("silence", touches=FORTNIGHTLY, agreements=(ended,)).level == "info"
    open_deal = replace(RENEWAL, closes_on=ahead(20))
    assert one("silence", touches=FORTNIGHTLY, deals=(open_deal,)).level == "attention"


def test_silence_cites_the_words_that_were_the_last():
    note = replace(FORTNIGHTLY[-1], kind="note", title=None, text="Asked for a reference customer in Leeds.")
    cited = one("silence", touches=(*FORTNIGHTLY[:-1], note)).evidence[0]
    assert cited.quote == "Asked for a reference customer in Leeds."


def test_silence_is_over_with_the_next_touchpoint():
    none("silence", touches=(*FORTNIGHTLY, mail(1)))


@pytest.mark.parametrize("days", [(300, 200), tuple(range(440, 99, -35))], ids=["twice", "every-five-weeks"])
def test_without_a_rhythm_there_is_no_silence(days):
    none("silence", touches=tuple(mail(each) for each in days))


def test_one_busy_month_is_no_rhythm():
    none("silence", touches=tuple(mail(days, "out") for days in range(130, 99, -3)))


def test_a_newsletter_does_not_break_a_silence():
    assert one("silence", touches=(*FORTNIGHTLY, mail(1, nature="list"))).subject == ""


# ---------------------------------------------------------------- single-threaded

BY_SAM = tuple(
    mail(days, "out", theirs=frozenset({PRIYA, "leo@brightwater.example"})) for days in range(13, 0, -1)
)


def test_single_threaded_when_one_of_us_is_on_all_of_them():
    finding = one("single_threaded", touches=BY_SAM)
    assert (finding.subject, finding.level) == ("ours:sam@ours.example", "info")
    assert finding.sentence.startswith("Sam Ortiz is on 13 of 13 touchpoints")


def test_single_threaded_by_somebody_who_has_gone_needs_attention():
    gone = {"sam@ours.example": replace(SAM, active=False)}
    assert one("single_threaded", touches=BY_SAM, colleagues=gone).level == "attention"


def test_few_touchpoints_suffice_once_our_owner_of_the_account_has_gone():
    owned = replace(CRM, owner=replace(SAM, active=False))
    facts = {"touches": (mail(3), mail(9, "out"), mail(40)), "owner": "Sam Ortiz"}
    finding = one("single_threaded", records=(owned,), **facts)
    assert (finding.subject, finding.level) == (f"theirs:{PRIYA}", "attention")
    assert "Our owner of the account has gone." in finding.sentence
    none("single_threaded", records=(replace(owned, owner=SAM),), **facts)


def test_an_owner_who_has_gone_is_told_once_and_not_as_single_threaded_too():
    gone = {"sam@ours.example": replace(SAM, active=False)}
    none("single_threaded", touches=BY_SAM, colleagues=gone, owner="Sam Ortiz")


def test_what_we_say_among_us_is_no_touchpoint_of_one_person():
    none("single_threaded", touches=tuple(replace(each, direction="internal") for each in BY_SAM))


def test_single_threaded_is_over_once_somebody_else_is_on_it_too():
    both = frozenset({SAM.email or "", "dana@ours.example"})
    none("single_threaded", touches=tuple(replace(touch, ours=both) for touch in BY_SAM))


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

CONTRACT = Agreement("a", "sf/contracts/1", "Salesforce", "Frame contract", "Activated", ends_on=ahead(30))


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

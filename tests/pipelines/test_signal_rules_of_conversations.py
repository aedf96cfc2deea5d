"""Rules about who talks to whom open for their reason, say it with evidence, and are silent once it is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.signals.facts import (
    Bounce,
)
from pipelines.signals.farewells import farewell, farewell_of_another
from tests.pipelines.signal_examples import (
    BRIGHTWATER,
    CONTRACT,
    CRM,
    PRIYA,
    RENEWAL,
    SAM,
    ago,
    ahead,
    mail,
    none,
    one,
)

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

"""Conversations with a partner: joined by reference, by subject only where it is safe; who owes an answer."""

from __future__ import annotations

import pytest

from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import Hub
from warehouse.database import Database
from warehouse.queries.threads import threads
from warehouse.viewer import OPERATOR

ACME, US, THEM = "crm/companies/1", "me@hub.example", "ann@acme.example"


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url), PublishSettings(own_domains=frozenset({"hub.example"})))
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme", domain="acme.example")
    return hub


def mail(hub, number, day, way="in", *, thread=None, month=9, **values):
    """A mail that begins the conversation of its own number, or belongs to that of another."""
    sender, to = (US, THEM) if way == "out" else (THEM, US)
    facts = {"same_as": f"mail:{number}@x:ab", "thread": f"mail:{thread or number}@x", "direction": way}
    at = f"2026-{month:02d}-{day:02d}T08:00:00.000000Z"
    hub.mail(f"mail/messages/{number}", sender, to, happened_at=at, **{**facts, **values})


def found(hub):
    hub.publish()
    with hub.database.session() as connection:
        return threads(OPERATOR, connection, hub.id_of(ACME))


def test_mails_that_refer_to_one_another_are_one_thread_and_the_last_word_is_told(hub):
    mail(hub, 1, 1, subject="Rollout of phase 2")
    mail(hub, 2, 2, "out", thread=1, subject="Re: Rollout of phase 2")
    mail(hub, 3, 3, thread=1, subject="Re: Rollout of phase 2")
    mail(hub, 4, 5, thread=1, subject="Re: Rollout of phase 2")
    (one,) = found(hub)
    assert (one.subject, one.mails, one.first_at[:10], one.last_at[:10]) == (
        "Rollout of phase 2", 4, "2026-09-01", "2026-09-05",
    )  # fmt: skip
    assert (one.last_by, one.last_direction, one.owed_since) == (THEM, "in", "2026-09-03T08:00:00.000000Z")


def test_no_answer_is_owed_where_the_last_word_is_ours_or_a_machines(hub):
    mail(hub, 1, 1, subject="One")
    mail(hub, 2, 2, "out", thread=1)
    mail(hub, 3, 3, thread=1, nature="auto_reply")
    (one,) = found(hub)
    assert (one.mails, one.owes_answer, one.last_direction) == (3, False, "out")


def test_an_automatic_answer_of_ours_is_no_answer(hub):
    mail(hub, 1, 1, subject="One")
    mail(hub, 2, 2, "out", thread=1, nature="auto_reply")
    assert [each.owes_answer for each in found(hub)] == [True]


def test_a_copy_in_the_crm_joins_what_its_own_words_keep_apart(hub):
    mail(hub, 1, 1, subject="One")
    mail(hub, 2, 2, thread=1, subject="Re: One")
    facts = {"same_as": "mail:2@x:ab", "happened_at": "2026-09-02T08:00:00.000000Z", "direction": "in"}
    hub.mail("crm/emails/2", THEM, US, thread="hub:77", **facts)
    assert [each.mails for each in found(hub)] == [2]


@pytest.mark.parametrize(
    ("subject", "day", "month", "joined"),
    [
        ("Re: Rollout of phase 2", 9, 9, True),
        ("Rollout of phase 2", 9, 9, False),  # no answer
        ("Re: Rollout of phase 3", 9, 9, False),
        ("Re: Rollout of phase 2", 9, 11, False),  # too late
    ],
)
def test_an_answer_without_references_joins_by_subject_people_and_time(hub, subject, day, month, joined):
    mail(hub, 1, 1, subject="Rollout of phase 2")
    mail(hub, 2, day, "out", month=month, subject=subject)
    assert len(found(hub)) == (1 if joined else 2)


def test_a_subject_that_says_nothing_joins_nothing(hub):
    mail(hub, 1, 1, subject="Hello")
    mail(hub, 2, 2, "out", subject="Re: Hello")
    assert len(found(hub)) == 2


def test_an_answer_that_fits_two_conversations_joins_neither(hub):
    mail(hub, 1, 1, subject="Monthly report of sales")
    mail(hub, 2, 2, subject="Monthly report of sales")
    mail(hub, 3, 3, "out", subject="Re: Monthly report of sales")
    assert sorted(each.mails for each in found(hub)) == [1, 1, 1]


def test_newsletters_are_no_conversation(hub):
    mail(hub, 1, 1, subject="News", nature="list")
    assert found(hub) == []

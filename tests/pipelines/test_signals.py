"""Signals over published rows: they open with evidence, keep their day, close themselves, and rest in between."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from partnerhub.config.signals import Thresholds, rule_names
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from pipelines.signals import evaluate as engine
from pipelines.signals.evaluate import SignalSettings, evaluate, rules
from tests.pipelines.golden_rig import Hub
from warehouse.commands.redact import forget_signals, redact_record
from warehouse.database import Database
from warehouse.queries.signals import count_signals, signals
from warehouse.viewer import OPERATOR

TODAY = date(2026, 10, 1)
ACME, CONTACT, OWNER = "crm/companies/1", "crm/contacts/1", "crm/owners/1"
PRIYA, SAM = "priya@acme.example", "sam@hub.example"
SETTINGS = SignalSettings(own_domains=frozenset({"hub.example"}))


def at(day: date, hour: int = 8) -> str:
    return f"{day}T{hour:02d}:00:00.000000Z"


def ago(days: int) -> str:
    return at(TODAY - timedelta(days=days))


@pytest.fixture
def hub(database_url):
    settings = PublishSettings(partner_rules=(PartnerRule("crm"),), own_domains=frozenset({"hub.example"}))
    hub = Hub(Database(database_url), settings)
    hub.stage("colleague", OWNER, name="Sam Ortiz", email=SAM)
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme", owner_record=OWNER)
    hub.stage("person", CONTACT, [f"email:{PRIYA}"], name="Priya Nair", email=PRIYA)
    hub.stage("relation", "crm/links/1", kind="works_at", from_record=CONTACT, to_record=ACME)
    return hub


def wait_for_an_answer(hub):
    hub.mail("mail/in/1", PRIYA, SAM, happened_at=ago(12), direction="in", thread="t1", subject="Rollout",
             text="We pause until single sign-on passes.")  # fmt: skip


def look(hub, day=TODAY, settings=SETTINGS):
    hub.publish()
    return evaluate(hub.database, settings, at(day, 12))


def standing(hub, *columns):
    return hub.rows("signal", *(columns or ("rule", "subject", "level", "closed_at")))


def test_a_signal_opens_with_its_evidence_and_closes_itself(hub):
    wait_for_an_answer(hub)
    assert look(hub).opened == 1
    ((rule, sentence, evidence, opened_at),) = standing(hub, "rule", "sentence", "evidence_json", "opened_at")
    assert (rule, opened_at) == ("unanswered", at(TODAY, 12))
    assert sentence == "Priya Nair wrote 12 days ago (“Rollout”), and nobody has answered."
    (cited,) = json.loads(evidence)
    assert (cited["record"], cited["quote"]) == ("mail/in/1", "We pause until single sign-on passes.")
    hub.mail("mail/out/2", SAM, PRIYA, happened_at=ago(1), direction="out", thread="t1")
    assert look(hub).closed == 1
    assert [row[-1] for row in standing(hub)] == [at(TODAY, 12)]


def test_a_signal_that_stays_keeps_the_day_it_opened_and_counts_on(hub):
    wait_for_an_answer(hub)
    look(hub)
    later = TODAY + timedelta(days=1)
    assert look(hub, later).changed == 1
    ((sentence, opened_at),) = standing(hub, "sentence", "opened_at")
    assert "13 days ago" in sentence
    assert opened_at == at(TODAY, 12)


def test_what_opens_again_is_the_same_signal(hub):
    wait_for_an_answer(hub)
    look(hub)
    (first,) = standing(hub, "signal_id")
    hub.mail("mail/out/2", SAM, PRIYA, happened_at=ago(1), direction="out", thread="t1")
    look(hub)
    hub.unstage("touchpoint", "mail/out/2")
    assert look(hub).opened == 1
    assert standing(hub, "signal_id", "closed_at") == [(*first, None)]


def test_an_earlier_opening_is_what_was_open_then_and_goes_with_a_redaction(hub):
    wait_for_an_answer(hub)
    look(hub)
    hub.mail("mail/out/2", SAM, PRIYA, happened_at=ago(1), direction="out", thread="t1")
    closed, again = (TODAY + timedelta(days=days) for days in (1, 2))
    look(hub, closed)
    hub.unstage("touchpoint", "mail/out/2")
    look(hub, again)
    assert hub.rows("signal_opening", "opened_at", "closed_at") == [(at(TODAY, 12), at(closed, 12))]
    with hub.database.session() as connection:
        then = [signals(OPERATOR, connection, moment=at(day, 13)) for day in (TODAY, closed, again)]
        assert [[each["opened_at"] for each in some] for some in then] == [
            [at(TODAY, 12)],
            [],
            [at(again, 12)],
        ]
        with connection.transaction():
            forget_signals(connection, "mail/in/1")
    assert hub.rows("signal_opening", "opened_at") == []


def test_looking_again_the_same_day_reads_and_writes_nothing(hub, monkeypatch):
    wait_for_an_answer(hub)
    look(hub)
    before = standing(hub), hub.rows("hub_state"), hub.rows("lease")
    monkeypatch.setattr(engine, "read_partners", lambda *_: pytest.fail("it looked again"))
    assert look(hub).partners == 0
    assert (standing(hub), hub.rows("hub_state"), hub.rows("lease")) == before


def test_time_alone_opens_signals(hub):
    hub.stage("agreement", "crm/contracts/1", title="Frame", ends_on="2027-01-31", organization_record=ACME)
    assert look(hub).opened == 0
    assert look(hub, date(2026, 12, 15)).opened == 1
    assert standing(hub, "rule", "subject") == [("renewal_due", "crm/contracts/1")]


def test_a_stated_clock_is_today_and_the_moment_signals_open_and_close_at(hub):
    wait_for_an_answer(hub)
    hub.publish()
    stated = [replace(SETTINGS, clock=at(TODAY - timedelta(days=days))) for days in (8, 7, 2)]
    counts = [evaluate(hub.database, settings, at(date(2030, 1, 1))) for settings in stated]
    assert [each.opened for each in counts] == [0, 1, 0]
    ((sentence, opened_at),) = standing(hub, "sentence", "opened_at")
    assert "wrote 10 days ago" in sentence
    assert opened_at == at(TODAY - timedelta(days=7))


def test_a_call_logged_with_somebody_else_there_is_no_answer(hub):
    wait_for_an_answer(hub)
    hub.stage("person", "crm/contacts/2", ["email:leo@acme.example"], name="Leo", email="leo@acme.example")
    hub.stage("relation", "crm/links/7", kind="works_at", from_record="crm/contacts/2", to_record=ACME)
    call = {
        "kind": "call",
        "happened_at": ago(3),
        "direction": "out",
        "owner_record": OWNER,
        "text": "On prices.",
    }
    hub.stage("touchpoint", "crm/calls/1", **call)
    hub.stage(
        "relation", "crm/calls/1#a", kind="about", from_record="crm/calls/1", to_record="crm/contacts/2"
    )
    assert look(hub).open == 1
    hub.stage("relation", "crm/calls/1#b", kind="about", from_record="crm/calls/1", to_record=CONTACT)
    assert look(hub).closed == 1


def test_a_promise_of_ours_in_no_task_is_over_once_somebody_enters_it(hub):
    text = "Hi Priya,\n\nwe will train your six field planners in Seattle.\n\nSam"
    hub.mail("mail/out/1", SAM, PRIYA, happened_at=ago(425), direction="out", text=text)
    look(hub)
    ((rule, evidence),) = standing(hub, "rule", "evidence_json")
    assert rule == "promise_forgotten"
    assert json.loads(evidence)[0]["quote"] == "we will train your six field planners in Seattle."
    hub.stage("commitment", "hub/commitments/1", title="Train six planners", due_on="2026-12-01",
              organization_record=ACME)  # fmt: skip
    assert look(hub).closed == 1


def test_what_a_tool_says_is_quoted_and_not_what_it_is_called(hub):
    hub.stage("colleague", OWNER, name="Sam Ortiz", email=SAM, active=False)
    for number, days in enumerate((5, 9, 30)):
        record = f"crm/notes/{number}"
        hub.stage(
            "touchpoint",
            record,
            kind="note",
            happened_at=ago(days),
            owner_record=OWNER,
            text=f"Price {days}.",
        )
        hub.stage("relation", f"{record}#a", kind="about", from_record=record, to_record=CONTACT)
    look(hub)
    quoted = {one["quote"] for rule, said in standing(hub, "rule", "evidence_json") if rule == "single_threaded"
              for one in json.loads(said)}  # fmt: skip
    assert quoted == {"Price 5.", "Price 9."}


def test_only_partners_are_looked_at_and_one_that_is_none_any_more_needs_nobody(hub):
    hub.stage("organization", "list/rows/1", name="Customer")
    hub.stage(
        "commitment",
        "list/rows/1#c",
        title="Training",
        due_on="2026-09-01",
        organization_record="list/rows/1",
    )
    hub.stage("commitment", "crm/promises/1", title="Portal", due_on="2026-09-01", organization_record=ACME)
    assert look(hub).open == 1
    hub.settings = PublishSettings(own_domains=frozenset({"hub.example"}))
    assert look(hub).closed == 1


def test_sources_that_disagree_about_one_partner_are_both_cited(hub):
    deck = "deck/decks/9#partner"
    cited = {"said": {"tier": {"label": "Tier", "value": "Gold partner", "slide": 7}}}
    hub.groups = {ACME: "acme", deck: "acme"}
    hub.stage("document", "deck/decks/9", title="Review Q3", custom_json=cited)
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme", tier="Silver")
    hub.stage("organization", deck, name="Acme", tier="Gold")
    look(hub)
    ((sentence, evidence),) = standing(hub, "sentence", "evidence_json")
    assert sentence == "Tier: crm says Silver, but “Review Q3”, slide 7 says Gold."
    assert [(each["quote"], each.get("place")) for each in json.loads(evidence)] == [
        ("Tier: Silver", None), ("Tier: Gold partner", "slide 7"),
    ]  # fmt: skip
    hub.stage("organization", deck, name="Acme", tier="silver")
    assert look(hub).closed == 1


def test_a_bounce_is_known_by_the_mail_that_came_back(hub):
    hub.mail("mail/out/1", SAM, PRIYA, happened_at=ago(4), direction="out", thread="t9")
    hub.mail("mail/in/2", "mailer-daemon@hub.example", SAM, happened_at=ago(4), direction="in", nature="bounce",
             thread="t9", subject="Undelivered Mail Returned to Sender")  # fmt: skip
    look(hub)
    assert standing(hub, "rule", "subject") == [("person_left", PRIYA)]


def test_a_mail_that_is_only_late_is_no_bounce(hub):
    hub.mail("mail/in/2", "mailer-daemon@hub.example", SAM, happened_at=ago(4), direction="in", nature="bounce",
             subject="Delayed", text=f"Action: delayed. {PRIYA}: we will retry for 3 days.")  # fmt: skip
    look(hub)
    assert standing(hub) == []


def test_an_owner_who_is_no_longer_active_is_told_until_somebody_else_owns_it(hub):
    hub.stage("colleague", OWNER, name="Sam Ortiz", email=SAM, active=False)
    look(hub)
    assert standing(hub, "rule", "subject") == [("person_left", "owner:sam ortiz")]
    hub.stage("colleague", "crm/owners/2", name="Dana Cole")
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme", owner_record="crm/owners/2")
    assert look(hub).closed == 1


def test_the_stage_of_a_deal_stands_since_it_last_changed(hub):
    hub.stage("deal", "crm/deals/1", name="Renewal", stage="Negotiation", status="open", created_at=ago(140))
    hub.stage("relation", "crm/links/2", kind="party", from_record="crm/deals/1", to_record=ACME)
    with hub.database.session() as connection:
        connection.execute(
            "INSERT INTO staged_deal_stage_change (record, source, stream, source_id, raw_id, rules, deal_record,"
            " stage, changed_at) VALUES ('crm/h/1', 'crm', 'h', '1', 1, 'r', 'crm/deals/1', 'Negotiation', ?)",
            (ago(97),),
        )
    hub.mail("mail/out/1", SAM, PRIYA, happened_at=ago(4), direction="out")
    look(hub)
    ((sentence,),) = standing(hub, "sentence")
    assert "“Negotiation” in crm for 97 days" in sentence


def test_a_private_mail_is_never_quoted(hub):
    hub.mail("mail/in/1", PRIYA, SAM, happened_at=ago(12), direction="in", sensitivity="private", subject="Hello",
             text="My last day is Friday.")  # fmt: skip
    look(hub)
    assert [rule for rule, *_ in standing(hub)] == ["unanswered"]
    assert "Friday" not in str(standing(hub, "evidence_json"))


def test_redaction_takes_every_signal_along_that_may_quote_the_record(hub):
    wait_for_an_answer(hub)
    look(hub)
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, staged_raw_id, staged_rules)"
            " VALUES ('mail', 'in', '1', 902, 'upsert', ?, 902, '')",
            (b"hash",),
        )
        redact_record(connection, "mail", "in", "1", reason="asked to", secret=b"k" * 32, now=ago(0))
    assert standing(hub) == []
    assert look(hub).open == 0


def test_a_rule_that_breaks_leaves_its_signals_and_all_others_alone(hub, monkeypatch):
    wait_for_an_answer(hub)
    hub.stage("commitment", "crm/promises/1", title="Portal", due_on="2026-09-01", organization_record=ACME)
    look(hub)

    def broken(*_):
        raise ValueError("what somebody wrote")

    monkeypatch.setitem(rules(), "unanswered", broken)
    hub.stage("commitment", "crm/promises/1", title="Portal", due_on="2026-09-01", done_on="2026-09-30",
              organization_record=ACME)  # fmt: skip
    counts = look(hub)
    assert (counts.failed, counts.closed) == (1, 1)
    assert sorted((rule, closed_at is None) for rule, *_, closed_at in standing(hub)) == [
        ("overdue", False), ("unanswered", True),
    ]  # fmt: skip


def test_a_rule_turned_off_closes_what_it_opened(hub):
    wait_for_an_answer(hub)
    look(hub)
    off = SignalSettings(Thresholds(off=("unanswered",)), SETTINGS.own_domains)
    assert look(hub, settings=off).closed == 1


def test_the_list_begins_with_what_cannot_wait_and_counts_partners(hub):
    wait_for_an_answer(hub)
    hub.stage("commitment", "crm/promises/1", title="Portal", due_on="2026-09-01", organization_record=ACME)
    look(hub)
    with hub.database.session() as connection:
        found, counts = signals(OPERATOR, connection), count_signals(OPERATOR, connection)
    assert [(each["organization"], each["level"], each["rule"]) for each in found] == [
        ("Acme", "urgent", "unanswered"), ("Acme", "attention", "overdue"),
    ]  # fmt: skip
    assert counts == {"urgent": 1, "attention": 1, "info": 0, "partners": 1, "today": 1}


def test_every_file_of_the_folder_is_a_rule():
    assert set(rules()) == set(rule_names()) >= {
        "stale_stage", "contradiction", "person_left", "unanswered", "silence", "single_threaded", "overdue",
        "renewal_due", "promise_forgotten",
    }  # fmt: skip

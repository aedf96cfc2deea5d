"""How much of a mail somebody sees, at every level and through every query that shows mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from warehouse import bulk
from warehouse.commands.accounts import By
from warehouse.commands.mail_visibility import set_mailbox, set_thread
from warehouse.database import Database
from warehouse.errors import NotFound, WarehouseError
from warehouse.queries import holdings, known_then, record, threads, waiting
from warehouse.queries.mail_sight import Level, levels, sources_with_mail
from warehouse.queries.search import search
from warehouse.queries.signals import signals
from warehouse.viewer import OPERATOR, Viewer

ACME, LONE = "crm/companies/1", "list/rows/1"
MAIL, OTHER, FILE = "mail_nora/messages/1", "mail_nora/messages/2", "mail_nora/messages/1#attachment-2"
SUBJECT, BODY, NAME, SENDER = (
    "Zweigstelle Plantedsubject",
    "Plantedbody words",
    "Plantedname.pdf",
    "ann@acme.example",
)
NORA = "nora@hub.example"
MANAGER = Viewer("manager@hub.example", mailboxes=frozenset({"manager@hub.example"}))
BY = By("ops@hub.example", DAY.format(20))
RULES = PublishSettings(Survivorship({}), (PartnerRule("crm"),), own_domains=frozenset({"hub.example"}))


@pytest.fixture
def hub(database_url):
    """A partner and somebody who is none, a mail with each, and a file that hangs on the partner's."""
    found = Hub(Database(database_url), RULES)
    found.stage("organization", ACME, ["domain:acme.example"], name="Acme", domain="acme.example")
    found.stage("organization", LONE, ["domain:lone.example"], name="Lone", domain="lone.example")
    said = {"text": BODY, "mailbox": NORA, "direction": "in", "happened_at": DAY.format(2)}
    found.mail(MAIL, SENDER, NORA, subject=SUBJECT, thread="mail:1@x", **said)
    found.mail(OTHER, "bob@lone.example", NORA, subject=SUBJECT, thread="mail:2@x", **said)
    found.stage("document", FILE, title=NAME, parent_record=MAIL, created_at=DAY.format(2))
    with found.database.session() as connection, connection.transaction():
        bulk.insert(connection, "source", ("source", "connector", "title", "account"),
                    [("mail_nora", "imap", "Mailbox", NORA)])  # fmt: skip
    found.publish()
    return found


@pytest.fixture
def connection(hub):
    with hub.database.session() as opened:
        yield opened


def fact_of(connection, key):
    return connection.query("SELECT fact_id FROM fact_source WHERE record = ?", (key,))[0][0]


def sees(viewer, connection, key=MAIL):
    fact = fact_of(connection, key)
    return levels(viewer, connection, [fact])[fact]


def set_by(connection, change, subject, level):
    with connection.transaction():
        change(connection, subject, level, BY)


def shown_level(level):
    return replace(MANAGER, mail_levels={"mail_nora": level})


def test_where_nobody_says_anything_mail_with_partners_is_metadata_and_all_other_is_private(connection):
    assert sees(MANAGER, connection) == Level.METADATA
    assert sees(MANAGER, connection, OTHER) == Level.PRIVATE


def test_a_file_is_as_private_as_the_mail_it_hangs_on(connection):
    assert sees(MANAGER, connection, FILE) == Level.METADATA


def test_the_owner_of_the_mailbox_and_the_operator_see_mail_whole(connection):
    set_by(connection, set_thread, fact_of(connection, MAIL), "private")
    assert sees(Viewer(NORA, mailboxes=frozenset({NORA})), connection) == Level.EVERYTHING
    assert sees(OPERATOR, connection) == Level.EVERYTHING
    assert sees(MANAGER, connection) == Level.PRIVATE


@pytest.mark.parametrize("level", ["everything", "subject", "metadata", "private"])
def test_the_setting_of_the_source_decides(connection, level):
    assert sees(shown_level(level), connection, OTHER).name.lower() == level


def test_what_is_set_for_a_conversation_goes_before_its_mailbox_and_that_before_the_setting(connection):
    viewer = shown_level("everything")
    set_by(connection, set_mailbox, NORA.upper(), "subject")
    assert sees(viewer, connection) == Level.SUBJECT
    set_by(connection, set_thread, fact_of(connection, MAIL), "private")
    assert (sees(viewer, connection), sees(viewer, connection, OTHER)) == (Level.PRIVATE, Level.SUBJECT)
    assert sees(viewer, connection, FILE) == Level.PRIVATE


def test_what_was_taken_back_is_as_if_nobody_had_set_it(connection):
    set_by(connection, set_mailbox, NORA, "everything")
    set_by(connection, set_mailbox, NORA, None)
    assert sees(MANAGER, connection) == Level.METADATA


def test_who_may_not_read_mail_sees_subjects_at_most(connection):
    assert sees(replace(shown_level("everything"), reads_mail=False), connection) == Level.SUBJECT


def test_of_two_copies_the_more_open_one_counts(hub, connection):
    viewer = replace(MANAGER, mail_levels={"mail_nora": "private", "mail_jo": "everything"})
    for source in ("mail_nora", "mail_jo"):
        hub.mail(f"{source}/messages/9", SENDER, NORA, same_as="mail:9@x:ab", mailbox=f"{source}@hub.example")
    hub.publish()
    assert sees(viewer, connection, "mail_nora/messages/9") == Level.EVERYTHING


def test_what_people_enter_is_no_mail(hub, connection):
    hub.stage("touchpoint", "hub/touchpoints/1", kind="call", text="Said", mailbox="dana@hub.example")
    hub.publish()
    assert sees(MANAGER, connection, "hub/touchpoints/1") == Level.EVERYTHING


def test_every_change_is_in_the_audit_log_without_a_word_of_the_mail(connection):
    set_by(connection, set_thread, fact_of(connection, MAIL), "private")
    ((actor, verb, subject, detail),) = connection.query(
        "SELECT actor, verb, subject, detail FROM audit_entry"
    )
    assert (actor, verb, subject) == (BY.actor, "mail.visibility", f"fact:{fact_of(connection, MAIL)}")
    assert detail == '{"level": "private", "threads": 1}'


def test_an_unknown_mailbox_level_or_mail_is_refused(connection):
    with pytest.raises(NotFound):
        set_by(connection, set_mailbox, "nobody@hub.example", "private")
    with pytest.raises(NotFound):
        set_by(connection, set_thread, "no-such-fact", "private")
    with pytest.raises(WarehouseError):
        set_by(connection, set_mailbox, NORA, "secret")


def test_mailboxes_are_listed(connection):
    assert sources_with_mail(connection) == [("mail_nora", NORA)]


def everything_shown(viewer, connection, hub):
    """What every query that shows mail gives, as one text."""
    acme, lone = hub.id_of(ACME), hub.id_of(LONE)
    found: list[object] = []
    for each in (acme, lone):
        found += [
            record.timeline(viewer, connection, each),
            known_then.timeline_then(viewer, connection, each, "2026-12-01T00:00:00.000000Z"),
            threads.threads(viewer, connection, each),
            holdings.documents(viewer, connection, each),
            signals(viewer, connection, each, closed=True),
        ]
    found += [search(viewer, connection, word) for word in ("Plantedsubject", "Plantedname", "Plantedbody")]
    found += [
        waiting.list_candidates(viewer, connection),
        waiting.list_unmatched(viewer, connection, ("unknown",)),
    ]
    return repr(found)


@pytest.mark.parametrize(
    ("level", "visible"),
    [
        ("private", ()),
        ("metadata", (SENDER,)),
        ("subject", (SENDER, SUBJECT, NAME)),
        ("everything", (SENDER, SUBJECT, NAME)),
    ],
)
def test_no_query_shows_more_than_the_level(hub, connection, level, visible):
    evidence = (
        f'[{{"record": "{MAIL}", "fact_id": "{fact_of(connection, MAIL)}", "quote": "{BODY}", "at": "x"}}]'
    )
    sentence = f"{SENDER} wrote 9 days ago (“{SUBJECT}”), and nobody has answered."
    row = ("s1", hub.id_of(ACME), "unanswered", "", sentence, evidence, "urgent", DAY.format(5))
    with connection.transaction():
        bulk.insert(connection, "signal", ("signal_id", "organization_id", "rule", "subject", "sentence",
                    "evidence_json", "level", "opened_at"), [row])  # fmt: skip
    shown = everything_shown(shown_level(level), connection, hub)
    assert [word for word in (SENDER, SUBJECT, NAME) if word in shown] == list(visible)
    assert (BODY in shown) == (level == "everything")

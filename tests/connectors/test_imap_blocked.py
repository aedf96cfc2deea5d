"""Of mail on which somebody blocked stands, nothing leaves the mailbox; how many there were is known."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from connectors.imap.blocked import blocked_by
from partnerhub.simulator.imap import INBOX, SENT, ImapSimulator
from tests.connectors.conformance.imap_rig import OWNER, connector_for, raw_mail, with_attachment
from tests.connectors.mailbox_reading import NOW, ids, mailbox_of_five, pull, records

__all__ = ["mailbox_of_five"]

DOCTOR = "Dr. Who <who@clinic.example>"


def private(number: int, **fields: str) -> bytes:
    return raw_mail(number, Subject="Your results", text="hush", **fields)


@pytest.mark.parametrize("field", ["From", "To", "Cc", "Bcc", "Reply_To", "Sender"])
def test_a_mail_lands_nowhere_whoever_of_its_people_is_blocked(server: ImapSimulator, field: str) -> None:
    server.append(OWNER, INBOX, private(6, **{field: DOCTOR}), NOW)
    pages = pull(connector_for(server, blocked=("clinic.example",)))
    assert len(ids(pages)) == 5
    assert "results" not in json.dumps([record.payload for record in records(pages)])


def test_of_a_blocked_mail_only_its_people_are_asked_of_the_server(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, private(6, From=DOCTOR), NOW)
    pull(connector_for(server, folders=(SENT,), blocked=("who@clinic.example",)))
    fetched = [command for command in server.commands if command.startswith("UID FETCH")]
    assert len(fetched) == 1
    assert "HEADER.FIELDS (FROM SENDER REPLY-TO RETURN-PATH TO CC BCC)" in fetched[0]


def test_attachments_of_a_blocked_mail_stay_too(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, with_attachment(10), NOW)
    everything = connector_for(server, folders=(SENT,))
    assert records(pull(everything, stream="attachments"))
    nothing = connector_for(server, folders=(SENT,), blocked=("partner.example",))
    assert records(pull(nothing, stream="attachments")) == []


def test_the_cursor_counts_what_was_left_out_and_the_count_of_the_mailbox_is_without_it(
    server: ImapSimulator,
) -> None:
    connector = connector_for(server, folders=(INBOX,), blocked=("ann2@partner.example",), page_size=2)
    assert connector.count("messages") is None
    first = pull(connector)
    server.append(OWNER, INBOX, private(6, Cc="ann2@partner.example"), NOW)
    again = pull(connector, first[-1].cursor)
    ends = [pages[-1].cursor or {} for pages in (first, again)]
    assert [end["folders"][INBOX]["left_out"] for end in ends] == [1, 2]
    assert ids(again) == []
    assert connector.count("messages") == 4


def test_a_text_left_in_the_mailbox_is_not_filled_in_once_its_sender_is_blocked(
    server: ImapSimulator,
) -> None:
    left = records(pull(connector_for(server, bodies="attached")))[1]
    now = connector_for(server, bodies="attached", blocked=("*@partner.example",))
    wanted = (left.payload or {}) | {"source_id": left.source_id}
    assert now.declines(wanted)
    assert list(now.backfill([wanted])) == []


@pytest.mark.parametrize(
    ("rule", "people", "is_blocked"),
    [
        ("clinic.example", "who@LAB.Clinic.example", True),
        ("*@clinic.example", "who@lab.clinic.example", False),
        ("*@clinic.example", '"who are you" <"dr. who"@clinic.example>', True),
        ("clinic.example", "who@myclinic.example, who@clinic.example.org", False),
        ("who@clinic.example", "other@clinic.example,\r\n\tWho @ clinic.example", True),
        ("who@clinic.example", "\"'who@clinic.example' via Desk\" <desk@hub.example>", True),
        ("klinik-süd.example", "who@xn--klinik-sd-x9a.example", True),
    ],
)
def test_whom_a_rule_covers(rule: str, people: str, is_blocked: bool) -> None:
    assert blocked_by([rule]).names(f"From: {people}\r\n".encode()) is is_blocked


@pytest.mark.parametrize("wrong", ["*", "*@*", "who@", "clinic", "*.clinic.example", ""])
def test_a_rule_that_is_neither_address_nor_domain_is_refused(server: ImapSimulator, wrong: str) -> None:
    with pytest.raises(ValidationError, match="no address and no domain"):
        connector_for(server, blocked=(wrong,))


def test_a_rule_that_would_keep_every_mail_out_is_refused(server: ImapSimulator) -> None:
    with pytest.raises(ValidationError, match="own address"):
        connector_for(server, blocked=(OWNER.partition("@")[2],))

"""A mail as the hub sees it: touchpoint, participants, documents."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import SkipRecord
from mappings.compile import compile_stream
from mappings.imap import MAPPING
from mappings.rows import Context, StagedOutput

ARRIVED = "2026-09-01T12:00:00.000000Z"
MESSAGE = compile_stream(MAPPING.streams["messages"])
ATTACHMENT = compile_stream(MAPPING.streams["attachments"])
BASE = {
    "From": "Ann Example <ann@partner.example>",
    "To": "Desk <desk@hub.example>",
    "Subject": "Hello",
    "Date": "Tue, 01 Sep 2026 10:00:00 +0200",
    "Message-ID": "<one@partner.example>",
}
INVITE = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:abc-1@cal\r\nDTSTART;TZID=Europe/Berlin:20260910T150000\r\n"
    'DURATION:PT45M\r\nSUMMARY:Review\\, part 2\r\nORGANIZER;CN="Example, Ann":mailto:ann@partner.example\r\n'
    "ATTENDEE;CN=Bo;RSVP=TRUE:MAILTO:bo@\r\n other.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def context(stream: str = "messages", source_id: str = "one~1") -> Context:
    own = frozenset({"hub.example"})
    return Context("mail", stream, source_id, 1, "rules", None, None, "DE", own, frozenset(), {})


def staged(
    text: str | None = "Hi", parts: list[dict[str, Any]] | None = None, **fields: str | None
) -> StagedOutput:
    named = BASE | {name.replace("_", "-"): value for name, value in fields.items()}
    body = parts or (
        [{"section": "1", "type": "text/plain", "charset": None, "text": text}] if text else None
    )
    header = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value is not None) + "\r\n"
    payload = {
        "header": header,
        "mailbox": "desk@hub.example",
        "internaldate": ARRIVED,
        "structure": [],
        "body": body,
    }
    return MESSAGE(payload | {"body_state": "fetched" if body else "left_by_policy"}, context())


def touchpoint(**arguments: Any) -> dict[str, Any]:
    row: dict[str, Any] = staged(**arguments).rows["touchpoint"][0]
    return row


def test_a_mail_becomes_a_touchpoint_with_its_participants() -> None:
    output = staged(Cc="Bo <bo@other.example>")
    row = output.rows["touchpoint"][0]
    assert (row["kind"], row["nature"], row["direction"]) == ("email", "person", "in")
    assert (row["happened_at"], row["subject"], row["text"]) == ("2026-09-01T08:00:00.000000Z", "Hello", "Hi")
    assert [person[2:5] for person in output.participants] == [
        ("from", "ann@partner.example", "Ann Example"),
        ("to", "desk@hub.example", "Desk"),
        ("cc", "bo@other.example", "Bo"),
    ]


@pytest.mark.parametrize(
    ("sender", "to", "direction"),
    [
        ("ann@partner.example", "desk@hub.example", "in"),
        ("desk@hub.example", "ann@partner.example", "out"),
        ("desk@hub.example", "bo@eu.hub.example", "internal"),
        (None, "desk@hub.example", None),
    ],
)
def test_direction_follows_our_own_domains(sender: str | None, to: str, direction: str | None) -> None:
    assert touchpoint(From=sender, To=to)["direction"] == direction


# ---- identity and threads


def test_copies_of_a_mail_in_two_mailboxes_are_one_fact() -> None:
    assert (
        touchpoint(Received="a", Delivered_To="x@hub.example")["same_as"]
        == touchpoint(Received="b")["same_as"]
    )


@pytest.mark.fault("F92")
def test_two_mails_with_one_message_id_are_two_facts() -> None:
    assert touchpoint()["same_as"] != touchpoint(Subject="Something else")["same_as"]


def test_mails_without_message_id_are_told_apart_by_content_where_it_is_known() -> None:
    first, second = (touchpoint(Message_ID=None, text=text)["same_as"] for text in ("disk 1", "disk 2"))
    assert first != second
    assert first == touchpoint(Message_ID=None, text="disk 1")["same_as"]
    assert touchpoint(Message_ID=None, text=None)["same_as"] is None


def test_a_reply_belongs_to_the_thread_of_the_first_mail() -> None:
    first = touchpoint()["thread"]
    assert touchpoint(Message_ID="<2@x>", In_Reply_To="<one@partner.example>")["thread"] == first
    assert touchpoint(Message_ID="<3@x>", References="<one@PARTNER.example>\r\n <2@x>")["thread"] == first
    assert touchpoint(Message_ID="<4@x>")["thread"] != first


# ---- dates


@pytest.mark.parametrize(
    ("date", "code"),
    [
        (None, "date_absent"),
        ("yesterday", "date_unreadable"),
        ("Fri, 01 Jan 2099 00:00:00 +0000", "date_implausible"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "date_implausible"),
        ("Tue, 01 Sep 2026 25:61:00 +9999", "date_unreadable"),
    ],
)
@pytest.mark.fault("F93")
def test_an_impossible_date_gives_way_to_the_arrival_and_is_reported(date: str | None, code: str) -> None:
    output = staged(Date=date)
    assert output.rows["touchpoint"][0]["happened_at"] == ARRIVED
    assert code in [finding.code for finding in output.findings]


@pytest.mark.fault("F40")
def test_a_date_without_zone_counts_as_utc() -> None:
    assert touchpoint(Date="Tue, 01 Sep 2026 10:00:00 -0000")["happened_at"] == "2026-09-01T10:00:00.000000Z"


def test_an_old_mail_imported_lately_keeps_its_own_date() -> None:
    assert touchpoint(Date="Mon, 03 Mar 1997 10:00:00 +0000")["happened_at"].startswith("1997-03-03")


def test_a_mail_without_any_time_is_quarantined() -> None:
    with pytest.raises(SkipRecord):
        MESSAGE({"header": "Subject: x\r\n\r\n", "internaldate": None}, context())


# ---- nature


@pytest.mark.parametrize(
    ("fields", "nature"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto-Submitted": "no"}, "person"),
        ({"Auto-Submitted": "auto-generated"}, "list"),
        ({"Subject": "Automatische Antwort: Hallo"}, "auto_reply"),
        ({"List-Id": "<news.partner.example>"}, "list"),
        ({"List-Unsubscribe": "<https://x.example>"}, "list"),
        ({"Precedence": "bulk"}, "list"),
        ({"From": "no-reply@partner.example"}, "list"),
        ({"From": "Noreen Ply <noreen@partner.example>"}, "person"),
        ({"Content-Type": "multipart/report; report-type=delivery-status; boundary=x"}, "bounce"),
        ({"From": "MAILER-DAEMON@mx.example", "Return-Path": "<>"}, "bounce"),
        ({"From": "Mail Delivery System <x@mx.example>", "Subject": "Undelivered Mail"}, "bounce"),
    ],
)
@pytest.mark.fault("F94")
def test_the_nature_of_a_mail_shows_in_its_headers(fields: dict[str, str], nature: str) -> None:
    assert touchpoint(**fields)["nature"] == nature


@pytest.mark.fault("F94")
def test_an_invitation_is_the_meeting_it_is_about() -> None:
    parts = [{"section": "2", "type": "text/calendar", "charset": "utf-8", "text": INVITE}]
    output = staged(parts=parts, Subject="Invitation")
    row = output.rows["touchpoint"][0]
    assert (row["kind"], row["nature"], row["same_as"]) == ("meeting", "invite", "ical:abc-1@cal")
    assert (row["happened_at"], row["ended_at"]) == (
        "2026-09-10T13:00:00.000000Z",
        "2026-09-10T13:45:00.000000Z",
    )
    assert ("attendee", "bo@other.example", "Bo") in [person[2:5] for person in output.participants]


# ---- people written badly


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("ann@partner.example (Ann Example)", "ann@partner.example", "Ann Example"),
        ('"Example, Ann" <Ann@Partner.EXAMPLE>', "ann@partner.example", "Example, Ann"),
        ("=?utf-8?q?Ann_=C3=96dl?= <ann@partner.example>", "ann@partner.example", "Ann Ödl"),
        ("=?iso-8859-1?b?QW5uINZkbA?= <ann@partner.example>", "ann@partner.example", "Ann Ödl"),
        ("Ann \xd6dl <ann@partner.example>", "ann@partner.example", "Ann Ödl"),
        ("ann@partner.example <ann@partner.example>", "ann@partner.example", None),
        ("Ann Example <ann at partner>", None, "Ann Example"),
        ("undisclosed-recipients:;", None, None),
    ],
)
def test_a_sender_is_read_however_it_is_written(written: str, address: str | None, name: str | None) -> None:
    people = staged(From=written).participants
    senders = [person for person in people if person[2] == "from"]
    assert [(person[3], person[4]) for person in senders] == ([(address, name)] if address or name else [])


def test_hundreds_of_receivers_are_bounded_and_each_is_named_once() -> None:
    many = ", ".join(f"p{number}@x.example" for number in range(2000)) + ", p1@x.example"
    people = staged(To=many).participants
    assert len(people) == 500
    assert len({person[2:4] for person in people}) == 500


def test_nothing_that_a_database_refuses_reaches_a_row() -> None:
    row = touchpoint(Subject="a\x00b\ud800", text="x\x00y\udc00 e\u0301")
    assert (row["subject"], row["text"]) == ("ab?", "xy\ufffd é")


# ---- attachments


def test_an_attachment_is_a_document_that_hangs_on_its_mail() -> None:
    payload = {
        "section": "2",
        "type": "application/pdf",
        "name": "=?utf-8?b?w5xiZXJzaWNodC5wZGY=?=",
        "size": 7,
    }
    output = ATTACHMENT(
        payload | {"message": "one~1", "sha256": "00", "not_fetched": None}, context("attachments")
    )
    row = output.rows["document"][0]
    assert (row["title"], row["parent_record"]) == ("Übersicht.pdf", "mail/messages/one~1")


def test_an_attachment_left_at_the_source_says_why() -> None:
    payload = {
        "section": "3",
        "type": "image/png",
        "name": None,
        "size": 9,
        "message": "m",
        "not_fetched": "too_large",
    }
    row = ATTACHMENT(payload, context("attachments")).rows["document"][0]
    assert (row["title"], row["not_fetched"], row["sha256"]) == ("part 3 (image/png)", "too_large", None)


def test_damage_shows_in_the_text_and_as_a_finding() -> None:
    part = {"section": "1", "type": "text/plain", "charset": "utf-8", "base64": "YWJj4pyTIP8gZGVm"}
    output = staged(parts=[part])
    assert "abc✓ \ufffd def" in output.rows["touchpoint"][0]["text"]
    assert ("damaged_text", "text") in [(each.code, each.field) for each in output.findings]

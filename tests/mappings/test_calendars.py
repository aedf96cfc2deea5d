"""Invitations in mails as meetings: who, when in any zone, which revision, and what guests answer."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.compile import compile_stream
from mappings.imap import MAPPING
from mappings.mail.calendars import read_invitation
from mappings.rows import Context, StagedOutput

MESSAGE = compile_stream(MAPPING.streams["messages"])
OFFICE_ZONE = """BEGIN:VTIMEZONE
TZID:Our Office
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*lines: str, method: str = "REQUEST", zone: str = "") -> str:
    event = "\n".join(("UID:meet-1", *lines))
    return f"BEGIN:VCALENDAR\nMETHOD:{method}\n{zone}BEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"


def staged(text: str) -> tuple[dict[str, Any], StagedOutput]:
    header = "From: ann@partner.example\r\nTo: desk@hub.example\r\nSubject: Review\r\nMessage-ID: <1@x>\r\n"
    header += "Date: Tue, 01 Sep 2026 10:00:00 +0000\r\n\r\n"
    body = [{"section": "1", "type": "text/calendar", "charset": "utf-8", "text": text}]
    payload = {"header": header, "mailbox": "desk@hub.example", "structure": [], "body": body}
    payload |= {"internaldate": "2026-09-01T12:00:00.000000Z", "body_state": "fetched"}
    own = frozenset({"hub.example"})
    output = MESSAGE(
        payload, Context("mail", "messages", "1", 1, "r", None, None, "DE", own, frozenset(), {})
    )
    return output.rows["touchpoint"][0], output


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        ("DTSTART:20260710T150000Z", "15:00"),
        ("DTSTART;TZID=Europe/Berlin:20260710T150000", "13:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20260710T150000", "13:00"),
        ('DTSTART;TZID="Cen. Australia Standard Time":20260710T150000', "05:30"),
        ("DTSTART;TZID=/softwarestudio.org/Tzfile/Europe/Berlin:20260710T150000", "13:00"),
        ("DTSTART;TZID=Our Office:20260710T150000", "13:00"),
        ('DTSTART;TZID="(UTC+05:30) Chennai, Kolkata":20260710T150000', "09:30"),
    ],
)
def test_a_start_is_read_in_its_zone(start: str, utc: str) -> None:
    found = read_invitation(calendar(start, zone=OFFICE_ZONE))
    assert found is not None
    assert found.starts is not None
    assert f"{found.starts:%H:%M}" == utc


def test_a_zone_of_its_own_has_its_winter() -> None:
    found = read_invitation(calendar("DTSTART;TZID=Our Office:20261210T150000", zone=OFFICE_ZONE))
    assert found is not None
    assert f"{found.starts:%H:%M}" == "14:00"


def test_a_zone_nobody_knows_is_reported() -> None:
    row, output = staged(calendar("DTSTART;TZID=Atlantis/Center:20260710T150000"))
    assert row["happened_at"] == "2026-07-10T15:00:00.000000Z"
    assert [(each.code, each.sample) for each in output.findings] == [("unknown_zone", "Atlantis/Center")]


def test_revisions_are_ordered_and_share_one_identity() -> None:
    first, _ = staged(calendar("SEQUENCE:2", "DTSTAMP:20260901T100000Z", "DTSTART:20260910T150000Z"))
    moved, _ = staged(calendar("SEQUENCE:10", "DTSTAMP:20260901T090000Z", "DTSTART:20260911T150000Z"))
    assert first["same_as"] == moved["same_as"] == "ical:meet-1"
    assert moved["revision"] > first["revision"]


def test_a_cancelled_meeting_says_so() -> None:
    row, _ = staged(calendar("DTSTART:20260910T150000Z", "STATUS:CONFIRMED", method="CANCEL"))
    assert (row["kind"], row["status"]) == ("meeting", "cancelled")


def test_what_a_guest_answers_is_a_mail_about_the_meeting_not_the_meeting() -> None:
    lines = ("DTSTART:20260910T150000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:ann@partner.example")
    row, _ = staged(calendar(*lines, method="REPLY"))
    assert (row["kind"], row["nature"], row["status"]) == ("email", "invite", "declined")
    assert row["same_as"].startswith("mail:")
    assert row["happened_at"] == "2026-09-01T10:00:00.000000Z"


def test_a_series_is_its_first_meeting_with_its_rule() -> None:
    row, _ = staged(calendar("DTSTART:20260910T150000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4"))
    assert (row["happened_at"], row["ended_at"]) == (
        "2026-09-10T15:00:00.000000Z",
        "2026-09-10T16:00:00.000000Z",
    )
    assert row["recurrence"] == "FREQ=WEEKLY;COUNT=4"


def test_one_moved_meeting_of_a_series_is_one_of_its_own() -> None:
    row, _ = staged(calendar("RECURRENCE-ID:20260917T150000Z", "DTSTART:20260918T090000Z"))
    assert row["same_as"] == "ical:meet-1:20260917T150000Z"


def test_guests_join_the_participants_once() -> None:
    lines = ("ORGANIZER;CN=Ann:mailto:ann@partner.example", "ATTENDEE;CN=Bo:mailto:bo@other.example")
    _, output = staged(calendar("DTSTART:20260910T150000Z", *lines))
    people = [(each[2], each[3]) for each in output.participants]
    assert people == [
        ("from", "ann@partner.example"),
        ("to", "desk@hub.example"),
        ("attendee", "bo@other.example"),
    ]

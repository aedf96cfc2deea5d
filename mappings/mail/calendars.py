"""Calendar invitations inside mails (iCalendar, RFC 5545): which meeting, when, who."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mappings.clean.emails import clean_email
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable
from mappings.mail.headers import MailPerson

LINE = re.compile(r"^([A-Za-z-]+)((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)$")
DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
MOST_ATTENDEES = 500
WINDOWS_ZONES = {
    "w. europe standard time": "Europe/Berlin",
    "central europe standard time": "Europe/Budapest",
    "romance standard time": "Europe/Paris",
    "gmt standard time": "Europe/London",
    "eastern standard time": "America/New_York",
    "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver",
    "pacific standard time": "America/Los_Angeles",
    "india standard time": "Asia/Kolkata",
    "tokyo standard time": "Asia/Tokyo",
    "china standard time": "Asia/Shanghai",
    "aus eastern standard time": "Australia/Sydney",
    "utc": "UTC",
}
"""Zone names Outlook writes, and the zone they mean."""


class Invitation(NamedTuple):
    """One event of an invitation. Times in UTC; None where they cannot be told."""

    uid: str
    method: str
    starts: datetime | None
    ends: datetime | None
    summary: str | None
    status: str | None
    people: list[MailPerson]


def read_invitation(text: str) -> Invitation | None:
    """The first event of a calendar text, or None when it holds none with a UID."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    lines = [
        (found[1], found[2], found[3])
        for line in unfolded.splitlines()
        if (found := LINE.match(line.strip()))
    ]
    method = next((value.strip().upper() for name, _, value in lines if name.upper() == "METHOD"), "")
    event = _first_event(lines)
    uid = _value(event, "UID")
    if not uid:
        return None
    starts = _moment(event, "DTSTART")
    return Invitation(
        uid=uid,
        method=method,
        starts=starts,
        ends=_moment(event, "DTEND") or _after(starts, _value(event, "DURATION")),
        summary=_value(event, "SUMMARY"),
        status=(_value(event, "STATUS") or "").lower() or ("cancelled" if method == "CANCEL" else None),
        people=_people(event),
    )


Line = tuple[str, str, str]


def _first_event(lines: list[Line]) -> list[Line]:
    event: list[Line] = []
    depth = 0
    for name, params, value in lines:
        marker = (name.upper(), value.strip().upper())
        if marker == ("BEGIN", "VEVENT"):
            depth = 1
        elif depth and marker[0] == "BEGIN":
            depth += 1
        elif marker == ("END", "VEVENT"):
            return event
        elif depth and marker[0] == "END":
            depth -= 1
        elif depth == 1:
            event.append((name.upper(), params, value))
    return event


def _value(event: list[Line], wanted: str) -> str | None:
    raw = next((value for name, _, value in event if name == wanted), "")
    text = re.sub(r"\\([\\;,])", r"\1", raw.replace("\\n", " ").replace("\\N", " "))
    try:
        return clean_line(text)
    except Unreadable:
        return None


def _moment(event: list[Line], wanted: str) -> datetime | None:
    for name, params, value in event:
        stamp = STAMP.match(value.strip()) if name == wanted else None
        if stamp is None:
            continue
        zone = _zone(params) if not stamp.group(7) else UTC
        try:
            return datetime(*(int(part or 0) for part in stamp.groups()[:6]), tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]
        except (ValueError, OverflowError):
            return None
    return None


def _zone(params: str) -> ZoneInfo:
    named = re.search(r"TZID=\"?([^;:\"]+)", params, re.IGNORECASE)
    name = named.group(1).strip() if named else "UTC"
    try:
        return ZoneInfo(WINDOWS_ZONES.get(name.lower(), name))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _after(starts: datetime | None, duration: str | None) -> datetime | None:
    found = DURATION.fullmatch(duration or "")
    if starts is None or found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return starts + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def _people(event: list[Line]) -> list[MailPerson]:
    found = []
    for name, params, value in event:
        if name not in {"ORGANIZER", "ATTENDEE"}:
            continue
        try:
            address = clean_email(value.strip())
        except Unreadable:
            address = None
        called = re.search(r"CN=(?:\"([^\"]*)\"|([^;:]*))", params, re.IGNORECASE)
        try:
            shown = clean_line((called.group(1) or called.group(2) or "") if called else "")
        except Unreadable:
            shown = None
        if address or shown:
            found.append(MailPerson(name.lower(), address, shown))
    return found[:MOST_ATTENDEES]

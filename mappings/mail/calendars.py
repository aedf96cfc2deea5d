"""Calendar invitations inside mails (iCalendar, RFC 5545 and 5546): which meeting, when, who, which state of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from mappings.clean.emails import clean_email
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable
from mappings.mail.headers import MailPerson

LINE = re.compile(r"^([A-Za-z-]+)((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)$")
DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
ZONE_BLOCK = re.compile(r"BEGIN:VTIMEZONE\s.*?END:VTIMEZONE", re.DOTALL | re.IGNORECASE)
ZONE_NAME = re.compile(r"TZID=(?:\"([^\"]+)\"|([^;:\"]+))", re.IGNORECASE)
OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-]\d\d):?(\d\d)", re.IGNORECASE)
LONGEST_ZONE = 20_000
MOST_ATTENDEES = 500
WINDOWS_ZONES = {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}
"""Zone names Outlook writes, and the zone they mean."""
ANSWERS = frozenset({"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"})
"""Methods by which a guest speaks about a meeting; the meeting itself is as its organizer says."""


class Invitation(NamedTuple):
    """One event of an invitation. Times in UTC; None where they cannot be told.

    method: REQUEST, CANCEL, REPLY, PUBLISH … or empty. sequence: counts the organizer's revisions. stamped: when this
    revision was written. rule: how a series recurs (`FREQ=WEEKLY;COUNT=4`); `starts` is then its first meeting.
    instance: the original start of the one meeting of a series this is about (RECURRENCE-ID). answer: what a guest
    answered (accepted, declined, tentative, …). zone_unknown: the zone nobody knows, read as UTC.
    """

    uid: str
    method: str
    starts: datetime | None
    ends: datetime | None
    summary: str | None
    status: str | None
    people: list[MailPerson]
    sequence: int = 0
    stamped: datetime | None = None
    rule: str | None = None
    instance: datetime | None = None
    answer: str | None = None
    zone_unknown: str | None = None

    @property
    def same_as(self) -> str:
        """What all copies and revisions of the meeting share; a moved meeting of a series is one of its own."""
        instance = f":{self.instance:%Y%m%dT%H%M%SZ}" if self.instance else ""
        return f"ical:{self.uid}{instance}"

    @property
    def is_answer(self) -> bool:
        """Whether a guest speaks, not the organizer."""
        return self.method in ANSWERS


Line = tuple[str, str, str]


class Zones:
    """The zones a calendar text defines itself, and those known by name."""

    def __init__(self, text: str) -> None:
        """`text`: the unfolded calendar."""
        self._defined: dict[str, tzinfo] = {}
        self._blocks = ZONE_BLOCK.findall(text)
        self.unknown: str | None = None

    def named(self, params: str) -> tzinfo:
        """The zone a property names; UTC where it names none, or one nobody knows (then `unknown` says which)."""
        named = ZONE_NAME.search(params)
        name = (named.group(1) or named.group(2)).strip() if named else "UTC"
        found = zone_of(name) or self._by_definition(name) or offset_of(name)
        if found is None:
            self.unknown = name
        return found or UTC

    def _by_definition(self, name: str) -> tzinfo | None:
        """What the mail's own VTIMEZONE says. Asked last of the exact ones: definitions are often cut short."""
        if self._blocks:
            self._defined = dict(filter(None, map(defined_zone, self._blocks)))
            self._blocks = []
        return self._defined.get(name)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> tzinfo | None:
    """The zone of a name: IANA, Windows, or an IANA name at the end of a path."""
    for each in (WINDOWS_ZONES.get(name.lower(), name), "/".join(name.split("/")[-2:])):
        try:
            return ZoneInfo(each)
        except (KeyError, ValueError, OSError):
            continue
    return None


@lru_cache(maxsize=256)
def defined_zone(block: str) -> tuple[str, tzinfo] | None:
    """The id and the zone of a VTIMEZONE block; None when it makes no sense."""
    if len(block) > LONGEST_ZONE:
        return None
    try:
        zone = Timezone.from_ical(block)
        if not isinstance(zone, Timezone):
            return None
        name, made = str(zone.tz_name), zone.to_tz(lookup_tzid=False)
        made.utcoffset(datetime(2026, 1, 1, tzinfo=None))  # noqa: DTZ001 - a zone answers for local times
    except Exception:  # noqa: BLE001 - a damaged definition raises whatever it leads the library to
        return None
    return name, made


def offset_of(name: str) -> tzinfo | None:
    """The offset in a zone's name (`(UTC+01:00) Amsterdam, Berlin`), without summer time; None where there is none."""
    found = OFFSET.search(name)
    if found is None:
        return None
    hours, minutes = int(found.group(1)), int(found.group(2))
    return timezone(timedelta(hours=hours, minutes=-minutes if found.group(1)[0] == "-" else minutes))


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
    zones = Zones(unfolded)
    starts = _moment(event, "DTSTART", zones)
    return Invitation(
        uid=uid,
        method=method,
        starts=starts,
        ends=_moment(event, "DTEND", zones) or _after(starts, _value(event, "DURATION")),
        summary=_value(event, "SUMMARY"),
        status="cancelled" if method == "CANCEL" else (_value(event, "STATUS") or "").lower() or None,
        people=_people(event),
        sequence=_count(_value(event, "SEQUENCE")),
        stamped=_moment(event, "LAST-MODIFIED", zones) or _moment(event, "DTSTAMP", zones),
        rule=_value(event, "RRULE"),
        instance=_moment(event, "RECURRENCE-ID", zones),
        answer=_answer(event) if method == "REPLY" else None,
        zone_unknown=zones.unknown,
    )


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


def _count(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 6 else 0  # noqa: PLR2004 - nobody revises more


def _moment(event: list[Line], wanted: str, zones: Zones) -> datetime | None:
    for name, params, value in event:
        stamp = STAMP.match(value.strip()) if name == wanted else None
        if stamp is None:
            continue
        zone = UTC if stamp.group(7) else zones.named(params)
        try:
            return datetime(*(int(part or 0) for part in stamp.groups()[:6]), tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]
        except (ValueError, OverflowError):
            return None
    return None


def _after(starts: datetime | None, duration: str | None) -> datetime | None:
    found = DURATION.fullmatch(duration or "")
    if starts is None or found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return starts + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def _answer(event: list[Line]) -> str | None:
    """What the one guest of a REPLY answered."""
    params = next((params for name, params, _ in event if name == "ATTENDEE"), "")
    found = re.search(r"PARTSTAT=\"?([A-Za-z-]+)", params, re.IGNORECASE)
    return found.group(1).lower() if found else None


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

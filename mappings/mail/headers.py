"""The header block of a mail: fields, people, dates, ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import NamedTuple

from mappings.clean.emails import clean_email
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable
from mappings.mail.decoding import decode_header

FIELD = re.compile(r"^([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
LONGEST_VALUE = 64 * 1024
MOST_PEOPLE = 500
MOST_REFERENCES = 1000
ROLES = (("from", "from"), ("to", "to"), ("cc", "cc"), ("bcc", "bcc"))


class MailPerson(NamedTuple):
    """Somebody named in a header: role, address in normal form (None when unreadable), name as people read it."""

    role: str
    address: str | None
    name: str | None


class Headers:
    """The fields of one header block, looked up by lower-case name. The first of equal fields counts."""

    def __init__(self, block: str) -> None:
        """`block`: the block with one character a byte (Latin-1), as the connector keeps it."""
        self._values: dict[str, list[str]] = {}
        for name, value in FIELD.findall(block):
            self._values.setdefault(name.lower(), []).append(value[:LONGEST_VALUE])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> str:
        """The first field of that name as sent, or ``."""
        return self._values.get(name, [""])[0].strip()

    def text(self, name: str) -> str | None:
        """The first field of that name, decoded, on one line."""
        try:
            return clean_line(decode_header(self.raw(name)))
        except Unreadable:
            return None

    def word(self, name: str) -> str:
        """The field's first word in lower case: `auto-replied`, `bulk`."""
        found = re.match(r"[\w/.-]+", self.raw(name))
        return found.group().lower() if found else ""

    def ids(self, name: str) -> list[str]:
        """The message ids in a field, in order, with their angle brackets."""
        return MESSAGE_ID.findall(self.raw(name))[:MOST_REFERENCES]

    def people(self, name: str, role: str) -> list[MailPerson]:
        """Everybody in every field of that name."""
        return [person for value in self._values.get(name, []) for person in _people(value, role)]

    def participants(self) -> list[MailPerson]:
        """From, to, cc and bcc, each person once a role; the sender stands in for a missing From."""
        found: list[MailPerson] = []
        for name, role in ROLES:
            found += self.people(name, role)
        if not any(person.role == "from" for person in found):
            found = self.people("sender", "from") + found
        return list({(person.role, person.address or person.name): person for person in found}.values())[
            :MOST_PEOPLE
        ]

    def date(self) -> datetime | None:
        """The Date field in UTC; None when it is absent or no date. `-0000` counts as UTC."""
        return parsed_date(self.raw("date"))


def parsed_date(value: str) -> datetime | None:
    """An RFC 5322 date, leniently, in UTC; None when it is none."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(decode_header(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def _people(value: str, role: str) -> list[MailPerson]:
    unfolded = re.sub(r"\r?\n[ \t]*", " ", value)
    try:
        pairs = [(name, address) for name, address in getaddresses([unfolded]) if name or address]
    except (ValueError, IndexError, TypeError, RecursionError):
        pairs = []
    if not any("@" in address for _, address in pairs) and "@" in unfolded:
        pairs = [("", address) for address in ADDRESS.findall(unfolded)] or pairs
    return [person for name, address in pairs if (person := _person(role, name, address)) is not None]


def _person(role: str, name: str, address: str) -> MailPerson | None:
    shown = _line(decode_header(name))
    try:
        normal = clean_email(decode_header(address)) if "@" in address else None
    except Unreadable:
        normal = None
    if normal is None and shown is None:
        shown = _line(decode_header(address))
    if shown and normal and shown.strip("'\"").lower() == normal:
        shown = None
    return MailPerson(role, normal, shown) if normal or shown else None


def _line(text: str) -> str | None:
    try:
        return clean_line(text.strip("'\" "))
    except Unreadable:
        return None

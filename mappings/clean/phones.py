"""Phone numbers by phonenumbers: E.164, with the extension where one was given.

The library takes 15-35 µs a number, the largest single cost of staging a company. Numbers whose reading leaves no
choice (digits and common punctuation, a length the plan allows, at most one trunk prefix) are read from the library's
own metadata directly; a property test holds both readings equal for every region.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
)

from mappings.clean.text import CACHED_VALUES, clean_line
from mappings.clean.unreadable import Unreadable

SHORTEST_NUMBER = len("+989601")
"""Some plans call two digits possible; what is shorter than this is an extension or a typing error."""
LONGEST_PHONE = 250
"""The library's own limit."""
PLAIN = re.compile(r"\+?[ ().-]{0,2}\d+(?:[ ().-]{1,2}\d+)*", re.ASCII)
FEWEST_DIGITS, MOST_DIGITS = 6, 17
DIALED_ABROAD = re.compile(r"[ (]*00[ ).-]*(?=[1-9])", re.ASCII)
PUNCTUATION = b"+ ().-"
NEVER = r"(?!)"
WORLD = "001"
"""The library's region of country codes that belong to no country."""
MAIN_REGIONS = {str(code): regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}
"""Country code as dialed → its main region."""


def clean_phone(value: object, region: str | None = None) -> str | None:
    """A number as `+493012345` or `+493012345;ext=12`. None for empty.

    region: ISO country of numbers written without a country code. Only the possible is demanded, not a number in use,
    because numbering plans change faster than libraries. Raises `Unreadable("unreadable_phone")`.
    """
    line = clean_line(value)
    if line is None:
        return None
    plain = _plain(line, region) if PLAIN.fullmatch(line) else None
    number = plain or _phone(line, region or None)
    if len(number) < SHORTEST_NUMBER:
        raise Unreadable("unreadable_phone")
    return number


@lru_cache(maxsize=CACHED_VALUES)
def _phone(line: str, region: str | None) -> str:
    """The library's reading; `00` before a country code is tried where the region dials abroad otherwise."""
    number = _parsed(line, region)
    if number is None and (abroad := DIALED_ABROAD.match(line)):
        number = _parsed("+" + line[abroad.end() :], region)
    if number is None:
        raise Unreadable("unreadable_phone")
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.italian_leading_zero and (again := _parsed(e164, region)):
        # Some plans lose a leading zero at each reading (Egypt's +20 000…): read on until nothing changes.
        reread = phonenumbers.format_number(again, PhoneNumberFormat.E164)
        e164 = reread if reread == e164 else _phone(reread, region)
    return f"{e164};ext={number.extension}" if number.extension else e164


def _parsed(line: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(line[:LONGEST_PHONE], region, keep_raw_input=False)
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


class _Plan(NamedTuple):
    """What of a region's numbering plan the short reading needs.

    trunk: what is dialed before national numbers; `droppable` when it says nothing else (no carrier, no area code).
    """

    code: str
    lengths: frozenset[int]
    trunk: re.Pattern[str]
    droppable: bool
    abroad: re.Pattern[str]
    national: re.Pattern[str]


@lru_cache(maxsize=512)
def _plan(region: str | None) -> _Plan | None:
    """The plan of a region; None for no region and for one the library does not know."""
    metadata = PhoneMetadata.metadata_for_region(region, None) if region else None
    if metadata is None or metadata.general_desc is None:
        return None
    trunk = re.compile(metadata.national_prefix_for_parsing or NEVER)
    return _Plan(
        str(metadata.country_code),
        frozenset(metadata.general_desc.possible_length),
        trunk,
        not trunk.groups and not metadata.national_prefix_transform_rule,
        re.compile(metadata.international_prefix or NEVER),
        re.compile(metadata.general_desc.national_number_pattern or ".*"),
    )


def _plain(line: str, region: str | None) -> str | None:
    """E.164 of a number that can be read in one way only, else None. `line` holds digits and punctuation."""
    digits = line.encode().translate(None, PUNCTUATION).decode()
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    if line[0] == "+":
        plan = _plan_abroad(digits[:3])
        if plan is None:
            return None
        national = digits[len(plan.code) :]
        # A trunk prefix after a country code (`+49 (0)30`) is the library's to judge.
        if len(national) not in plan.lengths or plan.trunk.match(national):
            return None
        return f"+{digits}"
    plan = _plan(region)
    if plan is None or digits.startswith(plan.code) or plan.abroad.match(digits):
        return None
    if trunk := plan.trunk.match(digits):
        if not plan.droppable or plan.national.fullmatch(digits):
            return None
        digits = digits[trunk.end() :]
    return f"+{plan.code}{digits}" if len(digits) in plan.lengths else None


@lru_cache(maxsize=1_000)
def _plan_abroad(start: str) -> _Plan | None:
    """The plan of the country whose code an international number starts with; `start` is its first three digits."""
    for length in (1, 2, 3):
        region = MAIN_REGIONS.get(start[:length])
        if region:
            return _plan(region) if region != WORLD else None
    return None

"""Phone numbers by phonenumbers: E.164, with the extension where one was given."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from mappings.clean.text import CACHED_VALUES, clean_line
from mappings.clean.unreadable import Unreadable

LONGEST_PHONE = 250  # the library's own limit


def clean_phone(value: object, region: str | None = None) -> str | None:
    """A number as `+493012345` or `+493012345;ext=12`. None for empty.

    region: ISO country of numbers written without a country code. Only the possible is demanded, not a number in use,
    because numbering plans change faster than libraries. Raises `Unreadable("unreadable_phone")`.
    """
    line = clean_line(value)
    return _phone(line, region or None) if line else None


@lru_cache(maxsize=CACHED_VALUES)
def _phone(line: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(line[:LONGEST_PHONE], region, keep_raw_input=False)
    except NumberParseException as error:
        raise Unreadable("unreadable_phone") from error
    if not phonenumbers.is_possible_number(number):
        raise Unreadable("unreadable_phone")
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164

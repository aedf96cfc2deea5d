"""Salesforce's ids: 15 characters that case tells apart, or 18 that survive a spreadsheet. The hub keeps 18."""

from __future__ import annotations

import re
from typing import Final

SHORT, LONG = 15, 18
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT_ID: Final = re.compile(r"[A-Za-z0-9]{15}", re.ASCII)


def long_id(identifier: str) -> str:
    """The 18-character form of an id of 15; anything else as it is.

    The three characters say which of the fifteen are capitals, five at a time (Salesforce knowledge 000385215).
    """
    if not SHORT_ID.fullmatch(identifier):
        return identifier
    ending = ""
    for start in range(0, SHORT, 5):
        capitals = sum(1 << at for at, one in enumerate(identifier[start : start + 5]) if "A" <= one <= "Z")
        ending += ALPHABET[capitals]
    return identifier + ending

"""Salesforce's record ids: 15 characters that tell upper from lower case, and three more for programs that do not."""

from __future__ import annotations

from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
PREFIXES: Final = {
    "account": "001",
    "contact": "003",
    "user": "005",
    "opportunity": "006",
    "task": "00T",
    "event": "00U",
    "lead": "00Q",
    "case": "500",
    "contract": "800",
    "registration": "a0B",
}
"""Kind of record → the three characters its ids begin with."""
POD: Final = "5g00000"
"""The middle of every id: where the made-up org lives."""
STRIDE: Final = 5077
"""Ids grow in steps, so that one digit too many or too few is no other record's id."""


def sales_id(kind: str, number: int) -> str:
    """The 18-character id of the n-th record of a kind; raises `KeyError` for a kind that does not exist."""
    rest, tail = STRIDE * number, ""
    for _ in range(5):
        rest, digit = divmod(rest, len(DIGITS))
        tail = DIGITS[digit] + tail
    return with_check(f"{PREFIXES[kind]}{POD}{tail}")


def with_check(short: str) -> str:
    """A 15-character id with the three characters that say which of its letters are upper case."""
    thirds = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(CHECKS[sum(c.isupper() << at for at, c in enumerate(third))] for third in thirds)

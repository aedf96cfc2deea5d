"""Ids of what the world does not number itself: stage changes, roles, users, logged mails."""

from __future__ import annotations

import hashlib
from typing import Final

from partnerhub.simulator.world.sales_ids import DIGITS, with_check

PREFIXES: Final = {
    "Organization": "00D",
    "User": "005",
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "OpportunityHistory": "008",
    "OpportunityContactRole": "00K",
    "OpportunityPartner": "00I",
    "Contract": "800",
    "Task": "00T",
    "Event": "00U",
    "EventRelation": "0RE",
    "Case": "500",
    "EmailMessage": "02s",
    "Deal_Registration__c": "a0B",
}
"""Object → the first three characters of its ids."""

UNLISTED: Final = "a0X"
TAIL: Final = 12


def made_id(kind: str, *parts: object) -> str:
    """An 18-character id of an object, the same for the same parts."""
    digest = hashlib.blake2b("\n".join(map(str, parts)).encode(), digest_size=9).digest()
    number, tail = int.from_bytes(digest), ""
    for _ in range(TAIL):
        number, digit = divmod(number, len(DIGITS))
        tail = DIGITS[digit] + tail
    return with_check(PREFIXES.get(kind, UNLISTED) + tail)

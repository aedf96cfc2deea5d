"""Where a signature begins: the dashes of the standard, the lines of mail programs, a closing with a card below it."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from mailparser_reply.constants import MAIL_LANGUAGES

SIGNATURE = re.compile(r"^(?:-- ?|_{20,}|\*{20,})$")
RULED = re.compile(r"^(?:[-=~]{10,}|(?:[-=~*_] ?){20,})$")
DEVICE = re.compile(
    r"^(?:sent from (?:my|outlook|mail for)|get outlook for|von meinem .{2,30} gesendet|gesendet von|envoyé de mon|"
    r"enviado desde mi|inviato da|verzonden vanaf|skickat från|wysłane z)\b.{0,60}$",
    re.IGNORECASE,
)
CONTACT = re.compile(r"@|www\.|https?://|\d[\d ()/.-]{5,}\d|\b(?:tel|fon|phone|mobil|fax)\b", re.IGNORECASE)
LAST_LINES = 4
"""How far from the end a device's line may stand."""
LONGEST_FOOTER = 12
"""Lines below a rule or a closing; more is text with a rule in it."""
LONGEST_CARD_LINE = 100
LONGEST_CLOSING = 60


def without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines above the signature, and the signature with everything below it. A mail is never all signature."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if not filled:
        return lines, []
    for at in filled[1:]:
        line = lines[at].strip("\r")
        if SIGNATURE.match(line):
            return lines[:at], lines[at:]
    for at in filled[1:][-LAST_LINES:]:
        if _is_device(lines[at].strip()):
            return lines[:at], lines[at:]
    start = _footer(lines, filled)
    return (lines[:start], lines[start:]) if start is not None else (lines, [])


def _is_device(line: str) -> bool:
    return bool(DEVICE.match(line) or (len(line) <= LONGEST_CLOSING and _sent_from().match(line)))


def _footer(lines: list[str], filled: list[int]) -> int | None:
    """Where a ruled-off footer or a card below a closing begins, near the end; None where there is neither."""
    last = filled[1:][-LONGEST_FOOTER:]
    for place, at in enumerate(last):
        below = [lines[each].strip() for each in last[place + 1 :]]
        if not below or any(len(line) > LONGEST_CARD_LINE for line in below):
            continue
        line = lines[at].strip()
        if RULED.match(line):
            return at
        if len(line) <= LONGEST_CLOSING and _closing().match(line) and any(map(CONTACT.search, below)):
            return last[place + 1]
    return None


@cache
def _closing() -> re.Pattern[str]:
    """`Best regards,` in the languages the reply library knows."""
    known = chain.from_iterable(each.get("signatures") or [] for each in MAIL_LANGUAGES.values())
    return re.compile(rf"^(?:{'|'.join(known)})[\s,.!]*$", re.IGNORECASE)


@cache
def _sent_from() -> re.Pattern[str]:
    """`Sent from my …` in the languages the reply library knows."""
    known = [each["sent_from"] for each in MAIL_LANGUAGES.values() if each.get("sent_from")]
    return re.compile(rf"^(?:{'|'.join(known)})\b.{{0,60}}$", re.IGNORECASE)

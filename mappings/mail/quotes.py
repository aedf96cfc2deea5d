"""Tell what somebody wrote from what they quoted and signed with. Answers between quoted lines count as written."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

LONGEST_LINE = 500
"""Longer lines take no part in looking for quote headers: the patterns backtrack, and no header is that long."""
MOST_LINES = 400
"""Lines searched for a quote header; what people write themselves is shorter."""

FORWARDED = re.compile(
    r"^\s*(?:-{2,}\s*)?(?:forwarded message|original message|original-nachricht|ursprüngliche nachricht|"
    r"weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|"
    r"messaggio originale|begin forwarded message:|anfang der weitergeleiteten nachricht:)[\s:-]*$",
    re.IGNORECASE,
)
QUOTED_LINE = re.compile(r"^\s?(?:>|\|\s?>)")
SIGNATURE = re.compile(r"^(?:-- ?|_{20,}|\*{20,})$")
DEVICE = re.compile(
    r"^(?:sent from (?:my|outlook|mail for)|get outlook for|von meinem .{2,30} gesendet|gesendet von|envoyé de mon|"
    r"enviado desde mi|inviato da|verzonden vanaf|skickat från|wysłane z)\b.{0,60}$",
    re.IGNORECASE,
)
INTRODUCES = re.compile(r"^(?=.*(?:\d|@)).{8,250}:$")
LAST_LINES = 4
"""How far from the end a device's line may stand."""


class Said(NamedTuple):
    """The two halves of a mail's text: what was said, and the rest (quotes, forwarded mail, signature)."""

    text: str | None
    quoted: str | None


def split_quoted(text: str) -> Said:
    """Split a mail's text. Never gives an empty `text` for a mail that has one: a bare forward is what was said."""
    lines = text.split("\n")
    start = min(_quote_start(lines), _introduction(lines))
    own, rest = lines[:start], lines[start:]
    answers, kept = _inline_answers(rest)
    quoted = [line for line in own if QUOTED_LINE.match(line)]
    written, signature = _without_signature([line for line in own if not QUOTED_LINE.match(line)])
    said = _joined([*written, "", *answers] if answers else written)
    if said is None:
        return Said(_joined(lines), None)
    return Said(said, _joined([*quoted, *signature, *kept]))


def _joined(lines: list[str]) -> str | None:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or None


@cache
def _quote_header() -> re.Pattern[str]:
    pattern: re.Pattern[str] = EmailMessage(text="", languages=list(MAIL_LANGUAGES)).HEADER_REGEX
    return pattern


def _quote_start(lines: list[str]) -> int:
    """The line where an earlier mail begins, or the number of lines."""
    limit = min(len(lines), MOST_LINES)
    first = next((at for at in range(limit) if FORWARDED.match(lines[at][:LONGEST_LINE])), len(lines))
    searched = "\n".join(line.strip() if len(line) <= LONGEST_LINE else "" for line in lines[:limit])
    found = _quote_header().search(searched)
    if found is None:
        return first
    begins = found.start() + len(found.group()) - len(found.group().lstrip("\n"))
    return min(first, searched.count("\n", 0, begins))


def _introduction(lines: list[str]) -> int:
    """The line that introduces marked quotes in any language: it ends in a colon and holds a date or an address."""
    first = next((at for at, line in enumerate(lines) if QUOTED_LINE.match(line)), len(lines))
    above = [at for at in range(first) if lines[at].strip()][-1:] if first < len(lines) else []
    for at in above:
        if INTRODUCES.match(lines[at].strip()[:LONGEST_LINE]):
            return at
    return len(lines)


def _inline_answers(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines written between quoted ones, and the rest. Only where quotes carry marks; elsewhere nobody can tell."""
    marked = [at for at, line in enumerate(lines) if QUOTED_LINE.match(line)]
    if not marked:
        return [], lines
    answers: list[str] = []
    kept: list[str] = lines[: marked[0]]
    for line in lines[marked[0] :]:
        (kept if QUOTED_LINE.match(line) else answers).append(line)
    answers, signature = _without_signature(answers)
    return ([], lines) if not any(line.strip() for line in answers) else (answers, [*kept, *signature])


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines above the signature, and the signature with everything below it."""
    for at, line in enumerate(lines):
        if SIGNATURE.match(line.strip("\r")) and any(above.strip() for above in lines[:at]):
            return lines[:at], lines[at:]
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for at in filled[-LAST_LINES:]:
        if at > filled[0] and DEVICE.match(lines[at].strip()):
            return lines[:at], lines[at:]
    return lines, []

"""Tell what somebody wrote from what they quoted and signed with. Answers between quoted lines count as written."""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

from mappings.mail.signatures import without_signature

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
MESSAGE = ("message", "nachricht", "mensaje", "messaggio")
"""One of them is in every line that FORWARDED matches."""
QUOTED_LINE = re.compile(r"^\s?(?:>|\|\s?>)")
INTRODUCES = re.compile(r"^(?=.*(?:\d|@)).{8,250}:$")
COLONS = (":", "：")
LABEL_WITHIN = 30
"""How early the colon of `From:` stands in its line, in any language."""
LINES_OF_INTRODUCTION = 4
"""Over how many lines a mail program breaks `On … wrote:`."""
RULE = "-----"
TOBIT = "riginal message processed by david"


class Said(NamedTuple):
    """A mail's text in three: what was said, what it answers (quotes, forwarded mail), and how it was signed."""

    text: str | None
    quoted: str | None
    signature: str | None = None


def split_quoted(text: str) -> Said:
    """Split a mail's text; no line is lost. Never gives an empty `text` for a mail that has one.

    A bare forward is what was said. Answers between marked quotes count as said, the marked lines as quoted.
    """
    lines = text.split("\n")
    start = min(_quote_start(lines), _introduction(lines))
    own, rest = lines[:start], lines[start:]
    answers, kept, signed_below = _inline_answers(rest)
    quoted = [line for line in own if QUOTED_LINE.match(line)]
    written, signature = without_signature([line for line in own if not QUOTED_LINE.match(line)])
    said = _joined([*written, "", *answers] if answers else written)
    if said is None:
        return Said(_joined(lines), None)
    return Said(said, _joined([*quoted, *kept]), _joined([*signature, *signed_below]))


def _joined(lines: list[str]) -> str | None:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or None


@cache
def _quote_header() -> re.Pattern[str]:
    pattern: re.Pattern[str] = EmailMessage(text="", languages=list(MAIL_LANGUAGES)).HEADER_REGEX
    return pattern


def _quote_start(lines: list[str]) -> int:
    """The line where an earlier mail begins, or the number of lines."""
    limit = min(len(lines), MOST_LINES)
    first = next((at for at in range(limit) if _forwards(lines[at][:LONGEST_LINE])), len(lines))
    searched = [line.strip() if len(line) <= LONGEST_LINE else "" for line in lines[:limit]]
    return min(first, _header_line(searched, len(lines)))


def _forwards(line: str) -> bool:
    """Whether a line introduces a forwarded mail; the pattern is tried where one of its words stands."""
    folded = line.casefold()
    return any(word in folded for word in MESSAGE) and FORWARDED.match(line) is not None


def _header_line(lines: list[str], none: int) -> int:
    """The first line where the library's pattern for quote headers matches.

    Only asked where a header can begin: the pattern for a dozen languages, tried at every letter, took half of the
    time a mail takes.
    """
    candidates = _candidates(lines)
    if not candidates:
        return none
    text = "\n".join(lines)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    pattern = _quote_header()
    for at in sorted(candidates):
        begin = starts[at]
        # One step back stands the line end that some of the patterns begin with.
        found = pattern.match(text, begin) or (pattern.match(text, begin - 1) if begin else None)
        if found is not None:
            return at
    return none


def _candidates(lines: list[str]) -> set[int]:
    found: set[int] = set()
    for at, line in enumerate(lines):
        if line.endswith(COLONS):
            found.update(range(max(at - LINES_OF_INTRODUCTION + 1, 0), at + 1))
        elif ":" in line[:LABEL_WITHIN] or line.startswith(RULE) or TOBIT in line.lower():
            found.add(at)
    return found


def _introduction(lines: list[str]) -> int:
    """The line that introduces marked quotes in any language: it ends in a colon and holds a date or an address."""
    first = next((at for at, line in enumerate(lines) if QUOTED_LINE.match(line)), len(lines))
    above = [at for at in range(first) if lines[at].strip()][-1:] if first < len(lines) else []
    for at in above:
        if INTRODUCES.match(lines[at].strip()[:LONGEST_LINE]):
            return at
    return len(lines)


def _inline_answers(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Lines written between quoted ones, the rest, a signature below. Where quotes carry no marks nobody can tell."""
    marked = [at for at, line in enumerate(lines) if QUOTED_LINE.match(line)]
    if not marked:
        return [], lines, []
    answers: list[str] = []
    kept: list[str] = lines[: marked[0]]
    for line in lines[marked[0] :]:
        (kept if QUOTED_LINE.match(line) else answers).append(line)
    answers, signature = without_signature(answers)
    return ([], lines, []) if not any(line.strip() for line in answers) else (answers, kept, signature)

"""Why something was found, marked in its own words: the pieces of a text, each with whether it matched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.queries.search_candidates import TYPED_WRONG
from warehouse.search_words import digits_of, fold_once, likeness

if TYPE_CHECKING:
    from collections.abc import Sequence

WORD: Final = re.compile(r"\w+")
BEFORE: Final = 60
"""Characters kept before the first match of a long text."""
LONGEST: Final = 200
ALIKE: Final = 0.3
SHORTEST_PART: Final = 3


class Piece(NamedTuple):
    """A piece of a text."""

    text: str
    hit: bool


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """A text in pieces; the words that match, or begin so, are hits. A telephone number matches as a whole."""
    if text.startswith("+") and any(word in digits_of(text) for word in words if word.isdigit()):
        return [Piece(text, hit=True)]
    hits = [each.span() for each in WORD.finditer(text) if matches(each[0], words)]
    hits = hits or [each.span() for each in WORD.finditer(text) if resembles(each[0], words)]
    start = max(0, hits[0][0] - BEFORE) if hits and len(text) > LONGEST else 0
    end = min(len(text), start + LONGEST)
    pieces, at = [Piece("… ", hit=False)] if start else [], start
    for first, last in hits:
        if last <= end:
            pieces += [Piece(text[at:first], hit=False), Piece(text[first:last], hit=True)]
            at = last
    pieces += [Piece(text[at:end], hit=False), Piece(" …" if end < len(text) else "", hit=False)]
    return [each for each in pieces if each.text]


def matches(word: str, words: Sequence[str]) -> bool:
    """Whether a word of a text is what was looked for, begins so, or holds a longer part of it."""
    folded = fold_once(word)
    return any(folded.startswith(each) or (len(each) >= SHORTEST_PART and each in folded) for each in words)


def resembles(word: str, words: Sequence[str]) -> bool:
    """Whether a word of a text is spelled about like one that was looked for."""
    folded = fold_once(word)
    return any(len(each) >= TYPED_WRONG and likeness(folded, each) >= ALIKE for each in words)

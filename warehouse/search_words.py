"""What words a search compares: everything folded the same way, whoever wrote it and whoever types it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from partnerhub.identity.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_WORD: Final = 60
LONGEST_TEXT: Final = 20_000
"""Characters of one thing that are searched: slides say less, and what says more is no slide."""
LONGEST_NAMES: Final = 1_500
"""Characters of all names of one thing; PostgreSQL indexes no value beyond 2,700 bytes."""
DIGITS: Final = re.compile(r"\D+")
fold_once = folded.__wrapped__
"""Without the memory of what was folded before, which millions of subjects would only fill."""


def words_of(*texts: str) -> str:
    """The folded words of some texts, each once, cut where they are too long to be a word."""
    found = " ".join(fold_once(text[:LONGEST_TEXT]) for text in texts if text)
    return " ".join(dict.fromkeys(word[:LONGEST_WORD] for word in found.split()))


def names_of(names: Iterable[str], others: Iterable[str] = ()) -> str:
    """Names folded, a line each, then hosts and numbers; as many as are searched."""
    lines = dict.fromkeys(line for name in names if (line := fold_once(name[:LONGEST_NAMES])))
    lines |= dict.fromkeys(each for each in others if each)
    kept: list[str] = []
    left = LONGEST_NAMES
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join(kept) or "\n"


def digits_of(number: str) -> str:
    """The digits of a telephone number, without those of an extension."""
    return DIGITS.sub("", number.partition(";")[0])


def trigrams(text: str) -> frozenset[str]:
    """Every three letters of the words of a folded text, with the blanks around each word, as `pg_trgm` has them."""
    return frozenset(
        padded[at : at + 3]
        for word in text.split()
        for padded in (f"  {word} ",)
        for at in range(len(padded) - 2)
    )


def likeness(one: str, other: str) -> float:
    """How alike two folded texts are, 0 to 1: what they share of all their trigrams."""
    left, right = trigrams(one), trigrams(other)
    return len(left & right) / len(left | right) if left and right else 0.0

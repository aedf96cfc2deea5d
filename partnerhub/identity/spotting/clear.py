"""Whether a working text (a title, a note, a signature) names one organization beyond doubt: for facts in a sync.

Stricter than `spot`, and without learned weights: the outcome depends on the names in the text and on who bears them
or a longer one, and on nothing else of the base, so that it stays the same however facts and organizations come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from partnerhub.identity.folding import LEGAL_WORDS, folded
from partnerhub.identity.spotting.base import Base
from partnerhub.identity.spotting.evidence import ELSEWHERE, EXACT
from partnerhub.identity.spotting.reading import SEGMENTS, concept_of
from partnerhub.identity.spotting.spot import Judged, judged
from partnerhub.identity.words import known_words

MOST_CHARACTERS: Final = 1_000
"""Of a text; whom it is about is not said at its end."""
LONGEST: Final = 10
"""Words of the longest name that is looked for."""
AROUND: Final = 40
"""Characters quoted before and behind a name."""
WORD: Final = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*\.?")
BEFORE: Final = frozenset({"nothing", "tied words"})
BEHIND: Final = frozenset({"nothing", "words", "and words", "of something"})
"""What may stand beside a name in its segment: anything else may make a longer name of it."""
TOWARD: Final = frozenset(
    {"for", "with", "from", "to", "by", "fur", "bei", "mit", "pour", "avec", "chez", "para", "con"}
)
"""Words that lead to a name without making it part of another one: `set up a service for …`."""


class Span(NamedTuple):
    """A row of words that may be a name: its words folded, and where it stands in the text."""

    key: str
    start: int
    end: int


class Clear(NamedTuple):
    """The organization a text names, the name as its folded words, and the passage that names it."""

    organization_id: str
    name: str
    quote: str


class Doubt(NamedTuple):
    """Why a text is tied to nobody, in words, and whom it may mean."""

    reason: str
    found: tuple[Judged, ...] = ()


class Token(NamedTuple):
    """A word of a text: what it is in a name (empty for a legal form), whether it is an own word, where it stands."""

    words: str
    own: bool
    start: int
    end: int


def spans_of(text: str) -> Iterator[Span]:
    """Every row of words of one segment that has a word of its own and begins with a capital (where there are any)."""
    at = 0
    for segment in SEGMENTS.split(text[:MOST_CHARACTERS]):
        if not segment:
            continue
        start = text.find(segment, at)
        at = start + len(segment)
        tokens = [token_of(found[0], start + found.start()) for found in WORD.finditer(segment)]
        for first, token in enumerate(tokens):
            if not text[token.start].islower():
                yield from spans_from(tokens[first : first + LONGEST])


def spans_from(tokens: Sequence[Token]) -> Iterator[Span]:
    """The rows of words that begin with the first one, as soon as one of them is an own word."""
    said, own = [], False
    for token in tokens:
        own = own or token.own
        if token.words:
            said.append(token.words)
            if own:
                yield Span(" ".join(said), tokens[0].start, token.end)


def token_of(written: str, start: int) -> Token:
    """A word as it is looked up."""
    words = " ".join(word for word in folded(written).split() if word not in LEGAL_WORDS)
    return Token(words, bool(own_words(words)), start, start + len(written))


def own_words(key: str) -> set[str]:
    """The words of a folded name that are in no table of common words: one of them is in whatever names it."""
    concepts = known_words().concepts
    return {
        word for word in key.split() if (said := concept_of(word)) and said not in concepts and len(word) > 1
    }


def clearly_named(text: str, base: Base) -> Clear | Doubt:
    """The one organization of the base that a text names word for word, or what speaks against it.

    base: at least everybody who bears a row of words of the text as a name, and whoever bears a longer name with one.
    """
    found = tuple(judged(text[:MOST_CHARACTERS], base))
    if not found:
        return Doubt("no organization is named")
    if len(found) > 1:
        return Doubt("several organizations may be meant", found)
    span = span_of(text, found[0].said)
    doubt = doubt_of(found[0], text[: span.start])
    if doubt:
        return Doubt(doubt, found)
    return Clear(found[0].organization_id, found[0].said, quoted(text, span))


def span_of(text: str, said: str) -> Span:
    """Where the words of a name stand in a text."""
    key = " ".join(word for word in said.split() if word not in LEGAL_WORDS)
    return next((span for span in spans_of(text) if span.key == key), Span(key, 0, 0))


def doubt_of(found: Judged, before: str) -> str | None:
    """Why a name in a text does not tell whom it means; None where it does. before: the text up to the name."""
    levels = found.levels
    if levels["match"] != EXACT:
        return (
            "it is not the name word for word"
            if EXACT not in levels["match"]
            else "the name is one word alone"
        )
    if levels["own words"].startswith("0"):
        return "the name has no word of its own"
    if levels["bearers"] != "1":
        return "another organization bears the same name"
    if levels["family"] != "0":
        return "another organization bears a longer name that holds this one"
    if any(levels[f"elsewhere: {what}"] for what in ELSEWHERE) or levels["other acronyms"] != "0":
        return "another part of the text may name somebody else"
    led = levels["before"].startswith("tied ") and folded(before).rpartition(" ")[2] in TOWARD
    if (levels["before"] not in BEFORE and not led) or levels["after"] not in BEHIND:
        return "the words beside the name may be part of a longer one"
    return None


def quoted(text: str, span: Span) -> str:
    """The passage around a name, cut at words, as one line."""
    start, end = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    start = text.find(" ", start, span.start) + 1 if start else 0
    cut = text.rfind(" ", span.end, end) if end < len(text) else end
    end = cut if cut >= span.end else end
    passage = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{passage}{'…' if end < len(text) else ''}"

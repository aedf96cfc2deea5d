"""A free text as it is searched for names: words, segments, and the places it tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from partnerhub.identity.folding import SMALL_WORDS, folded
from partnerhub.identity.naming import CountryOf
from partnerhub.identity.words import known_words

SEGMENTS = re.compile(r"\s*[,;()\[\]|/]\s*|\s+[-–—]\s+|\s+\d+\s+|(?<=\w)[.:]\s+(?=[A-Z])")
"""Between two segments: commas, brackets, dashes, footnote marks, the end of a sentence or heading."""
IN_CAPITALS = re.compile(r"\b[A-Z]{3,8}\b")
MAY_BE_ACRONYM = re.compile(r"\b[A-Z][A-Za-z&-]*[A-Z]\w*\b")
SAYS_NOTHING = frozenset({"usa", "uk", "prc"})
LONGEST_COUNTRY = 40
SHORTEST_COUNTRY = 3
"""Letters of a country at a segment's end. Two letters are a state or province more often than a country."""
WELL_KNOWN_CODES = frozenset({"us", "uk"})
WORDS_OF_A_COUNTRY = (1, 2, 3, 4)
WORDS_OF_A_CITY = (3, 2, 1)


class Word(NamedTuple):
    """A word as it is written (folded), as the table of words knows it (None: says nothing), and its segment."""

    written: str
    concept: str | None
    segment: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken apart.

    telling: the places of the words that say something. country_segments: segments that are a country, nothing else.
    acronyms: words in capitals only; maybe_acronyms: words with several capitals.
    """

    words: tuple[Word, ...]
    telling: tuple[int, ...]
    countries: frozenset[str]
    country_segments: frozenset[int]
    acronyms: frozenset[str]
    maybe_acronyms: frozenset[str]

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return self.words[-1].segment + 1 if self.words else 0

    def outside(self, first: int, last: int) -> Iterator[Word]:
        """The words in other segments than the words from `first` to `last`."""
        left, right = self.words[first].segment, self.words[last].segment
        return (word for word in self.words if not left <= word.segment <= right)


def read_text(text: str, country_of: CountryOf) -> Reading:
    """Take a text apart."""
    segments = [segment.strip(" .") for segment in SEGMENTS.split(text) if segment and segment.strip(" .")]
    words = tuple(
        Word(written, concept_of(written), number)
        for number, segment in enumerate(segments)
        for written in written_words(segment)
    )
    told = {n: found for n, segment in enumerate(segments) if (found := country_at_end(segment, country_of))}
    capitals = () if text.isupper() else IN_CAPITALS.findall(text)
    return Reading(
        words,
        tuple(place for place, word in enumerate(words) if word.concept),
        frozenset(told.values()),
        frozenset(n for n in told if country_of(segments[n])),
        frozenset(folded(word) for word in capitals) - SAYS_NOTHING,
        frozenset(folded(word).replace(" ", "") for word in MAY_BE_ACRONYM.findall(text)),
    )


def written_words(text: str) -> list[str]:
    """The words of a text, folded; forms of other scripts as their concepts."""
    return folded(known_words().in_words(text)).split()


@lru_cache(maxsize=65_536)
def concept_of(word: str) -> str | None:
    """A folded word as its concept, or itself; None for what says nothing and for legal forms."""
    known = known_words()
    if word in SMALL_WORDS or word in known.ignored or word in known.legal:
        return None
    return known.concept_of.get(word, word)


def concepts_of(words: Iterable[str]) -> tuple[str, ...]:
    """The concepts of folded words, in order."""
    return tuple(concept for word in words if (concept := concept_of(word)))


def country_at_end(segment: str, country_of: CountryOf) -> str | None:
    """The country a segment is or ends with: `Japan`, `100084 Beijing China`."""
    if len(segment) < SHORTEST_COUNTRY and segment.casefold() not in WELL_KNOWN_CODES:
        return None
    if len(segment) < LONGEST_COUNTRY and (country := country_of(segment)):
        return country
    words = segment.split()
    ends = (" ".join(words[-count:]) for count in WORDS_OF_A_COUNTRY if len(words) > count)
    return next((c for end in ends if len(end) > SHORTEST_COUNTRY and (c := country_of(end))), None)


def cities_in(
    reading: Reading, cities: frozenset[tuple[str, ...]], key_of: Callable[[str], str | None]
) -> dict[str, list[int]]:
    """City key → the places of words where it stands. cities: all that are known, as rows of folded words."""
    written = [word.written for word in reading.words]
    found: dict[str, list[int]] = {}
    for place in range(len(written)):
        for count in WORDS_OF_A_CITY:
            row = tuple(written[place : place + count])
            if len(row) == count and row in cities and (key := key_of(" ".join(row))):
                found.setdefault(key, []).append(place)
    return found

"""Where in a text names of organizations stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from partnerhub.identity.spotting.base import Base, Bearing, NameKey
from partnerhub.identity.spotting.reading import Reading

LONGEST_NAME = 14
"""Telling words of the longest name that is looked for."""


class Found(NamedTuple):
    """A name in a text: its words from `first` to `last` (places in the text). key: None for an acronym."""

    first: int
    last: int
    key: NameKey | None
    bearers: Mapping[str, Bearing]
    crosses: bool

    @property
    def length(self) -> int:
        """How many words it spans, small ones too."""
        return self.last - self.first + 1


def names_in(reading: Reading, base: Base) -> list[Found]:
    """The names and acronyms of the base that a text holds, without those inside a longer one, in order."""
    found = sorted({(f.first, f.last, f.key is None): f for f in everything(reading, base)}.items())
    every = [each for _, each in found]
    return [one for one in every if not any(is_within(one, other) for other in every)]


def is_within(one: Found, other: Found) -> bool:
    """Whether a name is a proper part of another."""
    return other.first <= one.first and one.last <= other.last and other.length > one.length


def everything(reading: Reading, base: Base) -> Iterator[Found]:
    """Every row of words that is a name, and every word that is an acronym."""
    ends = segment_ends(reading)
    for start in range(len(reading.telling)):
        yield from names_from(reading, base, start, ends)
    for place in reading.telling:
        written = reading.words[place].written
        if written in reading.maybe_acronyms and (holders := base.acronyms.get(written)):
            yield Found(place, place, None, {holder: Bearing() for holder in sorted(holders)}, False)


def names_from(reading: Reading, base: Base, start: int, ends: Collection[int]) -> Iterator[Found]:
    """The names that begin at a telling word. Beyond its segment a name fills others whole, and no word comes twice."""
    words, telling = reading.words, reading.telling
    first = telling[start]
    said: set[str] = set()
    for last in telling[start : start + LONGEST_NAME]:
        concept, crosses = words[last].concept or "", words[last].segment != words[first].segment
        if crosses and concept in said:
            return
        said.add(concept)
        if crosses and last not in ends:
            continue
        if bearers := base.names.get(frozenset(said)):
            yield Found(first, last, frozenset(said), bearers, crosses)


def segment_ends(reading: Reading) -> frozenset[int]:
    """The last telling word of every segment."""
    return frozenset({reading.words[place].segment: place for place in reading.telling}.values())

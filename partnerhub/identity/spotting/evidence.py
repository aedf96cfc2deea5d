"""What speaks for and against a name in a text meaning an organization, in words that the weights go by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from partnerhub.identity.cities import city_key
from partnerhub.identity.folding import SMALL_WORDS
from partnerhub.identity.spotting.base import Base
from partnerhub.identity.spotting.names import Found
from partnerhub.identity.spotting.reading import Reading, Word, cities_in, concepts_of
from partnerhub.identity.words import known_words

UNIVERSITY, HOSPITAL, COLLEGE = "university", "hospital", "college"
ACRONYM, ORGANIZATION, WHOLE_ONE = "acronym", "organization", "whole"
EXACT, ONE_WORD = "word for word", ", one word"
SAME, OTHER = "same", "other"
COUNTRY, CITY = "country", "city"
PLAINLY, YES = "plainly", "yes"
ELSEWHERE = (UNIVERSITY, ORGANIZATION, WHOLE_ONE)
INNER = frozenset({"faculty", "department", "school", "division", "section", "unit", "group", "program", "office",
                   "service"})  # fmt: skip
"""Kinds that are usually a part of the organization named beside them."""
WITHIN_OR_OWN = frozenset({"center", "laboratory", "clinic", "network"})
OUTER = frozenset({"institute", "academy", "company", "agency", "ministry", "council", "association", "foundation",
                   "corporation", "museum", "observatory", "library", "commission", "federation", "consortium",
                   "bank", "hospital"})  # fmt: skip
"""Kinds that are usually an organization of their own."""
WHOLE = OUTER | {UNIVERSITY, COLLEGE, "polytechnic", "hochschule", "association", "union"}
COMMON = frozenset(
    "science technology medicine medical national state research health art engineering general international"  # noqa: SIM905
    " public federal royal".split()
)
AND = frozenset({"and", "y", "et", "und", "e", "i"})
RARITY = (5, 8, 11, 14, 18, 24)
FAMILY = (1, 2, 3, 5, 10)
MOST = 3

Levels = dict[str, str]
"""Feature → the level it shows."""


class Context(NamedTuple):
    """A text and everything found in it, for judging one of the finds after the other."""

    reading: Reading
    base: Base
    found: list[Found]
    cities: dict[str, list[int]]

    @classmethod
    def of(cls, reading: Reading, base: Base, found: list[Found]) -> Context:
        """The context of a text."""
        return cls(reading, base, found, cities_in(reading, base.known_cities, city_key))


def levels_of(context: Context, found: Found, organization_id: str) -> Levels:
    """The level each feature shows for one name and one organization that bears it."""
    words, base = context.reading.words, context.base
    kind, own = kind_of(found), own_of(found, base)
    match = match_of(context, found, organization_id)
    before, after = around(context.reading, found)
    left, right = neighbors(before, leading=True), neighbors(after, leading=False)
    country = country_level(context, organization_id)
    city = city_level(context, found, organization_id)
    told = "confirmed" if SAME in (country, city) else "denied" if OTHER in (country, city) else "open"
    span = {word.written for word in words[found.first : found.last + 1]}
    longer = base.family(found.key, organization_id) if found.key else 0
    return {
        "match": match,
        "own words": own,
        "own words, place": f"{own}, {told}",
        "rarity": str(bisect_right(RARITY, rarity_of(context.reading, base, found))),
        "bearers": str(min(MOST, len(found.bearers))),
        "family": str(bisect_right(FAMILY, longer)) if found.key else ACRONYM,
        "crosses": "no" if not found.crosses else "from the middle" if before else "whole segments",
        "before": left,
        "kind, before": f"{kind}, {left}",
        "after": right,
        "kind, after": f"{kind}, {right}",
        "other acronyms": str(min(2, len(context.reading.acronyms - span))),
        **elsewhere(context, found, kind),
        PLAINLY: plainly(context, found, match, own, told, beside=[*before, *after]),
        COUNTRY: country,
        CITY: city,
    }


def rarity_of(reading: Reading, base: Base, found: Found) -> float:
    """How much the words of a name tell, in nats."""
    return base.rarity(found.key or [reading.words[found.first].concept or ""])


def kind_of(found: Found) -> str:
    """What kind of organization a name tells."""
    key = found.key or frozenset()
    for kind in (HOSPITAL, UNIVERSITY):
        if kind in key:
            return kind
    if key & WHOLE:
        return ORGANIZATION
    return "part" if key & (INNER | WITHIN_OR_OWN) else "none"


def around(reading: Reading, found: Found) -> tuple[list[Word], list[Word]]:
    """The words before and after a name in its segments."""
    words = reading.words
    left, right = words[found.first].segment, words[found.last].segment
    before = [word for word in words[: found.first] if word.segment == left]
    return before, [word for word in words[found.last + 1 :] if word.segment == right]


def neighbors(words: list[Word], *, leading: bool) -> str:
    """What stands beside a name in its segment: the kind of the words, and the small word that ties them to it."""
    said = [word.concept for word in words if word.concept]
    if not said:
        return "nothing"
    beside = words[-1] if leading else words[0]
    if not leading and beside.written in SMALL_WORDS and beside.written not in AND:
        return "of something"
    tie = "" if beside.concept else "tied " if leading else "and "
    return tie + kind_of_words(said)


def kind_of_words(said: Iterable[str]) -> str:
    """The most telling kind among concepts."""
    concepts = set(said)
    for kind in (HOSPITAL, UNIVERSITY):
        if kind in concepts:
            return kind
    if concepts & INNER:
        return "inner part"
    if concepts & (OUTER | WITHIN_OR_OWN):
        return ORGANIZATION
    return COLLEGE if COLLEGE in concepts else "words"


def match_of(context: Context, found: Found, organization_id: str) -> str:
    """How closely the words of the text are the name."""
    if not found.key:
        return ACRONYM
    words = [word for word in context.reading.words[found.first : found.last + 1] if word.concept]
    written = tuple(word.written for word in words)
    spellings = found.bearers[organization_id].spellings
    alone = ONE_WORD if len(found.key) == 1 else ""
    if written in spellings:
        return f"{EXACT}{alone}"
    concepts = tuple(word.concept for word in words)
    order = "" if any(concepts == concepts_of(each) for each in spellings) else ", other order"
    literal = any(all(w.written in each or w.concept in ORDINARY for w in words) for each in spellings)
    return f"{'its words' if literal else 'translated'}{order}{alone}"


ORDINARY = WHOLE | INNER | WITHIN_OR_OWN | COMMON
"""Concepts whose translation leaves no doubt."""


def plainly(context: Context, found: Found, match: str, own: str, told: str, beside: list[Word]) -> str:
    """Whether the text says nothing but the exact name of one organization, and at most places that are its own."""
    if match != EXACT or len(found.bearers) > 1 or own.startswith("0") or told == "denied":
        return ""
    if any(word.concept for word in beside):
        return ""
    places = context.reading.country_segments
    others = [word for word in context.reading.outside(found.first, found.last) if word.concept]
    if others and told != "confirmed":
        return ""
    return YES if all(word.segment in places or is_place(word, context.base) for word in others) else ""


def own_of(found: Found, base: Base) -> str:
    """How many words of a name are its own: no word of the table, no city."""
    if not found.key:
        return ACRONYM
    concepts = known_words().concepts
    own = sum(word not in concepts and word not in base.place_words for word in found.key)
    place = " and a place" if any(word in base.place_words for word in found.key) else ""
    return f"{min(2, own)}{place}"


def country_level(context: Context, organization_id: str) -> str:
    """Whether the text tells the organization's country."""
    told, own = context.reading.countries, context.base.countries[organization_id]
    if not told:
        return "not told"
    return "unknown" if not own else SAME if told & own else OTHER


def city_level(context: Context, found: Found, organization_id: str) -> str:
    """Whether the text tells the organization's city outside its name."""
    own = context.base.cities[organization_id]
    if not own:
        return "unknown"
    told = {
        city
        for city, places in context.cities.items()
        if any(place < found.first or place > found.last for place in places)
    }
    return SAME if own & told else OTHER if told else "not told"


def elsewhere(context: Context, found: Found, kind: str) -> Levels:
    """What other segments name, by kind: these may be whom the text means."""
    left, right = context.reading.words[found.first].segment, context.reading.words[found.last].segment
    seen: dict[str, set[str]] = {}
    for segment, words in segments_of(context.reading.outside(found.first, found.last)):
        side = "before" if segment < left else "behind" if segment > right else ""
        for what in kinds_in(words, context.base):
            seen.setdefault(what, set()).add(side)
    return {
        f"elsewhere: {what}": f"{kind}, {' and '.join(sorted(seen[what]))}" if what in seen else ""
        for what in ELSEWHERE
    }


def segments_of(words: Iterable[Word]) -> Iterator[tuple[int, list[Word]]]:
    """Words by segment."""
    found: dict[int, list[Word]] = {}
    for word in words:
        found.setdefault(word.segment, []).append(word)
    yield from found.items()


def kinds_in(words: list[Word], base: Base) -> Iterator[str]:
    """What a segment may name."""
    said = {word.concept for word in words if word.concept}
    if UNIVERSITY in said:
        yield UNIVERSITY
    if said & INNER or all(is_place(word, base) for word in words if word.concept):
        return
    if said & (OUTER | WITHIN_OR_OWN):
        yield ORGANIZATION
    elif said & WHOLE:
        yield WHOLE_ONE


def is_place(word: Word, base: Base) -> bool:
    """Whether a word is of a city, or a code or number as they stand beside one."""
    return word.concept in base.place_words or len(word.written) < MOST or word.written.isdigit()

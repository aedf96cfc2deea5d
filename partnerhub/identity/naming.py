"""What a name says beside itself: a country, an acronym, the name without either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from partnerhub.identity.compounds import concepts_of
from partnerhub.identity.folding import LEGAL_WORDS, SMALL_WORDS, fold, folded, without_phrases
from partnerhub.identity.words import known_words

CountryOf = Callable[[str], str | None]
"""A text as an ISO 3166-1 alpha-2 code, None where it is no country."""
Sense: TypeAlias = tuple[str, tuple[str, ...]]
"""A word and its concepts."""

SHORTEST_ACRONYM, LONGEST_ACRONYM = 3, 9
IN_PARENTHESES = re.compile(r"\s*\(([^()]+)\)\s*$")
CAPITALS = (
    (re.compile(r"\bU\.?S\.?(A\.?)?(?=\W|$)"), " usa "),
    (re.compile(r"\bU\.?K\.?(?=\W|$)"), " uk "),
)
UNITED = (
    (re.compile(r"united states( of america)?", re.IGNORECASE), " usa "),
    (re.compile(r"united kingdom", re.IGNORECASE), " uk "),
)
ACRONYM_BEHIND = re.compile(r"^(?P<name>.*?)\s*\((?P<acronym>[^()]{2,12})\)\s*$")
ACRONYM_BEFORE = re.compile(r"^(?P<acronym>[^\W\d_][\w.&-]{1,9})\s*(?::|\s[-–—]|,)\s+(?P<name>.{6,})$")
ACRONYM_AFTER_DASH = re.compile(r"^(?P<name>.{6,}?)\s*(?:,|\s[-–—])\s*(?P<acronym>[A-Z][\w.&-]{1,9})$")
ACRONYMS_BESIDE = (ACRONYM_BEHIND, ACRONYM_BEFORE, ACRONYM_AFTER_DASH)
BEFORE_OR_BEHIND = re.compile("[(:,–—-]")
DOTTED = re.compile(r"(?:\w\.\s?)+\w?\.?")
SMALL_OR_LEGAL = SMALL_WORDS | LEGAL_WORDS


class Said(NamedTuple):
    """A shown name taken apart.

    whole: without the country. main: without country and acronym. parts: the further names found on the way to it.
    """

    whole: str
    main: str
    parts: tuple[str, ...]
    country: str | None
    country_words: str | None
    acronyms: tuple[str, ...]


def said_by(name: str, country_of: CountryOf) -> Said:
    """Take a shown name apart."""
    country, country_words = said_country(name, country_of)
    whole = IN_PARENTHESES.sub("", name) if country else name
    rest = without_short_countries(whole)
    found = (acronym_of(whole), None if " " in rest else acronym_like(rest))
    acronyms = {acronym for acronym in found if acronym}
    # Nearly all names have none of these signs, and a pattern takes longer to find that out.
    parts = []
    for pattern in ACRONYMS_BESIDE if BEFORE_OR_BEHIND.search(rest) else ():
        beside = pattern.match(rest)
        acronym = acronym_like(beside["acronym"]) if beside else None
        if beside and acronym:
            acronyms.add(acronym)
            parts.append(beside["name"])
            if pattern is ACRONYM_BEHIND:
                rest = beside["name"]
    main = parts[-1] if parts else rest
    if rest != name and not parts:
        parts.append(rest)
    return Said(whole, main, tuple(parts), country, country_words, tuple(sorted(acronyms)))


def without_short_countries(name: str) -> str:
    """The name with `U.S.` and `United Kingdom` as the words `usa` and `uk`."""
    # Letters without which no pattern fits.
    if "US" in name or "UK" in name or "U." in name:
        name = replaced(name, CAPITALS)
    if "ted " in name.lower():
        name = replaced(name, UNITED)
    return name.strip()


def replaced(name: str, patterns: Iterable[tuple[re.Pattern[str], str]]) -> str:
    """The name with what stands instead of each pattern."""
    for pattern, short in patterns:
        name = pattern.sub(short, name)
    return name


def said_country(name: str, country_of: CountryOf) -> tuple[str | None, str | None]:
    """The country in parentheses at a name's end, and its words where nothing else stands there."""
    found = IN_PARENTHESES.search(name) if "(" in name else None
    if not found:
        return None, None
    if country := country_of(found[1]):
        return country, found[1]
    parts = found[1].split(",")
    countries = [country for part in parts if len(parts) > 1 and (country := country_of(part.strip()))]
    return (countries[-1] if countries else None), None


def acronym_of(shown: str) -> str | None:
    """The name itself where it looks like an acronym: one short word in capitals."""
    word = re.sub(r"[.\s]", "", shown) if "." in shown and DOTTED.fullmatch(shown) else shown
    fits = SHORTEST_ACRONYM <= len(word) <= LONGEST_ACRONYM and word.isalnum() and word == word.upper()
    return folded(word) or None if fits else None


def acronym_like(word: str) -> str | None:
    """A word of which half the letters or more are capitals: `NYULMC`, `CeSMA`, `C.N.R.`."""
    bare = re.sub(r"[.\s&-]", "", word)
    if not SHORTEST_ACRONYM <= len(bare) <= LONGEST_ACRONYM or not bare.isalnum():
        return None
    capitals = sum(letter.isupper() or letter.isdigit() for letter in bare)
    return folded(bare).replace(" ", "") or None if capitals >= max(2, len(bare) / 2) else None


class Unsaid(NamedTuple):
    """Words by what they do not say. silent: nothing at all. legal: legal forms of the table. leftover: all of them."""

    silent: frozenset[str]
    legal: frozenset[str]
    leftover: frozenset[str]


@cache
def unsaid() -> Unsaid:
    """The words of the table, and those of folding."""
    words = known_words()
    return Unsaid(words.ignored | SMALL_WORDS, words.legal, words.legal | LEGAL_WORDS)


class Wording(NamedTuple):
    """The words of a name: as concepts, as they are spelled, and what it may be abbreviated to. Each once."""

    concepts: tuple[str, ...]
    spelled: tuple[str, ...]
    initials: tuple[str, ...]


def worded(main: str, whole: str, first_key: Sequence[str]) -> Wording:
    """The words of a name. main, whole: as in Said; first_key: the telling words of its first match key.

    A name is cut into words once: the same text made anew would be hashed anew at every look into a table.
    """
    written = fold(main).split()
    meant = written if main.isascii() else fold(known_words().in_words(main)).split()
    spelled = written if whole == main else fold(whole).split()
    telling, words = senses_of(meant), without_phrases(meant)
    return Wording(
        canonical_words(words, telling if words is meant else senses_of(words)),
        spelled_words(spelled),
        initials_of(written, telling, first_key),
    )


def senses_of(words: Iterable[str]) -> list[Sense]:
    """Folded words that say something, each with its concepts."""
    silent = unsaid().silent
    return [(word, concepts_of(word)) for word in words if word not in silent]


def canonical_words(words: Sequence[str], senses: Iterable[Sense]) -> tuple[str, ...]:
    """The concepts of a name, each once, in order; without what says nothing unless nothing else is left."""
    legal = unsaid().leftover
    telling = [concept for _, concepts in senses for concept in concepts]
    own = telling if legal.isdisjoint(telling) else [concept for concept in telling if concept not in legal]
    return tuple(dict.fromkeys(own or telling or words))


def spelled_words(written: list[str]) -> tuple[str, ...]:
    """Folded words, each once, without small words and legal forms."""
    return tuple(dict.fromkeys([word for word in without_phrases(written) if word not in SMALL_OR_LEGAL]))


def initials_of(written: Sequence[str], senses: Iterable[Sense], first_key: Sequence[str]) -> tuple[str, ...]:
    """What a name may be abbreviated to: initials of its words, with and without the small ones, of its concepts."""
    silent, legal, _ = unsaid()
    rows = [written, first_key, [one for word, concepts in senses if word not in legal for one in concepts]]
    if not (silent.isdisjoint(written) and legal.isdisjoint(written)):
        telling = [word for word in written if word not in silent]
        rows += (telling, [word for word in telling if word not in legal])
    found = {
        "".join([word[0] for word in words[:LONGEST_ACRONYM]])
        for words in rows
        if len(words) >= SHORTEST_ACRONYM
    }
    return tuple(sorted(found))

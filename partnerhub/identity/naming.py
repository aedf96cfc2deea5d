"""What a name says beside itself: a country, an acronym, the name without either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from partnerhub.identity.compounds import concepts_of
from partnerhub.identity.folding import LEGAL_PHRASES, LEGAL_WORDS, SMALL_WORDS, folded, telling_words
from partnerhub.identity.words import Words, known_words

CountryOf = Callable[[str], str | None]
"""A text as an ISO 3166-1 alpha-2 code, None where it is no country."""

SHORTEST_ACRONYM, LONGEST_ACRONYM = 3, 9
IN_PARENTHESES = re.compile(r"\s*\(([^()]+)\)\s*$")
SAID_SHORT = (
    (re.compile(r"\bU\.?S\.?(A\.?)?(?=\W|$)"), " usa "),
    (re.compile(r"\bU\.?K\.?(?=\W|$)"), " uk "),
    (re.compile(r"united states( of america)?", re.IGNORECASE), " usa "),
    (re.compile(r"united kingdom", re.IGNORECASE), " uk "),
)
ACRONYM_BEHIND = re.compile(r"^(?P<name>.*?)\s*\((?P<acronym>[^()]{2,12})\)\s*$")
ACRONYM_BEFORE = re.compile(r"^(?P<acronym>[^\W\d_][\w.&-]{1,9})\s*(?::|\s[-–—]|,)\s+(?P<name>.{6,})$")
ACRONYM_AFTER_DASH = re.compile(r"^(?P<name>.{6,}?)\s*(?:,|\s[-–—])\s*(?P<acronym>[A-Z][\w.&-]{1,9})$")
BEFORE_OR_BEHIND = re.compile("[(:,–—-]")
DOTTED = re.compile(r"(?:\w\.\s?)+\w?\.?")


@dataclass(frozen=True, slots=True)
class Said:
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
    acronyms = {found for found in (acronym_of(whole), "" if " " in rest else acronym_like(rest)) if found}
    parts = []
    # Nearly all names have none of these signs, and a pattern takes longer to find that out.
    looked_for = (ACRONYM_BEHIND, ACRONYM_BEFORE, ACRONYM_AFTER_DASH) if BEFORE_OR_BEHIND.search(rest) else ()
    for pattern in looked_for:
        found = pattern.match(rest)
        acronym = acronym_like(found["acronym"]) if found else None
        if found and acronym:
            acronyms.add(acronym)
            parts.append(found["name"])
            if pattern is ACRONYM_BEHIND:
                rest = found["name"]
    main = parts[-1] if parts else rest
    if rest != name and not parts:
        parts.append(rest)
    return Said(whole, main, tuple(parts), country, country_words, tuple(sorted(acronyms)))


def without_short_countries(name: str) -> str:
    """The name with `U.S.` and `United Kingdom` as the words `usa` and `uk`."""
    # Letters without which no pattern fits.
    if "ted" in name.lower() or ("U" in name and ("S" in name or "K" in name)):
        for pattern, short in SAID_SHORT:
            name = pattern.sub(short, name)
    return name.strip()


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
    word = re.sub(r"[.\s]", "", shown) if DOTTED.fullmatch(shown) else shown
    fits = word.isalnum() and SHORTEST_ACRONYM <= len(word) <= LONGEST_ACRONYM and word == word.upper()
    return folded(word) or None if fits else None


def acronym_like(word: str) -> str | None:
    """A word of which half the letters or more are capitals: `NYULMC`, `CeSMA`, `C.N.R.`."""
    bare = re.sub(r"[.\s&-]", "", word)
    if not SHORTEST_ACRONYM <= len(bare) <= LONGEST_ACRONYM or not bare.isalnum():
        return None
    capitals = sum(letter.isupper() or letter.isdigit() for letter in bare)
    return folded(bare).replace(" ", "") or None if capitals >= max(2, len(bare) / 2) else None


def canonical_words(name: str, words: Words) -> tuple[str, ...]:
    """The words of a name as concepts, each once, in order; without what says nothing unless nothing else is left."""
    written = LEGAL_PHRASES.sub("", folded(words.in_words(name))).split()
    telling = [
        concept
        for word in written
        if word not in words.ignored and word not in SMALL_WORDS
        for concept in concepts_of(word)
    ]
    own = [word for word in telling if word not in words.legal and word not in LEGAL_WORDS]
    return tuple(dict.fromkeys(own or telling or written))


def spelled_words(name: str) -> tuple[str, ...]:
    """The words of a name as they are spelled, each once, without small words and legal forms."""
    skipped = SMALL_WORDS | LEGAL_WORDS
    return tuple(
        dict.fromkeys(word for word in LEGAL_PHRASES.sub("", folded(name)).split() if word not in skipped)
    )


def initials_of(name: str, first_key: str) -> tuple[str, ...]:
    """What the name may be abbreviated to: initials of its words, with and without the small ones, of its concepts."""
    found = {
        "".join(word[0] for word in words)[:LONGEST_ACRONYM]
        for words in spellings(name, first_key)
        if len(words) >= SHORTEST_ACRONYM
    }
    return tuple(sorted(found))


def spellings(name: str, first_key: str) -> Iterator[list[str]]:
    """The rows of words whose initials people take."""
    words = known_words()
    written = folded(name).split()
    telling = [word for word in written if word not in SMALL_WORDS and word not in words.ignored]
    yield written
    yield telling
    yield [word for word in telling if word not in words.legal]
    yield [
        concept
        for word in folded(words.in_words(name)).split()
        if word not in words.ignored and word not in words.legal and word not in SMALL_WORDS
        for concept in concepts_of(word)
    ]
    yield telling_words(first_key)

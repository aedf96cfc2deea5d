"""The organizations a text is searched for, indexed by the words of their names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from partnerhub.identity.cities import city_key
from partnerhub.identity.naming import CountryOf, Said, said_by
from partnerhub.identity.spotting.reading import concept_of, concepts_of, written_words
from partnerhub.identity.words import known_words

SUPPOSED = 4_000
"""As many names are supposed beside those of the base, so that a base of thirty knows which words are common."""
SHARE_OF_KINDS, SHARE_OF_CONCEPTS, SHARE_OF_OTHERS = 0.03, 0.002, 0.0001
"""Of these, how many hold a word: a kind of organization, another word of the table, any other word."""

NameKey: TypeAlias = frozenset[str]
"""A name as the set of its concepts: the same in any language and order."""


@dataclass(frozen=True, slots=True)
class Known:
    """An organization of the base. names: as shown, once per record that bears one. countries: ISO 3166-1 alpha-2."""

    organization_id: str
    names: Sequence[str]
    cities: Sequence[str] = ()
    countries: Sequence[str] = ()


@dataclass(slots=True)
class Bearing:
    """How an organization bears a name: spelled in these ways."""

    spellings: set[tuple[str, ...]] = field(default_factory=set)


class Base:
    """Organizations by name, acronym and place. Reading it takes time with the texts, not with its size."""

    def __init__(self, organizations: Iterable[Known], country_of: CountryOf) -> None:
        """Index organizations; takes about 0.1 ms per name. country_of: reads a country at a name's end."""
        self.country_of = country_of
        self.names: dict[NameKey, dict[str, Bearing]] = {}
        self.acronyms: dict[str, set[str]] = {}
        self.cities: dict[str, set[str]] = {}
        self.countries: dict[str, set[str]] = {}
        self.shown: dict[str, str] = {}
        for organization in organizations:
            self.add(organization)

    def add(self, organization: Known) -> None:
        """Index one organization; all of them before the first text."""
        mine = organization.organization_id
        self.cities[mine] = {found for city in organization.cities if (found := city_key(city))}
        self.countries[mine] = set(organization.countries)
        counted = Counter(name for name in organization.names if name)
        if counted:
            self.shown[mine] = min(counted, key=lambda name: (-counted[name], name))
        for name in sorted(counted):
            said = said_by(name, self.country_of)
            self.countries[mine] |= {said.country} if said.country else set()
            for acronym in said.acronyms:
                self.acronyms.setdefault(acronym, set()).add(mine)
            for key, spelling in keys_of(said):
                self.names.setdefault(key, {}).setdefault(mine, Bearing()).spellings.add(spelling)

    @cached_property
    def known_cities(self) -> frozenset[tuple[str, ...]]:
        """The cities of all organizations as rows of folded words."""
        return frozenset(tuple(city.split()) for cities in self.cities.values() for city in cities)

    @cached_property
    def place_words(self) -> frozenset[str]:
        """The words of these cities."""
        return frozenset(word for city in self.known_cities for word in city)

    @cached_property
    def held_by(self) -> dict[str, set[NameKey]]:
        """Concept → the names that hold it."""
        found: dict[str, set[NameKey]] = {}
        for key in self.names:
            for word in key:
                found.setdefault(word, set()).add(key)
        return found

    @cached_property
    def commonness(self) -> Counter[str]:
        """Concept → how many (name, organization) hold it."""
        found: Counter[str] = Counter()
        for key, bearers in self.names.items():
            found.update(dict.fromkeys(key, len(bearers)))
        return found

    @cached_property
    def borne(self) -> int:
        """How many (name, organization) there are."""
        return sum(map(len, self.names.values()))

    def rarity(self, words: Iterable[str]) -> float:
        """How much the words tell, in nats: the rarer in names, the more. Much the same in a small base and a large."""
        borne = self.borne + SUPPOSED
        return sum(
            math.log(borne / (1 + self.commonness[word] + SUPPOSED * supposed_share(word))) for word in words
        )

    def family(self, key: NameKey, organization_id: str) -> int:
        """How many other organizations bear a longer name that holds this one."""
        rarest_first = sorted(key, key=lambda word: len(self.held_by[word]))
        longer = set(self.held_by[rarest_first[0]])
        for word in rarest_first[1:]:
            longer &= self.held_by[word]
        return len({other for name in longer - {key} for other in self.names[name]} - {organization_id})


def supposed_share(word: str) -> float:
    """The share of all names that hold a word, by what kind of word it is."""
    known = known_words()
    if word in known.kinds:
        return SHARE_OF_KINDS
    return SHARE_OF_CONCEPTS if word in known.concepts else SHARE_OF_OTHERS


def keys_of(said: Said) -> Iterator[tuple[NameKey, tuple[str, ...]]]:
    """Every form of a name as its key and its telling words as they are spelled."""
    for form in dict.fromkeys((said.whole, said.main, *said.parts)):
        spelling = tuple(word for word in written_words(form) if concept_of(word))
        if spelling:
            yield frozenset(concepts_of(spelling)), spelling

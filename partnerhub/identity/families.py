"""How two organizations of one family stand to each other, as far as their names tell."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from partnerhub.identity.folding import folded
from partnerhub.identity.spotting.reading import concept_of

if TYPE_CHECKING:
    from partnerhub.identity.naming import CountryOf

Kind: TypeAlias = Literal["parent_of", "branch_of", "family"]

BRANCH_WORDS: Final = (
    "north south east west northern southern eastern western nord süd ost oest est ouest norte sur central branch"
    " office chapter section division regional region local niederlassung filiale zweigstelle geschäftsstelle sud"
    " zweigniederlassung succursale sucursal filial agence delegation landesverband ortsverein kreisverband"
)
"""What a branch's name adds to the name of its head office, beside a place."""


class Related(NamedTuple):
    """Which of two records stands above. `parent_of`, `branch_of`: the lower one is a child or branch of the upper one.

    `family`: nobody knows which of the two stands above; they are in the order in which they were asked about.
    """

    kind: Kind
    upper: str
    lower: str


class Seen(NamedTuple):
    """An organization as a question shows it: its key, name and place. country: ISO 3166-1 alpha-2."""

    key: str
    name: str
    city: str | None = None
    country: str | None = None


def related_by_evidence(one: Seen, other: Seen, country_of: CountryOf) -> Related:
    """What the names say: who bears the other's name and a place or a word for a branch beside it, stands below.

    In different countries the lower one is taken for a company of its own rather than a branch.
    """
    abroad = bool(one.country and other.country and one.country != other.country)
    for upper, lower in ((one, other), (other, one)):
        if is_below(lower, upper, country_of):
            return Related("parent_of" if abroad else "branch_of", upper.key, lower.key)
    return Related("family", one.key, other.key)


def is_below(lower: Seen, upper: Seen, country_of: CountryOf) -> bool:
    """Whether a name is another one with nothing but places and words for branches added."""
    said, above = telling(lower.name), telling(upper.name)
    if not above or not above < said:
        return False
    own = branch_words() | telling(lower.city or "")
    return all(
        word in own or country_of(word) in {lower.country, upper.country} - {None} for word in said - above
    )


def telling(name: str) -> frozenset[str]:
    """The words of a name, folded, without legal forms and words that say nothing."""
    return frozenset(word for word in folded(name).split() if concept_of(word))


@lru_cache(maxsize=1)
def branch_words() -> frozenset[str]:
    """The words for branches, folded."""
    return telling(BRANCH_WORDS)

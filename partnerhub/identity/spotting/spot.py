"""Which organization a free text names: one, several it may be, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from partnerhub.identity.spotting.base import Base
from partnerhub.identity.spotting.card import Card, shipped_card
from partnerhub.identity.spotting.evidence import EXACT, Context, Levels, levels_of, rarity_of
from partnerhub.identity.spotting.names import Found, names_in
from partnerhub.identity.spotting.reading import read_text
from partnerhub.identity.spotting.sentences import sentences

MOST_CANDIDATES = 5


class Candidate(NamedTuple):
    """An organization a text may mean. said: the words of the text, folded. chance: 0 to 1. reasons: in words."""

    organization_id: str
    name: str
    said: str
    chance: float
    reasons: tuple[str, ...]


class Answer(NamedTuple):
    """`one`: the first candidate is meant. `several`: nobody can tell; they wait for a person. `none`: no name found.

    candidates: the likeliest first, at most five.
    """

    verdict: Literal["one", "several", "none"]
    candidates: tuple[Candidate, ...]

    @property
    def organization_id(self) -> str | None:
        """The organization that is meant, where the answer is `one`."""
        return self.candidates[0].organization_id if self.verdict == "one" else None


class Judged(NamedTuple):
    """A name in a text, an organization that bears it, and what speaks for it. name: how that one is shown."""

    organization_id: str
    name: str
    said: str
    found: Found
    levels: Levels


NOTHING = Answer("none", ())


def spot(text: str, base: Base, card: Card | None = None) -> Answer:
    """Which organization of the base a text names. Takes about 1 ms; the same for the same text and base."""
    return answer_of(list(judged(text, base)), card or shipped_card())


def answer_of(found: Iterable[Judged], card: Card) -> Answer:
    """The answer from everything found in a text."""
    ranked = sorted(
        ((card.chance(each.levels), each) for each in found),
        key=lambda pair: (-pair[0], pair[1].organization_id),
    )
    likely = [(chance, each) for chance, each in ranked if chance >= card.consider][:MOST_CANDIDATES]
    if not likely:
        return NOTHING
    candidates = tuple(
        Candidate(each.organization_id, each.name, each.said, chance, sentences(each.said, each.levels))
        for chance, each in likely
    )
    return Answer("one" if is_clear(likely, card) else "several", candidates)


def is_clear(likely: list[tuple[float, Judged]], card: Card) -> bool:
    """Whether the likeliest one is sure enough, and nobody else bears the very name as likely."""
    chance, first = likely[0]
    rivals = (other for likelihood, other in likely[1:] if likelihood >= card.attach)
    return chance >= card.attach and not any(
        other.found.first == first.found.first and other.found.last == first.found.last for other in rivals
    )


def judged(text: str, base: Base) -> Iterator[Judged]:
    """Every organization of which the text holds a name, by its best name."""
    reading = read_text(text, base.country_of)
    found = names_in(reading, base)
    if not found:
        return
    context = Context.of(reading, base, found)
    best: dict[str, tuple[tuple[bool, bool, float], Judged]] = {}
    for each in found:
        for organization_id in each.bearers:
            levels = levels_of(context, each, organization_id)
            rank = (
                each.key is not None,
                levels["match"].startswith(EXACT),
                rarity_of(reading, base, each),
            )
            if organization_id not in best or rank > best[organization_id][0]:
                said = " ".join(word.written for word in reading.words[each.first : each.last + 1])
                shown = base.shown.get(organization_id, said)
                best[organization_id] = rank, Judged(organization_id, shown, said, each, levels)
    yield from (each for _, each in best.values())

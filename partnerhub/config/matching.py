"""From which probability on two records join by themselves, and from which one a person is asked: `matching:`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnerhub.identity.bands import probability_of
from partnerhub.identity.policy import DEFAULT

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

MATCHING_KEYS: Final = ("auto", "review")
WHOLE: Final = 100
"""Percent."""
AUTO: Final = round(probability_of(DEFAULT.auto), 2)
REVIEW: Final = round(probability_of(DEFAULT.review), 2)
"""What the hub does by itself, to two digits."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Probabilities between 0 and 1; None leaves it to the hub.

    auto: records join by themselves from here on. review: below `auto` and from here on a person is asked.
    """

    auto: float | None = None
    review: float | None = None


def read_matching(place: Place) -> Matching:
    """The thresholds of a configuration."""
    found = place.known_entries(MATCHING_KEYS, f"auto: {AUTO}")
    said = {name: probability(entry, AUTO if name == "auto" else REVIEW) for name, entry in found.items()}
    review, auto = said.get("review"), said.get("auto", AUTO)
    if review is not None and auto is not None and review >= auto:
        found["review"].note(
            f"Nothing lies between {review} and {auto}, so nobody would ever be asked.",
            f"Write less than `auto`, for example `{min(REVIEW, round(auto / 2, 4))}`.",
        )
    return Matching(said.get("auto"), review)


def probability(place: Place, example: float) -> float | None:
    """A number between 0 and 1, both left out; anything else is reported."""
    written = place.item.value
    value = float(written) if isinstance(written, int | float) and not isinstance(written, bool) else 0.0
    if 0 < value < 1:
        return value
    percent = 1 < value < WHOLE
    place.note(
        "This must be a probability between 0 and 1.",
        f"Write `{value / WHOLE:g}`." if percent else f"Write for example `{example}`.",
    )
    return None

"""From which probability on two records join by themselves, when a person is asked, by which weights: `matching:`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from partnerhub.identity.bands import probability_of
from partnerhub.identity.policy import DEFAULT
from partnerhub.identity.weights import Weights, weights_from

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

MATCHING_KEYS: Final = ("auto", "review", "weights")
THRESHOLDS: Final = ("auto", "review")
WEIGHTS_FILE: Final = "weights.json"
WHOLE: Final = 100
"""Percent."""
AUTO: Final = round(probability_of(DEFAULT.auto), 2)
REVIEW: Final = round(probability_of(DEFAULT.review), 2)
"""What the hub does by itself, to two digits."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Probabilities between 0 and 1; None leaves it to the hub.

    auto: records join by themselves from here on. review: below `auto` and from here on a person is asked. weights: the
    hub's own, as `partnerhub learn` writes them.
    """

    auto: float | None = None
    review: float | None = None
    weights: Weights | None = None


def read_matching(place: Place, folder: Path) -> Matching:
    """The thresholds and weights of a configuration. folder: relative paths are relative to it."""
    found = place.known_entries(MATCHING_KEYS, f"auto: {AUTO}")
    said = {
        name: probability(found[name], AUTO if name == "auto" else REVIEW)
        for name in THRESHOLDS
        if name in found
    }
    review, auto = said.get("review"), said.get("auto", AUTO)
    if review is not None and auto is not None and review >= auto:
        found["review"].note(
            f"Nothing lies between {review} and {auto}, so nobody would ever be asked.",
            f"Write less than `auto`, for example `{min(REVIEW, round(auto / 2, 4))}`.",
        )
    weights = own_weights(found["weights"], folder) if "weights" in found else None
    return Matching(said.get("auto"), review, weights)


def own_weights(place: Place, folder: Path) -> Weights | None:
    """The weights of a file; what cannot be read, or fits other comparisons than the hub's, is reported."""
    written = place.text(WEIGHTS_FILE)
    if written is None:
        return None
    file = folder / Path(written).expanduser()
    try:
        return weights_from(file.read_text(encoding="utf-8"))
    except OSError:
        place.note(
            f"There is no file {file} to read.", "`partnerhub learn` writes one, or leave `weights` out."
        )
    except (ValueError, KeyError, TypeError):
        place.note(
            f"{file} holds no weights for the comparisons of this version.",
            "`partnerhub learn` writes it anew from what was decided, or leave `weights` out.",
        )
    return None


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

"""How much of a stream may go or change at once before a person is asked: `guard:`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

GUARD_KEYS: Final = ("gone", "changed", "few")
WHOLE: Final = 100
PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True, slots=True)
class Guard:
    """Shares of 1. gone, changed: of the records of a stream that stood. few: so many may always go or change."""

    gone: float = 0.05
    changed: float = 0.5
    few: int = 50


def read_guard(place: Place) -> Guard:
    """The limits of a configuration; what is not given stays as the hub has it."""
    found, usual = place.known_entries(GUARD_KEYS, "gone: 5%"), Guard()
    few = found["few"].whole_number(usual.few) if "few" in found else None
    return Guard(
        gone=share(found.get("gone"), usual.gone),
        changed=share(found.get("changed"), usual.changed),
        few=usual.few if few is None or few < 0 else few,
    )


def share(place: Place | None, usual: float) -> float:
    """`5%` as 0.05; anything else than a percentage from 0 to 100 is reported."""
    if place is None or place.item.value is None:
        return usual
    written = PERCENT.fullmatch(str(place.item.value).strip())
    if written and float(written.group(1)) <= WHOLE:
        return float(written.group(1)) / WHOLE
    place.note("This must be a percentage.", f"Write for example `{usual * WHOLE:g}%`.")
    return usual

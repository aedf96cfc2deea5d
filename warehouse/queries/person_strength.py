"""How close we are to each person of a partner: recency and frequency, by a formula a page can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.queries.readings import FAIR, RECENCY_HALVES_DAYS, STRONG, days_between

if TYPE_CHECKING:
    from warehouse.queries.readings import Readings

RECENCY, FREQUENCY = 50, 50
"""The most points of each part; together 100."""
FULL_FREQUENCY: Final = 13
"""Touchpoints in 180 days that earn all points for frequency: one every two weeks."""


class PersonStrength(NamedTuple):
    """How close we are to somebody, 0 to 100, with what it is made of. days: since the last touchpoint; None: never."""

    value: int
    recency: float
    frequency: float
    days: int | None
    touches: int

    @property
    def word(self) -> str:
        """In a word."""
        if self.days is None:
            return "no contact"
        return "strong" if self.value >= STRONG else "fair" if self.value >= FAIR else "weak"


def person_strength(readings: Readings, person_id: str, now: str) -> PersonStrength:
    """Recency: 50, halved for every 30 days since the last touchpoint; frequency: 50 × touchpoints ÷ 13, at most 50."""
    days = days_between(readings.last_met.get(person_id), now)
    touches = readings.met.get(person_id, 0)
    recency = RECENCY * 0.5 ** (days / RECENCY_HALVES_DAYS) if days is not None else 0.0
    frequency = FREQUENCY * min(1.0, touches / FULL_FREQUENCY)
    return PersonStrength(
        int(recency + frequency + 0.5), recency, frequency, None if days is None else int(days), touches
    )

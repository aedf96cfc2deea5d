"""No touchpoint for long, though there was a rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import ATTENTION, INFO, PERSON, Finding, Partner, cite, counted, day_of

YEAR = timedelta(days=365)
MISSED_BEATS = 3
"""How many times the usual gap has to pass before silence is unusual."""


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """At most one finding: the partner as a whole has fallen silent."""
    spoken = [touch for touch in partner.touches if touch.nature == PERSON and day_of(touch.at) <= today]
    if not spoken:
        return
    last = spoken[-1]
    quiet = (today - day_of(last.at)).days
    days = sorted({day for touch in spoken if (day := day_of(touch.at)) > day_of(last.at) - YEAR})
    if quiet < limits.silence_days or len(days) < max(limits.silence_rhythm_days, 2):
        return
    span = (days[-1] - days[0]).days
    usual = span / (len(days) - 1)
    if span < limits.silence_span_days or quiet < MISSED_BEATS * usual:
        return
    sentence = (
        f"Nothing was heard or said for {counted(quiet, 'day')}; before, there was something every"
        f" {counted(max(round(usual), 1), 'day')}."
    )
    yield Finding("", sentence, ATTENTION if is_at_stake(partner, today) else INFO, (cite(last),))


def is_at_stake(partner: Partner, today: date) -> bool:
    """Whether something runs that silence puts at risk: an open deal still to close, an agreement in force."""
    deals = (deal.closes_on for deal in partner.deals if deal.status == "open")
    agreements = (agreement.ends_on or agreement.renews_on for agreement in partner.agreements)
    return any(day is not None and day >= today for day in (*deals, *agreements))

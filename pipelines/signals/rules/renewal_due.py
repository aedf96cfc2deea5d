"""An agreement or the relationship renews or ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import ATTENTION, URGENT, Evidence, Finding, Partner, counted

OVER: Final = frozenset(
    {"terminated", "canceled", "cancelled", "ended", "closed", "replaced", "superseded", "renewed"}
)
"""States in which nothing is left to renew. `expired` is not among them: a source that counts days says it itself."""


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per agreement, and one for the organization where no agreement says the same day."""
    covered = set()
    for agreement in partner.agreements:
        if (agreement.status or "").casefold() in OVER:
            continue
        days = [(agreement.renews_on, "renews"), (agreement.ends_on, "ends")]
        near = sorted((day, word) for day, word in days if day and is_near(day, today, limits))
        if near:
            nearest, word = near[0]
            covered.add(nearest)
            quote = f"{agreement.title} {word} on {nearest}"
            evidence = Evidence(agreement.record, quote, agreement.at, agreement.fact_id)
            yield finding(agreement.record, f"“{agreement.title}”", word, nearest, today, limits, (evidence,))
    day = partner.renews_on
    if day and day not in covered and is_near(day, today, limits):
        said = tuple(
            Evidence(record.record, f"Renewal: {day}", record.at, place=record.places.get("renews_on"))
            for record in partner.records
            if record.values.get("renews_on") == day.isoformat()
        )
        yield finding("organization", "The partnership", "renews", day, today, limits, said)


def is_near(day: date, today: date, limits: Thresholds) -> bool:
    """Whether a day lies within reach, ahead or just behind."""
    return -limits.renewal_past_days <= (day - today).days <= limits.renewal_days


def finding(
    subject: str,
    what: str,
    word: str,
    day: date,
    today: date,
    limits: Thresholds,
    evidence: tuple[Evidence, ...],
) -> Finding:
    """What happens when."""
    ahead = (day - today).days
    when = "today" if ahead == 0 else f"in {counted(ahead, 'day')}"
    past = {"renews": "was to renew", "ends": "ended"}[word]
    sentence = f"{what} {past} {counted(-ahead, 'day')} ago" if ahead < 0 else f"{what} {word} {when}"
    level = URGENT if ahead <= limits.renewal_urgent_days else ATTENTION
    return Finding(subject, f"{sentence}, on {day.isoformat()}.", level, evidence)

"""Work or a commitment was due and is not done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import ATTENTION, URGENT, Evidence, Finding, Partner, Promise, counted

PRESSING: Final = frozenset({"highest", "blocker", "critical", "urgent", "high", "p0", "p1"})
NAMES: Final = {"commitment": "Promised"}


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per thing that is overdue."""
    for promise in partner.promises:
        if promise.done or promise.due_on is None:
            continue
        late = (today - promise.due_on).days
        if limits.overdue_days < late <= limits.overdue_until_days:
            yield finding(promise, late)


def finding(promise: Promise, late: int) -> Finding:
    """What it is, how late, who has it."""
    pressing = (promise.priority or "").casefold() in PRESSING
    whose = f", {promise.owner} has it" if promise.owner else ""
    what = f"{NAMES[promise.entity]}: “" if promise.entity in NAMES else "“"
    sentence = f"{what}{promise.title}” in {promise.called} is {counted(late, 'day')} overdue{whose}."
    state = f"{promise.title} – due {promise.due_on}{f', {promise.status}' if promise.status else ''}"
    evidence = Evidence(promise.record, state, promise.moved_at, promise.fact_id)
    return Finding(promise.record, sentence, URGENT if pressing else ATTENTION, (evidence,))

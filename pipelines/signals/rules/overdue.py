"""Work or a commitment was due and is not done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import ATTENTION, INFO, URGENT, Evidence, Finding, Partner, Promise, counted

PRESSING: Final = frozenset({"highest", "blocker", "critical", "urgent", "high", "p0", "p1"})
CONTAINERS: Final = frozenset({"project", "epic"})
"""Work that only holds other work, which has days of its own."""
COMMITMENT: Final = "commitment"
NAMES: Final = {"commitment": "Promised"}


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per thing that is overdue."""
    late = [
        (promise, (today - promise.due_on).days)
        for promise in partner.promises
        if not promise.done and promise.due_on is not None
    ]
    found = [
        (promise, days) for promise, days in late if limits.overdue_days < days <= limits.overdue_until_days
    ]
    tasks = sum(promise.kind not in CONTAINERS for promise, _ in found)
    for promise, days in found:
        yield finding(promise, days, many=tasks >= limits.overdue_many)


def level_of(promise: Promise, *, many: bool) -> str:
    """What blocks is urgent, what was promised needs attention, and so do many; one late task its own tool tells."""
    if (promise.priority or "").casefold() in PRESSING:
        return URGENT
    if promise.entity == COMMITMENT:
        return ATTENTION
    return ATTENTION if many and promise.kind not in CONTAINERS else INFO


def finding(promise: Promise, late: int, *, many: bool) -> Finding:
    """What it is, how late, who has it."""
    whose = f", {promise.owner} has it" if promise.owner else ""
    what = f"{NAMES[promise.entity]}: “" if promise.entity in NAMES else "“"
    sentence = f"{what}{promise.title}” in {promise.called} is {counted(late, 'day')} overdue{whose}."
    state = f"{promise.title} – due {promise.due_on}{f', {promise.status}' if promise.status else ''}"
    evidence = Evidence(promise.record, state, promise.moved_at, promise.fact_id)
    return Finding(promise.record, sentence, level_of(promise, many=many), (evidence,))

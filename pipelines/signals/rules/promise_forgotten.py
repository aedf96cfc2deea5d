"""One of us promised something in writing long ago, and no task, commitment or meeting since is about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from textwrap import shorten
from typing import Final

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import (
    ATTENTION,
    PERSON,
    Finding,
    Partner,
    Touch,
    cite,
    counted,
    day_of,
    days_since,
)
from pipelines.signals.promises import Promised, is_about, promises, words_of

MINUTED: Final = frozenset({"meeting", "visit", "call", "note"})
SHORT: Final = 70
"""Characters of a promise in the finding's sentence; its evidence quotes it whole."""
COMMITMENT: Final = "commitment"
OURS: Final = "out"
NOT_MINUTES: Final = frozenset({"in", "internal"})
HELD: Final = frozenset({"meeting", "visit", "call"})
"""What counts as keeping a promise when it is called after it: a training day, a workshop."""


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per sentence. Over once work, a commitment or a meeting is about it: open, done or declined."""
    for touch in partner.touches:
        age = days_since(touch.at, today)
        if touch.nature != PERSON or not touch.text or not is_ours(touch):
            continue
        if not limits.promise_days <= age <= limits.promise_until_days:
            continue
        for said in promises(touch.text, minutes=touch.kind in MINUTED):
            promised = said._replace(words=said.words - words_of(partner.name))
            if not is_kept_in_mind(promised, touch, partner):
                yield finding(promised, touch, age, partner)


def is_ours(touch: Touch) -> bool:
    """Whether one of us wrote it: a mail we sent, or what we noted of a call or meeting."""
    if touch.kind in MINUTED:
        return bool(touch.ours) and touch.direction not in NOT_MINUTES
    return touch.direction == OURS


def is_kept_in_mind(promised: Promised, touch: Touch, partner: Partner) -> bool:
    """Whether anything since the promise may be about it. A commitment counts whenever it was entered."""
    written = day_of(touch.at)
    for work in partner.promises:
        moved = day_of(work.moved_at) if work.moved_at else work.due_on
        current = work.entity == COMMITMENT or moved is None or moved >= written - timedelta(days=1)
        if current and is_about(promised, f"{work.title}\n{work.text or ''}"):
            return True
    return any(
        each.kind in HELD and each.at > touch.at and each.title and is_about(promised, each.title)
        for each in partner.touches
    )


def finding(promised: Promised, touch: Touch, age: int, partner: Partner) -> Finding:
    """Who promised it when, and that nothing came of it."""
    who = partner.called(touch.sender) if touch.sender else "One of us"
    words = shorten(promised.sentence, SHORT, placeholder=" …")
    sentence = f"{who} promised {counted(age, 'day')} ago: “{words}” No task, commitment or meeting since is about it."
    subject = f"{touch.fact_id}:{promised.act}"
    return Finding(subject, sentence, ATTENTION, (cite(touch, promised.sentence),))

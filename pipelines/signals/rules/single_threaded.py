"""One person holds nearly all touchpoints, there or here: when they go, the relationship goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import (
    ATTENTION,
    INFO,
    PERSON,
    Finding,
    Partner,
    Touch,
    cite,
    counted,
    days_since,
)

OURS, INTERNAL = "ours", "internal"
SIDES = ("theirs", OURS)


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """At most one finding a side."""
    recent = [
        touch
        for touch in partner.touches
        if touch.nature == PERSON
        and touch.direction != INTERNAL
        and 0 <= days_since(touch.at, today) <= limits.single_threaded_days
    ]
    for side in SIDES:
        known = [touch for touch in recent if getattr(touch, side)]
        if len(known) >= min(limits.single_threaded_touchpoints, limits.single_threaded_handover_touchpoints):
            yield from held_by_one(partner, side, known, limits)


def held_by_one(
    partner: Partner, side: str, touches: Sequence[Touch], limits: Thresholds
) -> Iterator[Finding]:
    """The person who is on nearly all of them, when nobody else is on nearly as many.

    Where they, or the owner of the account here, have gone, few touchpoints suffice: nobody is left who knows another.
    """
    counts = Counter(address for touch in touches for address in getattr(touch, side))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    address, held = ranked[0]
    share, enough = 100 * held, limits.single_threaded_percent * len(touches)
    if share < enough or (len(ranked) > 1 and 100 * ranked[1][1] >= enough):
        return
    others = f"nobody else {'on our side knows the partner' if side == OURS else 'there knows us'} as well."
    known = partner.colleagues.get(address)
    gone = side == OURS and known is not None and not known.active
    alone = gone or (side != OURS and partner.owner_is_gone())
    if gone and known is not None and known.name == partner.owner:
        return  # an owner who has gone is told by `person_left`
    if not alone and len(touches) < limits.single_threaded_touchpoints:
        return
    sentence = (
        f"{partner.called(address)} is on {held} of {counted(len(touches), 'touchpoint')} of the last"
        f" {counted(limits.single_threaded_days, 'day')}; {others}"
        f"{' They are no longer active.' if gone else ' Our owner of the account has gone.' if alone else ''}"
    )
    held_last = [touch for touch in touches if address in getattr(touch, side)][-2:]
    yield Finding(
        f"{side}:{address}", sentence, ATTENTION if alone else INFO, tuple(map(cite, reversed(held_last)))
    )

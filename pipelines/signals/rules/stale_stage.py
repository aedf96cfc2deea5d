"""An open deal stands at one stage while mail or work moves: the stage is no longer true, or nobody pushes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import (
    ATTENTION,
    INFO,
    PERSON,
    Deal,
    Evidence,
    Finding,
    Partner,
    Promise,
    cite,
    counted,
    days_since,
)

OPEN = ("open", None)


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per open deal whose stage did not change for long, although something happened since."""
    for deal in partner.deals:
        if deal.status not in OPEN or not deal.since or not deal.stage:
            continue
        stood = days_since(deal.since, today)
        if stood < limits.stale_stage_days:
            continue
        moved = movement(partner, deal.since, today, limits)
        if moved:
            yield finding(deal, stood, moved, today, limits)


def movement(partner: Partner, since: str, today: date, limits: Thresholds) -> list[Evidence]:
    """What people said or did since, and lately: the latest first."""
    touched = [
        cite(touch)
        for touch in partner.touches
        if touch.nature == PERSON and touch.at > since and touch.at[:10] <= today.isoformat()
    ]
    worked = [
        Evidence(work.record, state_of(work), work.moved_at, work.fact_id)
        for work in partner.promises
        if work.moved_at and work.moved_at > since
    ]
    lately = [
        each
        for each in (*touched, *worked)
        if each.at and days_since(each.at, today) <= limits.stale_stage_recent_days
    ]
    return sorted(lately, key=lambda each: (each.at or "", each.record), reverse=True)


def state_of(work: Promise) -> str:
    """Work in its own words, with how it stands."""
    return f"{work.title} – {work.status}" if work.status else work.title


def level_of(deal: Deal, today: date, limits: Thresholds) -> str:
    """Attention while the deal can still be won by its day; one that is long past or far off is for the next review."""
    near = deal.closes_on is None or abs((deal.closes_on - today).days) <= limits.stale_stage_near_days
    return ATTENTION if near else INFO


def finding(deal: Deal, stood: int, moved: list[Evidence], today: date, limits: Thresholds) -> Finding:
    """How long it stood, and what moved meanwhile."""
    late = deal.closes_on is not None and deal.closes_on < today
    overdue = " Its closing day has passed." if late else ""
    sentence = (
        f"“{deal.name}” has stood at “{deal.stage}” in {deal.called} for {counted(stood, 'day')}, while"
        f" {counted(len(moved), 'thing')} happened lately.{overdue}"
    )
    stands = Evidence(deal.record, f"Stage: {deal.stage}", deal.since, deal.fact_id)
    return Finding(deal.record, sentence, level_of(deal, today, limits), (stands, *moved[:3]))

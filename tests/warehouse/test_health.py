"""The health of a stream: five words, and by their color who must act."""

from __future__ import annotations

from typing import Any

import pytest

from warehouse.queries.health import StreamFacts, judge

NOW = "2026-10-01T09:00:00.000000Z"
AN_HOUR_AGO = "2026-10-01T08:00:00.000000Z"
YESTERDAY = "2026-09-30T09:00:00.000000Z"
DUE = {"crm": "2026-10-01T08:30:00.000000Z"}
"""The schedule of crm struck twice since half past eight."""


def ended(state: str, **facts: Any) -> dict[str, Any]:
    return {"state": state, "error_code": None, "error_happened": None, "error_do": None, **facts}


def refused(state: str = "needs_person") -> dict[str, Any]:
    return ended(
        state, error_code="signed_out", error_happened="The token was revoked.", error_do="Renew it."
    )


def health(**facts: Any) -> Any:
    return judge(StreamFacts("crm", "deals", **{"last_success_at": NOW, **facts}), DUE, NOW)


def test_complete_stream_is_healthy_and_nobody_must_act() -> None:
    found = health(ended=ended("complete"))
    assert (found.word, found.color, found.who, found.age) == ("Healthy", "green", "nobody", 0.0)


@pytest.mark.parametrize("state", ["failed", "needs_person", "skipped"])
def test_stream_that_stopped_for_a_person_is_red_with_its_error_and_remedy(state: str) -> None:
    found = health(ended=refused(state))
    assert (found.word, found.color, found.who) == ("Failed, action required", "red", "person")
    assert (found.happened, found.to_do) == ("The token was revoked.", "Renew it.")


def test_run_at_work_does_not_hide_that_the_last_one_failed() -> None:
    found = health(ended=refused(), is_running=True)
    assert (found.word, found.told) == ("Failed, action required", "Failed, action required (running)")


def test_run_at_work_after_a_good_one_is_running() -> None:
    assert health(ended=ended("complete"), is_running=True).told == "Running"
    assert health(is_running=True, last_success_at=None, scheduled_since=NOW).color == "green"


@pytest.mark.parametrize("state", ["incomplete", "abandoned"])
def test_stream_that_goes_on_by_itself_is_yellow(state: str) -> None:
    found = health(ended=ended(state))
    assert (found.word, found.color, found.who) == ("Incomplete", "yellow", "hub")


def test_incomplete_stream_that_never_comes_through_asks_for_a_person() -> None:
    found = health(ended=refused("incomplete"), last_success_at=YESTERDAY)
    assert (found.word, found.code) == ("Failed, action required", "late")
    assert "since 2026-09-30 09:00 UTC: The token was revoked." in found.happened
    assert found.to_do.startswith("`partnerhub check")


def test_stream_that_waits_for_its_quota_is_not_late() -> None:
    waits = ended("incomplete", resumes_at="2026-10-02T00:00:00+00:00")
    found = health(ended=waits, last_success_at=YESTERDAY)
    assert (found.word, found.next_at) == ("Incomplete", "2026-10-02T00:00:00+00:00")


def test_schedule_that_passed_twice_without_a_success_is_late() -> None:
    found = health(ended=ended("complete"), last_success_at=AN_HOUR_AGO)
    assert (found.word, found.code, found.is_late, found.age) == (
        "Failed, action required",
        "not_run",
        True,
        3600.0,
    )
    assert "`partnerhub sync crm`" in found.to_do


def test_new_schedule_is_not_late_for_what_came_before_it() -> None:
    assert health(ended=ended("complete"), last_success_at=YESTERDAY, scheduled_since=NOW).word == "Healthy"


def test_source_without_a_schedule_is_never_late() -> None:
    facts = StreamFacts("sheet", "rows", ended=ended("complete"), last_success_at=YESTERDAY)
    assert judge(facts, DUE, NOW).word == "Healthy"


def test_paused_stream_is_gray_whatever_its_last_run() -> None:
    found = health(ended=refused(), pause={"actor": "ann", "until_at": None, "reason": "move"})
    assert (found.word, found.color, found.happened) == ("Paused", "gray", "Paused by ann: move.")


def test_gap_makes_a_complete_stream_red() -> None:
    gap = {"code": "count_gap", "happened": "212 there, 22 here.", "to_do": "Read all."}
    found = health(ended=ended("complete"), problem=gap)
    assert (found.word, found.code, found.to_do) == ("Failed, action required", "count_gap", "Read all.")


def test_error_rate_and_completeness_are_shares() -> None:
    found = health(read=200, set_aside=3, compared={"in_source": 1941, "in_hub": 1940})
    assert found.error_rate == 0.015
    assert round(found.completeness, 4) == 0.9995
    assert health(compared={"in_source": 0, "in_hub": 0}).completeness == 1.0
    assert health().error_rate is None


def test_first_reading_that_was_cut_short_is_not_late_by_a_schedule_nobody_has_noted() -> None:
    cut_short = {"last_success_at": None, "ended": ended("abandoned"), "last_run_at": NOW}
    assert not health(**cut_short).is_late
    assert health(**cut_short, scheduled_since="2026-01-01T00:00:00.000000Z").is_late

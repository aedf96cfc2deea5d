"""F01 and F23 at Jira, which names its limits: a burst is waited out, an hour's points end the run until the next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from connectors.errors import WaitForQuota
from connectors.jira.client import refine
from connectors.transport import Answer, TryAgain, heard_by
from tests.faults.vendors import NOW

DATE = "Tue, 01 Sep 2026 12:20:00 GMT"
QUOTAS = ("jira-quota-tenant-based", "jira-quota-global-based")


def refused(reason, **headers):
    """What becomes of a 429."""
    said = {name.replace("_", "-"): text for name, text in headers.items()}
    return refine(Answer(429, {"date": DATE, "ratelimit-reason": reason, **said}, b"{}"))


def test_f01_a_burst_at_jira_is_waited_out_and_told_as_one(jira):
    jira.breaks("429", times=2, retry_after=0.01)
    told = []
    with heard_by(told.append):
        assert jira.read() == jira.ids
    assert {wait.happened for wait in told if wait} == {
        "Jira is asked for the same thing too often within a second (jira-burst-based; it allows 100 a second)."
    }


def test_f01_a_limit_that_jira_calls_otherwise_is_tried_again_and_named():
    error = refused("jira-something-new", retry_after="3")
    assert (type(error), error.after, "jira-something-new" in error.happened) == (TryAgain, 3.0, True)


def test_f01_a_429_that_names_no_limit_is_judged_as_any_vendors():
    assert refused("") is None


def test_f23_an_hours_points_used_up_at_jira_end_the_run_until_the_next_hour(hub, jira):
    jira.simulator.store.advance(timedelta(minutes=20))
    jira.simulator.points.per_hour = 5
    (result,) = hub.sync(jira)
    assert (result.state, result.error.code) == ("incomplete", "hourly_limit")
    assert "the 5 points of this hour" in result.error.happened
    ((resumes_at,),) = hub.query("SELECT resumes_at FROM stream_run")
    assert resumes_at.startswith("2026-09-01T13:00:00")
    jira.simulator.store.advance(timedelta(minutes=40))
    jira.simulator.points.per_hour = None
    hub.settles(jira)


@pytest.mark.parametrize("reason", QUOTAS)
@pytest.mark.parametrize(
    ("headers", "resumes"),
    [
        ({"retry_after": "1847"}, NOW + timedelta(minutes=20, seconds=1847)),
        ({"x_ratelimit_reset": "2026-09-01T12:45:00Z"}, NOW + timedelta(minutes=45)),
        ({}, NOW + timedelta(hours=1)),
    ],
)
def test_f23_points_return_when_jira_says_else_with_the_full_hour(reason, headers, resumes):
    error = refused(reason, x_ratelimit_limit="65000", **headers)
    assert (type(error), error.resumes_at) == (WaitForQuota, resumes)
    assert ("65,000 points" in error.happened, reason in error.happened) == (True, True)


def test_f23_an_hour_that_is_over_in_a_moment_is_waited_for():
    error = refused(QUOTAS[0], retry_after="10")
    assert (type(error), error.after) == (TryAgain, 10.0)


def test_f23_points_that_run_out_are_told_once_before_they_do(jira):
    jira.simulator.points.per_hour = 10
    connector = jira.connector(page_size=100)
    with capture_logs() as logs:
        for _ in range(5):
            jira.read(connector)
    told = [line for line in logs if "a fifth" in line["event"]]
    assert [line["left"] for line in told] == ["1"]

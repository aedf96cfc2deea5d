"""What hangs on Jira's issues: comments, changelog and worklogs, all of them and each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.errors import FixSetup, RetryLater, SkipStream
from connectors.jira.attached import Changelog
from connectors.jira.client import JiraClient, Reading
from connectors.jira.worklogs import next_since
from connectors.record import Op
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.world.projects import IssueProject, Worklog
from tests.connectors.conformance.jira_rig import NOW, issue, settings_for, site_world
from tests.connectors.test_jira import read, records

COMMENTS_OF = "GET /rest/api/3/issue/*/comment"


@pytest.fixture
def jira() -> Iterator[JiraSimulator]:
    with JiraSimulator(site_world(3)) as running:
        running.store.advance(timedelta(minutes=1))
        yield running


def asked_for_comments(jira: JiraSimulator) -> int:
    return sum(one.endswith("/comment") for one in jira.requests)


def test_every_one_of_230_comments_is_read_though_the_issue_carries_twenty(jira):
    written = {jira.add_comment("20001", "human-1", f"Line {number}") for number in range(230)}
    found = records(read(settings_for(jira), "comments"))
    assert set(found) == written
    assert asked_for_comments(jira) == 3
    assert {one.payload["issueId"] for one in found.values()} == {"20001"}


@pytest.mark.fault("F29")
def test_a_comment_deleted_between_two_pages_makes_none_slip_through(jira, monkeypatch):
    written = [jira.add_comment("20001", "human-1", f"Line {number}") for number in range(150)]
    get, asked = JiraClient.get, []

    def deleting(self, path, query=None, **how):
        if path.endswith("/comment"):
            asked.append(path)
            if len(asked) == 2:
                jira.delete_comment("20001", written[0])
        return get(self, path, query, **how)

    monkeypatch.setattr(JiraClient, "get", deleting)
    assert set(records(read(settings_for(jira), "comments"))) == set(written[1:])


@pytest.mark.parametrize(("number", "requests"), [(19, 0), (20, 1), (21, 1)])
def test_few_comments_come_with_their_issue_and_twenty_are_asked_for(jira, number, requests):
    written = {jira.add_comment("20001", "owner-1", f"Line {each}") for each in range(number)}
    assert set(records(read(settings_for(jira), "comments"))) == written
    assert asked_for_comments(jira) == requests


def test_only_comments_of_changed_issues_are_read_again(jira):
    old = jira.add_comment("20001", "owner-1", "Old")
    jira.store.advance(timedelta(hours=1))
    connector = settings_for(jira)
    cursor = read(connector, "comments")[-1].cursor
    jira.store.advance(timedelta(hours=1))
    new = jira.add_comment("20002", "owner-1", "New")
    assert (set(records(read(connector, "comments", cursor)))) == {new}
    jira.edit_comment("20001", old, "Mended")
    assert records(read(connector, "comments", cursor))[old].version == "2026-09-01T14:01:00.000000Z"


def test_a_comment_taken_away_is_missing_from_the_next_complete_reading(jira):
    gone, kept = (jira.add_comment("20001", "owner-1", text) for text in ("Gone", "Kept"))
    jira.delete_comment("20001", gone)
    pages = read(settings_for(jira), "comments", full=True)
    assert set(records(pages)) == {kept}
    assert pages[-1].last
    assert {page.reading for page in pages} == {"full"}


def test_an_issue_that_vanishes_between_search_and_comments_does_not_stop_its_neighbors(jira):
    for number in ("20001", "20002"):
        for each in range(20):
            jira.add_comment(number, "owner-1", f"Line {each}")
    jira.faults.add(Fault("GET /rest/api/3/issue/20001/comment", "404", times=100))
    found = records(read(settings_for(jira, page_size=10), "comments"))
    assert {one.payload["issueId"] for one in found.values()} == {"20002"}


def test_comments_nobody_may_read_skip_the_stream(jira):
    for each in range(20):
        jira.add_comment("20001", "owner-1", f"Line {each}")
    jira.faults.add(Fault(COMMENTS_OF, "403", times=100))
    with pytest.raises(SkipStream):
        read(settings_for(jira, page_size=1), "comments")


def test_a_listing_shorter_than_its_total_is_no_end(jira, monkeypatch):
    for each in range(20):
        jira.add_comment("20001", "owner-1", f"Line {each}")
    connector = settings_for(jira)
    get = connector.client().get

    def short(path, query=None, *, must_list=None):
        answer = get(path, query, must_list=must_list)
        if must_list == "comments":
            answer.json["comments"] = []
        return answer

    monkeypatch.setattr(connector.client(), "get", short)
    with pytest.raises(RetryLater, match="short_listing"):
        read(connector, "comments")


def test_the_whole_changelog_is_read_with_the_issue_it_belongs_to(jira):
    for number in range(30):
        jira.update_issue("20001", priority=("High", "Low")[number % 2])
    jira.update_issue("20002", status="Done", status_category="done")
    found = records(read(settings_for(jira), "changelog"))
    assert len(found) == 32
    moved = [one for one in found.values() if one.payload["issueId"] == "20002"]
    assert [item["toString"] for one in moved for item in one.payload["items"]] == ["Done", "done"]


def test_changelog_is_paged_by_token(jira):
    for number in range(30):
        jira.update_issue("20001", summary=f"Summary {number}")
    found = Reading({"issues": [{"id": "20001"}]}, NOW)
    changes = Changelog(settings_for(jira).client(), page_size=7).of(found, "2099-01-01T00:00:00.000000Z")
    assert len({one.source_id for one in changes}) == len(changes) == 30
    assert sum(one.endswith("/changelog/bulkfetch") for one in jira.requests) == 5


def test_worklogs_are_told_by_jira_changes_and_deletions_alike(jira):
    kept, gone = (jira.store.log_work("20001", "owner-1", 600, text) for text in ("Kept", "Gone"))
    jira.store.advance(timedelta(hours=1))
    late = jira.store.log_work("20002", "owner-1", 600)
    jira.store.advance(timedelta(hours=1))
    connector = settings_for(jira)
    first = read(connector, "worklogs")
    jira.store.delete_worklog("20001", gone.id)
    jira.store.advance(timedelta(hours=1))
    found = records(read(connector, "worklogs", first[-1].cursor))
    assert set(records(first)) == {kept.id, gone.id, late.id}
    assert {one: record.op for one, record in found.items()} == {late.id: Op.UPSERT, gone.id: Op.DELETE}


def test_worklogs_of_one_moment_across_a_page_border_are_all_read(jira):
    jira.worklog_page = 3
    booked = [jira.store.log_work("20001", "owner-1", 60) for _ in range(2)]
    jira.store.advance(timedelta(minutes=1))
    booked += [jira.store.log_work("20002", "owner-1", 60) for _ in range(3)]
    jira.store.advance(timedelta(minutes=5))
    assert set(records(read(settings_for(jira), "worklogs"))) == {one.id for one in booked}


def test_a_page_of_worklogs_that_leads_nowhere_raises():
    assert (next_since(10, 20), next_since(10, 11)) == (19, 11)
    with pytest.raises(RetryLater):
        next_since(10, 10)


def test_worklogs_of_projects_not_chosen_stay_at_the_source(jira):
    jira.store.add_project(IssueProject("10002", "OPS", "Operations", "owner-1"))
    jira.store.add(issue(50, NOW, key="OPS-1", project_id="10002"))
    inside = jira.store.log_work("20001", "owner-1", 60)
    jira.store.log_work("20050", "owner-1", 60)
    jira.store.advance(timedelta(minutes=5))
    assert set(records(read(settings_for(jira, projects=("DEL",)), "worklogs"))) == {inside.id}


def test_a_worklog_drawn_by_the_world_dates_from_its_end(jira):
    jira.store.issue("20001").worklogs.append(Worklog("9", "owner-1", NOW - timedelta(days=2), 3600, ""))
    assert records(read(settings_for(jira), "worklogs"))["9"].version == "2026-08-30T13:00:00.000000Z"


@pytest.mark.parametrize("cursor", [{"updated": "x"}, {"elsewhere": 1}])
def test_a_worklog_cursor_that_cannot_be_read_stops_the_stream(jira, cursor):
    with pytest.raises(FixSetup, match="bad_cursor"):
        read(settings_for(jira), "worklogs", cursor)

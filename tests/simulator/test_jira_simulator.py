"""The Jira simulator: its query language, its index, and what Atlassian's own description says of both directions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.jira.jql import BadQueryError
from partnerhub.simulator.world.generate import generate_world
from tests.connectors.conformance.jira_rig import NOW, issue, settings_for, site_world
from tests.openapi_shapes import Description, Exchange


class RecordingJira(JiraSimulator):
    """Keeps every exchange."""

    exchanges: list[Exchange]

    def application(self):
        self.exchanges = []
        inner = super().application()

        async def recorded(scope, receive, send):
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            kept = Exchange(scope["method"], scope["path"], scope["query_string"].decode(), body)
            self.exchanges.append(kept)

            async def again():
                return {"type": "http.request", "body": body, "more_body": False}

            async def keep(message):
                kept.status = message.get("status", kept.status)
                kept.answer += message.get("body", b"")
                await send(message)

            await inner(scope, again, keep)

        return recorded


@pytest.fixture
def jira() -> Iterator[JiraSimulator]:
    with JiraSimulator(site_world(5)) as running:
        yield running


def ids(jira: JiraSimulator, jql: str, **more: Any) -> list[str]:
    return [one["id"] for one in jira.searcher.answer({"jql": jql, **more})["issues"]]


def test_requests_of_the_connector_and_answers_of_the_simulator_are_as_atlassian_describes_them(shared):
    description = Description.read(shared / "specs" / "jira" / "swagger-v3.v3.json")
    with RecordingJira(generate_world(partners=40)) as jira:
        # The second reading is incremental and within one project, which takes every path there is.
        for settings in ({}, {"projects": ("DEL", "SUP")}):
            connector = settings_for(jira, page_size=20, **settings)
            connector.check()
            cursors = {}
            for round_ in range(2):
                for stream in connector.streams():
                    pages = list(connector.pull(stream.name, cursors.get(stream.name)))
                    cursors[stream.name] = pages[-1].cursor
                if not round_:
                    number = next(iter(jira.store.issues))
                    jira.store.advance(timedelta(minutes=30))
                    for text in range(21):
                        jira.add_comment(number, "owner-1", f"Comment {text}")
                    jira.store.log_work(number, "owner-1", 900, "Looked into it.")
            connector.count("issues")
            assert connector.described_fields("issues")
    assert len({one.path for one in jira.exchanges}) >= 14
    assert [fault for one in jira.exchanges for fault in description.faults(one)] == []


def test_the_description_finds_a_wrong_request_and_a_wrong_answer(shared):
    description = Description.read(shared / "specs" / "jira" / "swagger-v3.v3.json")
    path = "/rest/api/3/search/jql"
    asked = Exchange("POST", path, "", b'{"jql": 7, "startAt": 0}', 200, b'{"issues": {}, "total": 3}')
    assert sorted(fault.partition(": ")[2] for fault in description.faults(asked)) == [
        "answer.issues is no array: {}",
        "answer.total is unknown",
        "body.jql is no string: 7",
        "body.startAt is unknown",
    ]


@pytest.mark.parametrize(
    "jql",
    ["order by key", "", "updated >= 'x'", "summary ~ x", "project = NOPE", "id in (99)", "(id = 20001"],
)
def test_a_query_that_jira_refuses_is_refused(jira, jql):
    with pytest.raises(BadQueryError):
        jira.searcher.answer({"jql": jql})


def test_conditions_are_joined_and_ordered_as_written(jira):
    jql = 'project = DEL AND (id in (20001, 20002) OR key = "DEL-4") ORDER BY created DESC'
    assert ids(jira, jql) == ["20004", "20002", "20001"]
    assert ids(jira, "not id in (20001, 20002) AND project = 10001 order by id") == [
        "20003",
        "20004",
        "20005",
    ]


@pytest.mark.parametrize(("zone", "local"), [("Europe/Istanbul", "15:00"), ("America/Los_Angeles", "05:00")])
def test_a_written_date_is_read_in_the_zone_of_the_account(zone, local):
    world = site_world()
    world.projects.issues = {one.id: one for one in (issue(1, NOW - timedelta(minutes=1)), issue(2, NOW))}
    with JiraSimulator(world, time_zone=zone) as jira:
        assert ids(jira, f'updated >= "2026-09-01 {local}"') == ["20002"]
        stamp = jira.projection.stamp(NOW)
    assert stamp == f"2026-09-01T{local}:00.000{NOW.astimezone(ZoneInfo(zone)):%z}"


def test_only_ids_come_without_fields_and_only_what_was_asked_for_with_them(jira):
    bare = jira.searcher.answer({"jql": "project = DEL"})["issues"][0]
    assert "fields" not in bare
    some = jira.searcher.answer({"jql": "project = DEL", "fields": ["summary", "status"]})["issues"][0]
    assert sorted(some["fields"]) == ["status", "summary"]
    rest = jira.searcher.answer({"jql": "project = DEL", "fields": ["*all", "-comment"]})["issues"][0]
    assert "comment" not in rest["fields"]
    assert "worklog" in rest["fields"]


def test_a_token_goes_on_where_its_page_ended_and_dies_after_seven_days(jira):
    query = {"jql": "project = DEL order by id", "maxResults": 2}
    first = jira.searcher.answer(query)
    following = {**query, "nextPageToken": first["nextPageToken"]}
    assert [one["id"] for one in jira.searcher.answer(following)["issues"]] == ["20003", "20004"]
    with pytest.raises(BadQueryError, match="token"):
        jira.searcher.answer({**following, "jql": "project = DEL order by created"})
    jira.store.advance(timedelta(days=7, seconds=1))
    with pytest.raises(BadQueryError, match="token"):
        jira.searcher.answer(following)


def test_the_index_shows_an_edit_late_and_a_named_issue_at_once():
    with JiraSimulator(site_world(2), index_lag=timedelta(minutes=3)) as jira:
        jira.update_issue("20001", summary="Edited")
        jira.store.advance(timedelta(minutes=1))
        assert ids(jira, "updated >= -10m") == []
        assert ids(jira, "updated >= -10m", reconcileIssues=[20001]) == ["20001"]
        jira.store.advance(timedelta(minutes=3))
        assert ids(jira, "updated >= -10m") == ["20001"]


def test_more_than_fifty_issues_cannot_be_reconciled(jira):
    with pytest.raises(BadQueryError, match="50"):
        jira.searcher.answer({"jql": "project = DEL", "reconcileIssues": list(range(51))})


def test_a_moved_issue_keeps_its_id_and_answers_to_both_keys(jira):
    jira.store.add_project(type(jira.store.projects["10001"])("10002", "OPS", "Operations", "owner-1"))
    assert jira.move_issue("20001", "OPS") == "OPS-1"
    assert ids(jira, 'key = "OPS-1"') == ids(jira, 'key = "DEL-1"') == ["20001"]
    assert ids(jira, "project = DEL order by id")[:1] == ["20002"]


def test_edits_leave_the_world_as_it_was():
    world = site_world(1)
    with JiraSimulator(world) as jira:
        jira.update_issue("20001", summary="Edited")
        jira.add_comment("20001", "human-1", "Seen.")
        jira.delete_issue("20001")
    assert world.projects.issues["20001"].summary == "Issue 1 🌱"
    assert world.projects.issues["20001"].comments == []


def test_worklogs_of_the_last_minute_are_not_told(jira):
    added = jira.store.log_work("20001", "owner-1", 600)
    connector = settings_for(jira)
    assert [one for page in connector.pull("worklogs", None) for one in page.records] == []
    jira.store.advance(timedelta(minutes=2))
    assert [one.source_id for page in connector.pull("worklogs", None) for one in page.records] == [added.id]


def test_every_id_is_a_number_even_where_the_worlds_is_not():
    world = site_world()
    world.projects.issues["issue-a"] = issue(1, datetime(2026, 8, 1, tzinfo=UTC), id="issue-a")
    with JiraSimulator(world) as jira:
        (number,) = jira.store.issues
        assert number.isdecimal()
        assert jira.store.issue("issue-a").id == number
        assert jira.store.world_ids["issues"] == {number: "issue-a"}

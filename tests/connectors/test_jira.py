"""What is particular to Jira: time zones, a late index, tokens that die, issues that move, projects out of sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from connectors.errors import FixSetup, SkipStream
from connectors.jira import Jira
from connectors.jira.client import Refused
from connectors.jira.search import local_minute
from connectors.record import Op, Page, SourceRecord
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.jira.jql import BadQueryError
from partnerhub.simulator.world.projects import IssueProject
from tests.connectors.conformance.jira_rig import NOW, SEARCH, issue, settings_for, site_world


@pytest.fixture
def jira() -> Iterator[JiraSimulator]:
    with JiraSimulator(site_world(7)) as running:
        yield running


def add_project(jira: JiraSimulator, number: str, key: str) -> None:
    jira.store.add_project(IssueProject(number, key, key.title(), "owner-1"))


def records(pages: list[Page]) -> dict[str, SourceRecord]:
    return {record.source_id: record for page in pages for record in page.records}


def read(connector: Jira, stream: str, cursor=None, *, full: bool = False) -> list[Page]:
    return list(connector.pull(stream, cursor, full=full))


# ---- time


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "America/Los_Angeles", "Asia/Kolkata", "UTC"])
@pytest.mark.fault("F38")
def test_an_account_in_any_time_zone_gets_every_issue_of_the_last_hour(zone):
    world = site_world()
    for number in range(1, 61):
        at = NOW + timedelta(minutes=number)
        world.projects.issues[str(20000 + number)] = issue(number, at)
    with JiraSimulator(world, time_zone=zone) as jira:
        jira.store.advance(timedelta(hours=1, seconds=30))
        connector = settings_for(jira, page_size=50)
        done = {
            "phase": "done",
            "since": "2026-09-01T12:00:00.000000Z",
            "full_at": "2026-09-01T12:00:00.000000Z",
        }
        found = records(read(connector, "issues", done))
    assert sorted(found) == sorted(world.projects.issues)


def test_a_zone_nobody_knows_leaves_the_bound_in_minutes(jira, monkeypatch):
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.update_issue("20003", summary="Edited")
    monkeypatch.setattr("connectors.jira.search.ZoneInfo", lambda name: ZoneInfo(f"Nowhere/{name}"))
    assert sorted(records(read(connector, "issues", cursor))) == ["20003"]


def test_in_the_hour_the_clock_shows_twice_the_bound_is_the_earlier_one():
    berlin = ZoneInfo("Europe/Berlin")
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert local_minute(second_half_past_two, berlin) == "2026-10-25 01:30"
    assert local_minute(second_half_past_two + timedelta(hours=1), berlin) == "2026-10-25 03:30"


def test_every_query_has_a_bound_and_never_a_date_without_minutes_beside_it(jira, monkeypatch):
    asked = []
    answer = jira.searcher.answer
    monkeypatch.setattr(jira.searcher, "answer", lambda body: asked.append(body["jql"]) or answer(body))
    cursor = read(settings_for(jira), "issues")[-1].cursor
    read(settings_for(jira), "issues", cursor)
    assert set(asked) == {
        'created >= "1970-01-01" ORDER BY created ASC, id ASC',
        '(updated >= -16m OR updated >= "2026-09-01 13:45") ORDER BY created ASC, id ASC',
    }


# ---- the index


@pytest.mark.fault("F34")
def test_an_edit_the_index_does_not_show_yet_is_read_all_the_same(jira):
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.store.index_lag = timedelta(days=2)
    jira.store.advance(timedelta(hours=1))
    jira.update_issue("20007", summary="Edited")
    found = records(read(connector, "issues", cursor))
    assert found["20007"].payload["fields"]["summary"] == "Edited"


def test_an_issue_indexed_after_the_reading_it_belonged_to_comes_with_the_next(jira):
    jira.store.index_lag = timedelta(minutes=5)
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.store.add(issue(90, jira.store.now))
    jira.store.advance(timedelta(minutes=4))
    early = read(connector, "issues", cursor)
    jira.store.advance(timedelta(minutes=10))
    late = read(connector, "issues", early[-1].cursor)
    assert ("20090" in records(early), "20090" in records(late)) == (False, True)


def test_an_issue_read_before_the_index_knew_it_is_listed_by_the_complete_reading_too(jira):
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.store.index_lag = timedelta(days=2)
    jira.store.add(issue(90, jira.store.now))
    known = {**cursor, "recent": ["20090", *cursor["recent"]]}
    assert "20090" in records(read(connector, "issues", known, full=True))


def test_fifty_issues_at_most_are_reconciled_those_changed_last():
    with JiraSimulator(site_world(60)) as jira:
        cursor = read(settings_for(jira, page_size=25), "issues")[-1].cursor
    assert cursor["recent"] == [str(20060 - each) for each in range(50)]


def test_an_id_jira_no_longer_knows_does_not_stop_the_reading(jira, monkeypatch):
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    answer = jira.searcher.answer

    def strict(body):
        if "reconcileIssues" in body:
            raise BadQueryError("Issue does not exist.")
        return answer(body)

    monkeypatch.setattr(jira.searcher, "answer", strict)
    jira.update_issue("20002", summary="Edited")
    assert sorted(records(read(connector, "issues", cursor))) == ["20002"]


# ---- tokens


def test_an_empty_page_with_a_token_is_not_the_end(jira):
    jira.searcher.empty_first = True
    pages = read(settings_for(jira), "issues")
    assert pages[0].records == []
    assert len(records(pages)) == 7


def test_pages_shorter_than_asked_for_are_not_the_end(jira):
    jira.searcher.largest_page = 1
    assert len(records(read(settings_for(jira), "issues"))) == 7


def test_a_token_that_died_while_reading_begins_the_reading_anew(jira):
    reading = settings_for(jira).pull("issues", None)
    first = next(reading)
    jira.expire_tokens()
    rest = list(reading)
    assert len(records([first, *rest])) == 7
    assert [page.reading for page in rest] == ["full"] * len(rest)


@pytest.mark.fault("F27")
def test_a_stored_token_that_died_begins_anew_and_proves_nothing_gone(jira):
    connector = settings_for(jira)
    stored = read(connector, "issues")[1].cursor
    jira.store.advance(timedelta(days=8))
    pages = read(connector, "issues", stored)
    assert len(records(pages)) == 7
    assert {page.reading for page in pages} == {"incremental"}


def test_a_search_resumed_from_its_token_in_another_zone_begins_anew(jira):
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.store.advance(timedelta(minutes=5))
    for number in range(1, 8):
        jira.update_issue(f"2000{number}", summary="Edited")
    stored = read(connector, "issues", cursor)[0].cursor
    jira.projection.zone = ZoneInfo("America/Los_Angeles")
    assert len(records(read(settings_for(jira), "issues", stored))) == 7


def test_a_query_that_jira_refuses_for_good_is_an_error(jira):
    jira.searcher.generation = 1
    jira.faults.add(Fault("GET /rest/api/3/serverInfo", "404", times=100))
    with pytest.raises(SkipStream):
        read(settings_for(jira), "issues")
    jira.faults.clear()
    with pytest.raises(Refused):
        settings_for(jira).client().read("/rest/api/3/search/jql", {"jql": "order by key"})


# ---- what becomes of issues


def test_a_moved_issue_keeps_its_id_under_a_new_key(jira):
    add_project(jira, "10002", "OPS")
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.move_issue("20004", "OPS")
    moved = records(read(connector, "issues", cursor))["20004"]
    assert (moved.payload["key"], moved.op) == ("OPS-1", Op.UPSERT)


def test_a_deleted_issue_is_missing_from_the_complete_reading_that_comes_every_week(jira):
    connector = settings_for(jira)
    cursor = read(connector, "issues")[-1].cursor
    jira.delete_issue("20004")
    jira.store.advance(timedelta(days=6))
    before = read(connector, "issues", cursor)
    jira.store.advance(timedelta(days=1))
    after = read(connector, "issues", before[-1].cursor)
    assert [page.reading for page in before] == ["incremental"]
    assert {page.reading for page in after} == {"full"}
    assert sorted(set(records(after)) ^ set(jira.store.issues)) == []


def test_an_issue_dated_far_ahead_has_no_version_and_moves_no_cursor(jira):
    jira.store.issue("20001").updated_at = datetime(2099, 1, 1, tzinfo=UTC)
    pages = read(settings_for(jira), "issues")
    assert records(pages)["20001"].version is None
    assert records(pages)["20002"].version == "2026-08-31T12:00:02.000000Z"
    assert pages[-1].cursor["since"] == "2026-09-01T12:00:00.000000Z"


def test_projects_are_named_by_key_or_id(jira):
    add_project(jira, "10002", "AND")
    jira.store.add(issue(50, NOW, key="AND-1", project_id="10002"))
    assert sorted(records(read(settings_for(jira, projects=("10001",)), "issues"))) == sorted(
        one for one in jira.store.issues if one != "20050"
    )
    assert sorted(records(read(settings_for(jira, projects=("AND",)), "issues"))) == ["20050"]


def test_filled_custom_fields_carry_the_names_people_gave_them(jira):
    jira.update_issue("20001", partner="kestrel.example")
    found = records(read(settings_for(jira), "issues"))
    assert found["20001"].payload["names"] == {"customfield_10042": "Partner", "customfield_10019": "Rank"}


def test_chosen_fields_are_read_with_those_every_issue_needs(jira):
    found = records(read(settings_for(jira, fields=("priority",)), "issues"))["20001"]
    assert sorted(found.payload["fields"]) == [
        "created", "issuetype", "priority", "project", "status", "summary", "updated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cursor", "code"),
    [
        ({"phase": "elsewhere"}, "bad_cursor"),
        ({"phase": "done"}, "bad_cursor"),
        ({"phase": "done", "since": "2026-09-01T12:00:00.000000Z", "recent": ["x"]}, "bad_cursor"),
        (
            {
                "phase": "done",
                "since": "2099-01-01T00:00:00.000000Z",
                "full_at": "2026-09-01T12:00:00.000000Z",
            },
            "cursor_in_future",
        ),
    ],
)
def test_a_cursor_that_cannot_be_trusted_stops_the_stream(jira, cursor, code):
    with pytest.raises(FixSetup) as caught:
        read(settings_for(jira), "issues", cursor)
    assert (caught.value.code, caught.value.stream) == (code, "issues")


# ---- permissions and projects


@pytest.mark.fault("F22")
def test_a_project_out_of_sight_leaves_the_others_and_takes_nothing_for_gone(jira):
    add_project(jira, "10002", "OPS")
    jira.store.add(issue(50, NOW, key="OPS-1", project_id="10002"))
    connector = settings_for(jira, projects=("DEL", "OPS"))
    assert len(records(read(connector, "issues"))) == 8
    jira.hide_project("OPS")
    pages = read(settings_for(jira, projects=("DEL", "OPS")), "issues", full=True)
    assert len(records(pages)) == 7
    assert {page.reading for page in pages} == {"incremental"}


def test_a_chosen_project_out_of_sight_is_a_problem_of_its_own_until_it_is_seen(jira):
    found = read(settings_for(jira, projects=("DEL", "NOPE")), "projects")
    problems = [one for page in found for one in page.records if one.malformed]
    assert [(one.source_id, one.malformed) for one in problems] == [("setting:NOPE", "project_not_visible")]


def test_without_one_project_in_sight_the_streams_are_skipped(jira):
    jira.hide_project("DEL")
    with pytest.raises(SkipStream, match="Browse projects"):
        read(settings_for(jira, projects=("DEL",)), "issues")


def test_a_project_added_to_the_settings_is_read_from_its_beginning(jira):
    add_project(jira, "10002", "OPS")
    jira.store.add(issue(50, NOW - timedelta(days=90), key="OPS-1", project_id="10002"))
    cursor = read(settings_for(jira, projects=("DEL",)), "issues")[-1].cursor
    found = records(read(settings_for(jira, projects=("DEL", "OPS")), "issues", cursor))
    assert "20050" in found


def test_check_names_permissions_and_projects_that_are_missing(jira):
    jira.lacking = {"BROWSE_PROJECTS", "USER_PICKER"}
    found = settings_for(jira, projects=("DEL", "NOPE")).check()
    assert found.account == f"{jira.site} {jira.account_id}"
    assert found.missing_scopes == (
        "project permission Browse projects",
        "global permission Browse users and groups",
        "Browse projects in NOPE",
    )


def test_check_on_a_site_that_is_none_says_to_mend_the_address(jira):
    jira.faults.add(Fault("GET /rest/api/3/myself", "404", times=10))
    with pytest.raises(FixSetup, match="base_url"):
        settings_for(jira).check()


@pytest.mark.parametrize(("scope", "stream"), [("read:jira-work", "projects"), ("read:jira-user", "users")])
def test_check_names_the_scopes_a_token_needs_where_one_is_missing(jira, scope, stream):
    jira.lacking_scopes = {scope}
    with pytest.raises(FixSetup, match=scope) as caught:
        settings_for(jira).check()
    assert caught.value.code == "missing_scope"
    with pytest.raises(SkipStream, match=scope):
        read(settings_for(jira), stream)


def test_users_nobody_may_browse_skip_their_stream_only(jira):
    jira.lacking = {"USER_PICKER"}
    with pytest.raises(SkipStream):
        read(settings_for(jira), "users")
    assert len(records(read(settings_for(jira), "issues"))) == 7


def test_refused_credentials_that_jira_answers_as_a_strangers_are_refused_credentials(jira):
    jira.strangers_see_nothing = True
    with pytest.raises(FixSetup) as caught:
        read(settings_for(jira, token="wrong"), "issues")
    assert caught.value.code == "unauthorized"


# ---- the small streams


def test_projects_and_users_are_read_whole_each_time(jira):
    pages = {name: read(settings_for(jira), name) for name in ("projects", "users")}
    assert sorted(records(pages["projects"])) == ["10001"]
    kinds = Counter(one.payload["accountType"] for one in records(pages["users"]).values())
    assert kinds == {"atlassian": 1, "app": 1}
    assert [page.reading for each in pages.values() for page in each] == ["full"] * 4


def test_counts_and_links_are_given_where_jira_can(jira):
    connector = settings_for(jira)
    assert (connector.count("issues"), connector.count("users")) == (7, None)
    connector.check()
    assert connector.deep_link("issues", "20001") == f"{jira.site}/issues/?jql=id%20%3D%2020001"
    assert connector.deep_link("users", "712020:a") == f"{jira.site}/jira/people/712020%3Aa"
    assert connector.deep_link("comments", "1") is None


@pytest.mark.parametrize(
    "wrong",
    [{"base_url": "http://acme.atlassian.net"}, {"leave_out": ("sprints",)}, {"projects": ("del ivery",)}],
)
def test_settings_that_would_leak_or_do_nothing_are_refused(jira, wrong):
    with pytest.raises(ValidationError):
        settings_for(jira, **wrong)


def test_an_issue_without_an_id_is_kept_as_malformed(jira, monkeypatch):
    answer = jira.searcher.answer
    monkeypatch.setattr(
        jira.searcher,
        "answer",
        lambda body: {**answer(body), "issues": [{"key": "DEL-1"}, 7], "isLast": True},
    )
    jira.searcher.largest_page = 100
    found = [one for page in read(settings_for(jira, page_size=100), "issues") for one in page.records]
    assert [one.malformed for one in found] == ["no_id", "not_an_object"]


def test_an_unknown_stream_names_those_there_are(jira):
    with pytest.raises(FixSetup, match="issues"):
        read(settings_for(jira), "sprints")
    assert SEARCH.endswith("/search/jql")

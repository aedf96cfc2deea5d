"""What is particular to Asana: projects as units, subtasks, expiring offsets, refusals, budgets, sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.asana import Asana
from connectors.errors import FixSetup, RetryLater, SkipStream, WaitForQuota
from connectors.record import Op
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.faults import Fault
from tests.connectors.conformance.asana_rig import NOW, asana_world, project, settings_for, task

PROJECTS = (project(1), project(2, "Enablement – Osprey"))
TASKS = (
    task(1), task(2), task(3), task(4), task(5, 2),
    task(11, parent_id="1"), task(12, parent_id="1"), task(13, parent_id="1"), task(111, parent_id="11"),
)  # fmt: skip


@pytest.fixture
def asana():
    with AsanaSimulator(asana_world(*PROJECTS, tasks=TASKS)) as simulator:
        yield simulator


@pytest.fixture
def connector(asana):
    return settings_for(asana)


def read(connector, stream="tasks", cursor=None, *, full=False):
    return list(connector.pull(stream, cursor, full=full))


def ids(pages, op=Op.UPSERT):
    return {one.source_id for page in pages for one in page.records if one.op is op and not one.malformed}


def malformed(pages):
    return [(one.source_id, one.malformed) for page in pages for one in page.records if one.malformed]


# ---------------------------------------------------------------- what is read


def test_every_stream_reads_to_its_end(connector):
    counts = {one.name: len(ids(read(connector, one.name))) for one in connector.streams()}
    assert counts == {
        "workspaces": 1, "users": 3, "projects": 2, "project_memberships": 4, "sections": 4, "tasks": 9, "stories": 0,
    }  # fmt: skip


def test_subtasks_of_subtasks_are_read_after_the_pages_of_their_project(asana, connector):
    assert ids(read(connector)) == {one.id for one in TASKS}
    lists = [one for one in asana.requests if "tasks" in one]
    assert lists.index("GET /api/1.0/tasks/1/subtasks") > lists.index("GET /api/1.0/tasks") + 1


def test_fields_are_asked_for_by_name_and_nothing_else_comes(connector):
    (page, *_) = read(connector)
    assert {"name", "notes", "custom_fields", "memberships"} <= page.records[0].payload.keys()
    assert not {"workspace", "projects"} & page.records[0].payload.keys()


def test_without_custom_fields_none_are_asked_for(asana):
    pages = read(settings_for(asana, custom_fields=False))
    assert all("custom_fields" not in one.payload for page in pages for one in page.records)


def test_projects_left_out_are_neither_listed_nor_swept(asana):
    connector = settings_for(asana, leave_out_projects=("90002",))
    assert ids(read(connector, "projects")) == {"90001"}
    assert "5" not in ids(read(connector))


def test_a_task_links_to_its_page(connector):
    assert connector.deep_link("tasks", "17") == "https://app.asana.com/0/0/17/f"
    assert connector.deep_link("stories", "17") is None


# ---------------------------------------------------------------- offsets


def test_an_offset_that_expires_while_subtasks_are_read_loses_nothing(asana, connector):
    asana.offset_life_requests = 1
    assert ids(read(connector)) == {one.id for one in TASKS}


@pytest.mark.fault("F27")
def test_an_expired_offset_begins_the_list_again(asana, connector):
    pages = connector.pull("tasks", None)
    first = next(pages)
    asana.expire_offsets()
    assert ids([first, *pages]) == {one.id for one in TASKS}


def test_offsets_that_always_expire_end_as_an_error_not_as_the_end_of_the_data(asana, connector, monkeypatch):
    monkeypatch.setattr(asana.routes, "_offsets", NeverKept())
    with pytest.raises(RetryLater, match="offset_expired"):
        read(connector)


class NeverKept(dict):
    def __setitem__(self, name, offset):
        pass


# ---------------------------------------------------------------- refusals


def test_a_project_that_may_not_be_read_degrades_that_project_alone(asana, connector):
    asana.refused_projects = {"90002"}
    pages = read(connector)
    assert ids(pages) == {one.id for one in TASKS} - {"5"}
    assert malformed(pages) == [("project-90002", "project_refused")]
    assert pages[-1].reading == "incremental", "an incomplete list must not prove that the rest is gone"


def test_a_project_that_is_readable_again_takes_its_notice_away(asana, connector):
    asana.refused_projects = {"90002"}
    before = read(connector)
    asana.refused_projects = set()
    after = read(connector, cursor=before[-1].cursor)
    assert "5" in ids(after)
    assert ids(after, Op.DELETE) == {"project-90002"}


def test_one_refused_project_left_of_an_interrupted_reading_does_not_end_the_stream(asana, connector):
    asana.refused_projects = {"90002"}
    stop = next(
        page for page in connector.pull("tasks", None) if "since" in page.cursor["projects"].get("90001", {})
    )
    rest = read(connector, cursor=stop.cursor)
    assert rest[-1].last


@pytest.mark.parametrize("scope", ["tasks:read", "projects:read"])
def test_a_missing_scope_is_named_and_skips_the_stream(asana, connector, scope):
    asana.missing_scopes = {scope}
    with pytest.raises(SkipStream, match=scope) as caught:
        read(connector)
    assert caught.value.code == "missing_scope"


def test_a_plan_that_lacks_a_feature_says_what_can_be_done(asana, connector, monkeypatch):
    from partnerhub.simulator import faults

    monkeypatch.setitem(faults.STATUSES, "403", 402)
    asana.faults.add(Fault("GET /api/1.0/tasks", "403", times=10_000))
    with pytest.raises(SkipStream, match="custom_fields: false"):
        read(connector)


# ---------------------------------------------------------------- pace and budget


def test_a_run_stops_between_projects_when_its_requests_are_used_up_and_the_next_goes_on(asana):
    connector = settings_for(asana, requests_per_run=4)
    pages = []
    with pytest.raises(WaitForQuota, match="run_budget_used"):
        pages.extend(connector.pull("tasks", None))  # extend keeps what was yielded before the error
    again = read(settings_for(asana), cursor=pages[-1].cursor)
    assert ids(pages) | ids(again) == {one.id for one in TASKS}


@pytest.mark.fault("F01")
def test_asking_too_fast_waits_as_long_as_asana_says(asana, monkeypatch):
    waits = []
    connector = settings_for(asana)
    client = connector.client()
    quick = client._patience
    object.__setattr__(quick, "sleep", waits.append)
    asana.faults.add(Fault("GET /api/1.0/tasks", "429", retry_after=7))
    read(connector)
    assert waits == [7.0]


@pytest.mark.fault("F02")
def test_a_wait_of_an_hour_ends_the_stream_until_then(asana, connector):
    asana.faults.add(Fault("GET /api/1.0/tasks", "429", retry_after=3600, times=100))
    with pytest.raises(WaitForQuota) as caught:
        read(connector)
    assert caught.value.resumes_at is not None


@pytest.mark.fault("F24")
def test_requests_keep_to_the_number_allowed_a_minute(asana):
    connector = settings_for(asana, requests_per_minute=120, request_burst=1)
    waits = []
    pace = connector.client()._pace
    object.__setattr__(pace._patience, "sleep", waits.append)
    read(connector, "users")
    assert waits
    assert max(waits) <= 60 / 120 * len(asana.requests)


# ---------------------------------------------------------------- sign-in and check


def test_check_names_the_workspace_and_who_reads(asana, connector):
    found = connector.check()
    assert found.account == asana.workspace_gid
    assert found.details["user"].startswith("Ana Sommer")
    assert found.missing_scopes == ()


def test_check_names_what_is_missing(asana, connector):
    asana.missing_scopes = {"stories:read", "projects:read"}
    assert connector.check().missing_scopes == ("projects:read",)
    asana.missing_scopes = {"stories:read"}
    assert connector.check().missing_scopes == ("stories:read",)


def test_a_token_that_may_not_even_say_whose_it_is_needs_a_person(asana, connector):
    asana.missing_scopes = {"users:read"}
    with pytest.raises(FixSetup, match="users:read"):
        connector.check()


def test_several_workspaces_need_a_choice_and_are_named(asana):
    asana.further_workspaces = [{"gid": "77", "resource_type": "workspace", "name": "Side project"}]
    with pytest.raises(FixSetup, match=r"77 \(Side project\)"):
        settings_for(asana).check()
    assert settings_for(asana, workspace="Northwind").check().account == asana.workspace_gid
    assert settings_for(asana, workspace="77").check().account == "77"


def test_a_token_that_is_refused_is_told_to_be_replaced(asana):
    with pytest.raises(FixSetup, match="access token"):
        settings_for(asana, token="2/wrong").check()


def oauth(asana, **others):
    form = {name: value for name, value in asana.oauth_form.items() if name != "grant_type"}
    return settings_for(asana, token="", oauth_url=f"{asana.url}/-/oauth_token", **{**form, **others})


def test_an_access_token_that_dies_in_the_middle_is_renewed_once(asana):
    connector = oauth(asana)
    pages = connector.pull("tasks", None)
    first = next(pages)
    asana.tokens = {asana.token}
    assert ids([first, *pages]) == {one.id for one in TASKS}
    assert asana.requests.count("POST /-/oauth_token") == 2


@pytest.mark.fault("F17")
def test_a_refresh_token_that_is_revoked_needs_a_person(asana):
    with pytest.raises(FixSetup, match="refresh_refused"):
        oauth(asana, refresh_token="revoked").check()


def test_no_secret_of_the_oauth_app_shows(asana):
    connector = oauth(asana)
    connector.check()
    shown = (
        f"{connector!r} {connector.model_dump_json()} {connector.client()!r} {connector.client()._sign_in!r}"
    )
    assert [name for name in ("refresh_token", "client_secret") if asana.oauth_form[name] in shown] == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "token"),
        ({"token": "x", "client_id": "1"}, "missing"),
        ({"token": "x", "leave_out": ("goals",)}, "goals"),
        ({"token": "x", "base_url": "http://app.asana.com"}, "https"),
        ({"token": "x", "partner_pattern": "^Onboarding – (.+)$"}, "partner"),
        ({"token": "x", "partner_pattern": "("}, "regular"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(settings, word):
    with pytest.raises(ValidationError, match=word):
        Asana(**settings)


# ---------------------------------------------------------------- cursors


@pytest.mark.parametrize(
    "cursor", [{}, {"projects": []}, {"projects": {}, "done": "yesterday"}, {"phase": "list"}]
)
def test_a_cursor_of_somebody_else_is_refused(connector, cursor):
    with pytest.raises(FixSetup, match="bad_cursor"):
        read(connector, cursor=cursor)


@pytest.mark.fault("F43")
def test_a_cursor_from_the_future_is_refused_not_read_as_nothing_new(asana, connector):
    last = read(connector)[-1].cursor
    asana.store.now = NOW - timedelta(days=2)
    with pytest.raises(FixSetup, match="cursor_in_future"):
        read(connector, cursor=last)


def test_a_task_dated_2099_does_not_carry_the_cursor_away(asana, connector):
    asana.task("2").modified_at = NOW.replace(year=2099)
    pages = read(connector)
    assert {one.version for page in pages for one in page.records if one.source_id == "2"} == {None}
    asana.edit_task("3", name="Renamed")
    assert "3" in ids(read(connector, cursor=pages[-1].cursor))

"""The simulated Asana against what the real one is known to do, its own description, and its own SDK."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from connectors.asana.streams import CUSTOM_FIELDS, FIELDS
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.projects import Story
from tests.connectors.conformance.asana_rig import NOW, asana_world, project, settings_for, task
from tests.simulator.asana_schema import Description, description

COMMENT = Story("501", "owner-2", NOW - timedelta(days=3), "comment", "Waiting for their signature.")
DUE = Story(
    "502", "owner-1", NOW - timedelta(days=2), "due_date_changed", "changed the due date to September 20"
)
TASKS = (
    task(1, stories=[COMMENT, DUE], partner="kestrel.example", due=date(2026, 9, 20), assignee_id="owner-2"),
    *(task(number) for number in range(2, 8)),
    task(11, parent_id="1", completed_at=NOW - timedelta(days=1)),
)


@pytest.fixture
def asana():
    world = asana_world(project(partner="kestrel.example", due=date(2026, 12, 1)), tasks=TASKS)
    with AsanaSimulator(world) as simulator:
        yield simulator


def call(asana, path, **query):
    """One request; returns status and JSON."""
    headers = {"Authorization": f"Bearer {asana.token}"}
    found = requests.get(asana.api_url + path, params=query, headers=headers, timeout=10)
    return found.status_code, found.json()


def data(asana, path, **query):
    status, answer = call(asana, path, **query)
    assert status == HTTPStatus.OK, answer
    return answer["data"]


# ---------------------------------------------------------------- lists and fields


def test_fields_that_were_not_asked_for_are_absent(asana):
    (compact, *_) = data(asana, "/tasks", project="90001", limit=1)
    assert compact == {
        "gid": "1",
        "resource_type": "task",
        "name": "Task 1 🌱",
        "resource_subtype": "default_task",
    }
    (asked, *_) = data(
        asana, "/tasks", project="90001", limit=1, opt_fields="assignee.name,custom_fields.display_value"
    )
    assert asked["assignee"].keys() == {"gid", "resource_type", "name"}
    assert asked["custom_fields"][0].keys() == {"gid", "resource_type", "display_value"}
    assert "name" not in asked


def test_pages_follow_on_each_other_by_offset(asana):
    _, first = call(asana, "/tasks", project="90001", limit=4)
    _, second = call(asana, "/tasks", project="90001", limit=4, offset=first["next_page"]["offset"])
    assert [one["gid"] for one in first["data"] + second["data"]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert second["next_page"] is None


def test_an_offset_belongs_to_its_list_and_expires(asana):
    _, first = call(asana, "/tasks", project="90001", limit=4)
    offset = first["next_page"]["offset"]
    assert (
        call(asana, "/tasks", project="90001", limit=4, opt_fields="name", offset=offset)[0]
        == HTTPStatus.BAD_REQUEST
    )
    asana.expire_offsets()
    assert call(asana, "/tasks", project="90001", limit=4, offset=offset)[0] == HTTPStatus.BAD_REQUEST


def test_a_list_by_time_holds_neither_subtasks_nor_what_is_older(asana):
    asana.store.advance(timedelta(minutes=1))
    asana.edit_task("11", name="Renamed")
    asana.edit_task("3", name="Renamed")
    since = (NOW + timedelta(seconds=30)).isoformat()
    assert [one["gid"] for one in data(asana, "/tasks", project="90001", modified_since=since)] == ["3"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/tasks", {}, 400),
        ("/tasks", {"project": "90001", "limit": 500}, 400),
        ("/projects", {}, 400),
        ("/tasks/999", {}, 404),
        ("/projects/999/sections", {}, 404),
        ("/events", {"resource": "90001"}, 412),
    ],
)
def test_requests_asana_refuses(asana, path, query, status):
    found, answer = call(asana, path, **query)
    assert (found, bool(answer["errors"][0]["message"])) == (status, True)


def test_a_hidden_project_and_what_is_in_it_cannot_be_seen(asana):
    asana.hide_project("90001")
    assert data(asana, "/projects", workspace=asana.workspace_gid) == []
    assert call(asana, "/tasks", project="90001")[0] == HTTPStatus.FORBIDDEN
    assert call(asana, "/tasks/11")[0] == HTTPStatus.NOT_FOUND


# ---------------------------------------------------------------- events


def begin(asana, project_gid="90001"):
    return call(asana, "/events", resource=project_gid)[1]["sync"]


def test_events_of_a_project_tell_of_its_subtasks_and_their_stories(asana):
    token = begin(asana)
    story = asana.comment("11", "Done on their side")
    _, answer = call(asana, "/events", resource="90001", sync=token)
    (event,) = answer["data"]
    assert (event["action"], event["resource"]["gid"], event["parent"]["gid"]) == ("added", story, "11")
    assert (answer["has_more"], call(asana, "/events", resource="90001", sync=answer["sync"])[1]["data"]) == (
        False,
        [],
    )


def test_asking_again_with_the_same_token_gives_the_same_events_but_one_cannot_go_back(asana):
    first = begin(asana)
    asana.edit_task("3", name="Renamed")
    _, answer = call(asana, "/events", resource="90001", sync=first)
    assert call(asana, "/events", resource="90001", sync=first)[1]["data"] == answer["data"]
    call(asana, "/events", resource="90001", sync=answer["sync"])
    assert call(asana, "/events", resource="90001", sync=first)[0] == HTTPStatus.PRECONDITION_FAILED


def test_a_token_dies_after_a_day(asana):
    token = begin(asana)
    asana.store.advance(timedelta(hours=24))
    status, answer = call(asana, "/events", resource="90001", sync=token)
    assert (status, bool(answer["sync"])) == (HTTPStatus.PRECONDITION_FAILED, True)


def test_a_move_is_told_in_both_projects(asana):
    asana.add_project(project(2, "Enablement – Osprey"))
    left, entered = begin(asana), begin(asana, "90002")
    asana.move_task("3", "90002", "9000202")
    told = [
        call(asana, "/events", resource=gid, sync=token)[1]["data"]
        for gid, token in (("90001", left), ("90002", entered))
    ]
    assert [[event["action"] for event in events] for events in told] == [["removed"], ["added"]]


def test_completing_a_task_leaves_a_trace_in_its_history(asana):
    asana.complete_task("3", "owner-1")
    asana.set_due("3", date(2026, 10, 1))
    subtypes = [one["resource_subtype"] for one in data(asana, "/tasks/3/stories")]
    assert subtypes == ["marked_complete", "due_date_changed"]


def test_the_generated_world_is_served_whole_and_its_truth_is_known():
    world = generate_world(partners=20, now=NOW)
    with AsanaSimulator(world) as asana:
        connector = settings_for(asana, page_size=100)
        read = {one.source_id for page in connector.pull("tasks", None) for one in page.records}
    assert {asana.store.held.world_ids[gid] for gid in read} == set(world.projects.tasks)


# ---------------------------------------------------------------- Asana's own description


@pytest.fixture
def described(shared) -> Description:
    path: Path = shared / "specs" / "asana" / "asana_oas.yaml"
    if not path.exists():
        pytest.skip("../shared is absent: Asana's description is not part of it")
    return Description(description(path))


def requests_of_a_sync(asana, monkeypatch):
    """Every (path, query) that a first and a second sync of all streams asks for."""
    asked = []
    connector = settings_for(asana)
    once = type(connector.client())._once

    def note(self, path, query):
        asked.append((path, dict(query)))
        return once(self, path, query)

    monkeypatch.setattr(type(connector.client()), "_once", note)
    for _ in range(2):
        for stream in connector.streams():
            list(connector.pull(stream.name, None))
    connector.check()
    assert connector.described_fields("tasks")
    return asked


@pytest.mark.shared
def test_the_connector_asks_only_what_asana_describes(asana, described, monkeypatch):
    asked = requests_of_a_sync(asana, monkeypatch)
    assert len({path for path, _ in asked}) > len(FIELDS)
    strange = {(path, name) for path, query in asked for name in described.refused_query(path, query)}
    assert strange == set()


@pytest.mark.shared
def test_answers_have_the_shape_asana_describes(asana, described, monkeypatch):
    asked = requests_of_a_sync(asana, monkeypatch)
    token = begin(asana)
    asana.complete_task("3")
    asked += [
        ("/events", {"resource": "90001", "sync": token}),
        ("/tasks/1", {}),
        ("/tasks", {"project": "90001"}),
    ]
    assert len(asked) > 20
    for path, query in asked:
        status, answer = call(asana, path, **query)
        assert described.violations(path, status, answer) == [], (path, query)


@pytest.mark.shared
def test_a_wrong_answer_would_be_noticed(described):
    wrong = {"data": [{"gid": 7, "created_at": "yesterday", "text": 3}]}
    assert len(described.violations("/tasks/1/stories", 200, wrong)) == 3


@pytest.mark.shared
def test_every_custom_field_part_asked_for_is_described(described):
    query = {"opt_fields": ",".join(CUSTOM_FIELDS)}
    assert described.refused_query("/tasks", query) == []
    assert described.refused_query("/projects", {"opt_fields": "nonsense"}) == ["nonsense"]


# ---------------------------------------------------------------- Asana's own SDK


@pytest.fixture
def sdk(asana):
    module = pytest.importorskip("asana", reason="Asana's SDK is not installed; it is no dependency")
    configuration = module.Configuration()
    configuration.host, configuration.access_token = asana.api_url, asana.token
    configuration.return_page_iterator = False
    return module, module.ApiClient(configuration)


def test_the_vendors_sdk_reads_tasks_page_by_page(asana, sdk):
    module, client = sdk
    opts = {"project": "90001", "limit": 4, "opt_fields": "name,modified_at"}
    first = module.TasksApi(client).get_tasks(opts)
    second = module.TasksApi(client).get_tasks({**opts, "offset": first["next_page"]["offset"]})
    assert [one["gid"] for one in first["data"] + second["data"]] == ["1", "2", "3", "4", "5", "6", "7"]


def test_the_vendors_sdk_reads_events_when_looped_by_hand(asana, sdk):
    module, client = sdk
    with pytest.raises(module.rest.ApiException) as caught:
        module.EventsApi(client).get_events("90001", {})
    assert caught.value.status == HTTPStatus.PRECONDITION_FAILED
    token = begin(asana)
    asana.edit_task("3", name="Renamed")
    answer = module.EventsApi(client).get_events("90001", {"sync": token})
    assert [event["resource"]["gid"] for event in answer["data"]] == ["3"]

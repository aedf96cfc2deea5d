"""Tasks in no project: read for the people the settings name, each task once, with its subtasks and stories."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.record import Op
from partnerhub.simulator.asana import AsanaSimulator
from tests.connectors.conformance.asana_rig import asana_world, project, settings_for, task
from tests.connectors.test_asana import ids, malformed, read

ANA = "ana.sommer@northwind.example"
TASKS = (
    task(1, assignee_id="owner-1"), task(2, assignee_id="owner-1"), task(3, assignee_id="owner-2"),
    task(21, parent_id="2"), task(11, parent_id="1", assignee_id="owner-1"),
)  # fmt: skip
"""1 with its subtask stands in a project; 2, with a subtask of its own, and 3 will stand in none."""


@pytest.fixture
def asana():
    with AsanaSimulator(asana_world(project(), tasks=TASKS)) as simulator:
        for number in ("2", "3"):
            simulator.task(number).memberships.clear()
        yield simulator


def test_without_a_name_in_the_settings_only_tasks_of_projects_are_read(asana):
    assert ids(read(settings_for(asana))) == {"1", "11"}


def test_a_named_persons_tasks_in_no_project_are_read_once_with_their_subtasks(asana):
    pages = read(settings_for(asana, assignees=(ANA,)))
    every = [one.source_id for page in pages for one in page.records]
    assert sorted(every) == ["1", "11", "2", "21"]
    assert (pages[-1].last, pages[-1].reading) == (True, "full")


def test_only_what_changed_is_read_again_and_stories_come_with_it(asana):
    connector = settings_for(asana, assignees=(ANA,))
    tasks, stories = read(connector)[-1].cursor, read(connector, "stories")[-1].cursor
    asana.store.advance(timedelta(hours=1))
    asana.edit_task("2", name="Renamed")
    comment = asana.comment("2", "Done soon.")
    again = settings_for(asana, assignees=(ANA,))
    assert ids(read(again, cursor=tasks)) == {"2", "21"}
    assert ids(read(again, "stories", stories)) == {comment}


def test_a_deleted_one_is_missing_from_the_whole_reading_of_the_day(asana):
    connector = settings_for(asana, assignees=(ANA,))
    cursor = read(connector)[-1].cursor
    asana.delete_task("2")
    asana.store.advance(timedelta(hours=25))
    pages = read(settings_for(asana, assignees=(ANA,)), cursor=cursor)
    assert "2" not in ids(pages)
    assert pages[-1].reading == "full"


def test_somebody_asana_does_not_know_is_a_problem_of_its_own_and_proves_nothing_gone(asana):
    pages = read(settings_for(asana, assignees=("nobody@northwind.example", ANA)))
    assert malformed(pages) == [("project-assignee-nobody@northwind.example", "assignee_refused")]
    assert ids(pages) == {"1", "11", "2", "21"}
    assert pages[-1].reading == "incremental"


def test_a_person_named_rightly_ends_the_problem(asana):
    connector = settings_for(asana, assignees=("nobody@northwind.example",))
    cursor = read(connector)[-1].cursor
    asana.store.held.users[asana.user_gid]["email"] = "nobody@northwind.example"
    again = settings_for(asana, assignees=("nobody@northwind.example",))
    assert ids(read(again, cursor=cursor), Op.DELETE) == {"project-assignee-nobody@northwind.example"}


def test_check_names_a_person_that_cannot_be_read(asana):
    missing = settings_for(asana, assignees=("nobody@northwind.example",)).check().missing_scopes
    assert missing == ("tasks:read (/tasks of nobody@northwind.example)",)

"""Incremental reading of Asana: what time tells, what only events tell, and what neither does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.record import Op
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.faults import Fault
from tests.connectors.conformance.asana_rig import asana_world, project, settings_for, task

PROJECTS = (project(1), project(2, "Enablement – Osprey"))
TASKS = (task(1), task(2), task(3), task(5, 2), task(11, parent_id="1"), task(111, parent_id="11"))


@pytest.fixture
def asana():
    with AsanaSimulator(asana_world(*PROJECTS, tasks=TASKS)) as simulator:
        yield simulator


@pytest.fixture
def connector(asana):
    return settings_for(asana)


def read(connector, stream="tasks", cursor=None, *, full=False):
    return list(connector.pull(stream, cursor, full=full))


def records(pages, op=Op.UPSERT):
    return {one.source_id: one for page in pages for one in page.records if one.op is op}


class Reader:
    """Reads again and again, keeping the cursor of each stream as the hub does."""

    def __init__(self, asana, connector):
        self.asana, self.connector, self.cursors = asana, connector, {}

    def again(self, stream="tasks", *, after=timedelta(minutes=10)):
        self.asana.store.advance(after)
        pages = read(self.connector, stream, self.cursors.get(stream))
        self.cursors[stream] = next(page.cursor for page in reversed(pages) if page.cursor)
        return pages


@pytest.fixture
def reader(asana, connector):
    found = Reader(asana, connector)
    found.again("tasks")
    found.again("stories")
    found.again("tasks")
    found.again("stories")
    return found


# ---------------------------------------------------------------- tasks


def test_nothing_new_is_one_empty_page_and_a_few_requests(asana, reader):
    asana.requests.clear()
    (page,) = reader.again()
    assert (page.records, page.last, page.reading) == ([], True, "incremental")
    assert len(asana.requests) == 1 + 2 * len(PROJECTS)


def test_an_edit_arrives_alone(asana, reader):
    asana.edit_task("2", name="Renamed")
    pages = reader.again()
    assert {gid: one.payload["name"] for gid, one in records(pages).items()} == {"2": "Renamed"}


def test_a_subtask_deep_down_arrives_although_no_list_by_time_shows_it(asana, reader):
    asana.edit_task("111", name="Renamed")
    assert records(reader.again()).keys() == {"111"}


def test_a_moved_task_arrives_although_its_modification_time_stands_still(asana, reader):
    before = asana.task("2").modified_at
    asana.move_task("2", "90002", "9000202")
    assert asana.task("2").modified_at == before
    moved = records(reader.again())["2"].payload
    assert [place["section"]["name"] for place in moved["memberships"]] == ["Done"]


def test_a_deleted_task_is_deleted_at_the_time_of_its_event(asana, reader):
    asana.delete_task("3")
    gone = records(reader.again(), Op.DELETE)
    assert gone.keys() == {"3"}
    assert gone["3"].version is not None


def test_a_task_deleted_and_brought_back_is_not_deleted(asana, reader):
    asana.delete_task("3")
    asana.undelete_task("3")
    pages = reader.again()
    assert (records(pages).keys(), records(pages, Op.DELETE)) == ({"3"}, {})


def test_a_deletion_that_was_undone_untold_is_none(asana, reader):
    asana.delete_task("3")
    asana.store.lose_events(1)
    asana.undelete_task("3")
    pages = reader.again()
    assert (records(pages).keys(), records(pages, Op.DELETE)) == ({"3"}, {})


def test_a_task_that_changed_and_cannot_be_seen_any_more_is_not_visible(asana, reader):
    asana.edit_task("111", name="Renamed")
    asana.task("111").gone = True
    assert records(reader.again(), Op.NOT_VISIBLE).keys() == {"111"}


def test_more_than_a_hundred_events_are_looped_through_token_by_token(asana, reader):
    for number in range(250):
        asana.edit_task("111", name=f"Name {number}")
    asana.edit_task("11", name="Renamed last")
    asana.requests.clear()
    assert records(reader.again()).keys() == {"111", "11"}
    assert asana.requests.count("GET /api/1.0/events") == 3 + 1


def test_a_change_that_shows_late_is_found_by_reading_five_minutes_twice(asana, reader):
    late = asana.task("2")
    last_reading = datetime.fromisoformat(reader.cursors["tasks"]["done"])
    late.modified_at = last_reading - timedelta(minutes=4)
    late.body["name"] = "Renamed, seen late"
    assert records(reader.again()).keys() == {"2"}


def test_a_new_project_is_read_whole(asana, reader):
    asana.add_project(project(3, "Onboarding – Heron"))
    asana.add_task(task(31, 3))
    assert "31" in records(reader.again())


# ---------------------------------------------------------------- events that are lost


def test_an_expired_token_reads_its_project_whole_and_the_next_sync_everything(asana, reader):
    asana.delete_task("3")
    asana.expire_sync_tokens()
    first, second = reader.again(), reader.again()
    assert records(first).keys() == {"1", "2", "5", "11", "111"}
    assert {page.reading for page in first} == {"incremental"}
    assert {page.reading for page in second} == {"full"}, (
        "only a whole reading tells what was deleted meanwhile"
    )


def test_after_a_day_of_silence_everything_is_read_and_absence_proves_deletion(asana, reader):
    asana.delete_task("3")
    pages = reader.again(after=timedelta(hours=25))
    assert {page.reading for page in pages} == {"full"}
    assert "3" not in records(pages)


def test_an_event_that_was_never_delivered_is_made_good_by_the_daily_reading(asana, reader):
    asana.store.lose_events(10)
    asana.edit_task("111", name="Renamed")
    assert "111" not in records(reader.again())
    daily = reader.again(after=timedelta(hours=24))
    assert records(daily)["111"].payload["name"] == "Renamed"


def test_a_reading_cut_short_asks_for_the_same_events_again(asana, reader):
    asana.delete_task("3")
    asana.edit_task("1", name="Renamed")
    asana.edit_task("2", name="Renamed")
    asana.store.advance(timedelta(minutes=10))
    first = next(iter(reader.connector.pull("tasks", reader.cursors["tasks"])))
    assert not records([first], Op.DELETE), "the deletion is told at the end of its project"
    reader.cursors["tasks"] = first.cursor
    assert records(reader.again(), Op.DELETE).keys() == {"3"}


def test_what_changed_while_a_project_was_refused_is_found_although_no_event_told_of_it(asana, reader):
    asana.refused_projects = {"90001"}
    asana.store.advance(timedelta(minutes=10))
    asana.store.lose_events(1)
    asana.edit_task("2", name="Renamed")
    reader.again()
    asana.refused_projects = set()
    assert "2" in records(reader.again())


def test_a_project_whose_events_may_not_be_read_is_read_whole_each_time(asana, reader):
    asana.faults.add(Fault("GET /api/1.0/events", "403", times=10_000))
    assert records(reader.again()).keys() == {one.id for one in TASKS}
    assert {page.reading for page in reader.again()} == {"full"}, "its deletions are told by nothing else"


# ---------------------------------------------------------------- stories


def asked_for_stories(asana):
    return [one.split("/")[4] for one in asana.requests if one.endswith("/stories")]


def test_stories_are_asked_for_only_where_a_task_changed(asana, reader):
    said = asana.comment("2", "Waiting for their signature")
    asana.requests.clear()
    reader.again("tasks")
    assert records(reader.again("stories")).keys() == {said}
    assert asked_for_stories(asana) == ["2"]


def test_a_comment_on_a_subtask_is_found_through_events(asana, reader):
    said = asana.comment("111", "Done on their side")
    reader.again("tasks")
    assert records(reader.again("stories")).keys() == {said}


def test_a_run_that_reads_stories_alone_finds_the_changed_tasks_by_itself(asana, reader):
    said = asana.comment("111", "Done on their side")
    alone = Reader(asana, settings_for(asana))
    alone.cursors = reader.cursors
    asana.requests.clear()
    assert said in records(alone.again("stories"))
    assert asked_for_stories(asana) == ["111"]


def test_stories_missed_when_a_run_died_after_the_tasks_are_made_good(asana, reader):
    said = asana.comment("111", "Done on their side")
    reader.again("tasks")
    reader.connector = settings_for(asana)  # the process died here; what tasks knew is gone
    reader.again("tasks")
    assert said in records(reader.again("stories"))


def test_stories_of_a_reading_that_was_cut_between_two_projects_are_made_good(asana, reader):
    said = asana.comment("111", "Done on their side")
    asana.edit_task("5", name="Renamed")
    asana.add_task(task(6, 2))
    pages = reader.connector.pull("tasks", reader.cursors["tasks"])
    stop = next(page for page in pages if page.cursor["projects"]["90001"].get("read"))
    reader.cursors["tasks"] = stop.cursor
    reader.again("tasks")
    assert said in records(reader.again("stories"))


def test_a_deleted_comment_is_deleted(asana, reader):
    said = asana.comment("2", "A mistake")
    reader.again("tasks")
    reader.again("stories")
    asana.delete_story("2", said)
    reader.again("tasks")
    assert records(reader.again("stories"), Op.DELETE).keys() == {said}


# ---------------------------------------------------------------- sections, memberships, projects


@pytest.mark.parametrize("stream", ["sections", "project_memberships"])
def test_parts_of_projects_are_read_again_once_a_day_and_absence_counts(asana, reader, stream):
    reader.again(stream)
    (quiet,) = reader.again(stream)
    assert quiet.records == []
    assert {page.reading for page in reader.again(stream, after=timedelta(hours=24))} == {"full"}


def test_a_project_that_can_no_longer_be_seen_is_missing_from_a_full_reading(asana, reader):
    asana.hide_project("90002")
    pages = reader.again("projects")
    assert records(pages).keys() == {"90001"}
    assert {page.reading for page in pages} == {"full"}
    assert "5" not in records(reader.again("tasks", after=timedelta(hours=24)))

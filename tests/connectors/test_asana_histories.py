"""Whatever happens in Asana, reading change by change ends with what Asana holds, and no comment is lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.errors import SyncError
from connectors.record import Op
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.faults import Fault
from tests.connectors.conformance.asana_rig import asana_world, project, settings_for, task

pytestmark = pytest.mark.slow

PROJECTS = (project(1), project(2, "Enablement – Osprey"))
TASKS = (task(1), task(2), task(3), task(5, 2), task(11, parent_id="1"), task(111, parent_id="11"))
HARMLESS = ("rename", "comment", "complete", "move", "add", "add below", "undelete")
"""What a sync shows at once, with nothing lost."""
NASTY = ("delete", "expire tokens", "lose an event", "refuse", "allow", "die", "forget")
moves = st.tuples(st.sampled_from((*HARMLESS, *NASTY, "sync", "sync")), st.integers(0, 20))
calm = st.tuples(st.sampled_from((*HARMLESS, "sync")), st.integers(0, 20))


class Hub:
    """Applies what the connector yields as landing does: newest wins, absence from a whole reading removes."""

    def __init__(self, asana: AsanaSimulator) -> None:
        self.asana = asana
        self.connector = settings_for(asana, tries=1)
        self.cursors, self.held = {}, {"tasks": {}, "stories": {}}
        self.numbers = count(1000)

    def sync(self):
        self.asana.store.advance(timedelta(minutes=10))
        for stream in ("tasks", "stories"):
            listed, held = set(), self.held[stream]
            with suppress(SyncError):
                for page in self.connector.pull(stream, self.cursors.get(stream)):
                    self.cursors[stream] = page.cursor or self.cursors.get(stream)
                    for one in page.records:
                        listed.add(one.source_id)
                        if one.op is Op.UPSERT:
                            held[one.source_id] = one.payload
                        else:
                            held.pop(one.source_id, None)
                    if page.last and page.reading == "full":
                        self.held[stream] = {gid: held[gid] for gid in held if gid in listed}

    def happens(self, what, number):
        every = list(self.asana.store.held.tasks)
        gid = every[number % len(every)]
        if what == "sync":
            self.sync()
        elif what in NASTY and what != "delete":
            self.goes_wrong(what, number)
        elif what in {"add", "undelete"}:
            self.comes(what, gid, number)
        elif not self.asana.task(gid).gone:
            self.changes(what, gid, number)

    def changes(self, what, gid, number):
        asana = self.asana
        match what:
            case "rename":
                asana.edit_task(gid, name=f"Renamed {number}")
            case "comment":
                asana.comment(gid, "said")
            case "complete":
                asana.complete_task(gid)
            case "move" if places := asana.task(gid).memberships:
                target = "90002" if "90001" in places else "90001"
                asana.move_task(gid, target, f"{target}01")
            case "add below":
                asana.add_task(task(next(self.numbers), parent_id=gid, modified_at=asana.store.now))
            case "delete":
                asana.delete_task(gid)

    def comes(self, what, gid, number):
        known = self.asana.task(gid)
        if what == "add":
            self.asana.add_task(task(next(self.numbers), 1 + number % 2, modified_at=self.asana.store.now))
        elif known.gone and known.memberships:
            self.asana.undelete_task(gid)

    def goes_wrong(self, what, number):
        asana = self.asana
        match what:
            case "expire tokens":
                asana.expire_sync_tokens()
            case "lose an event":
                asana.store.lose_events(1)
            case "refuse":
                asana.refused_projects = {"90001"}
            case "allow":
                asana.refused_projects = set()
            case "die":
                asana.faults.add(Fault("GET /api/1.0/tasks*", "500", nth=1 + number % 5))
                self.sync()
                asana.faults.clear()
            case "forget":
                self.connector = settings_for(asana, tries=1)

    def living(self):
        held, found = self.asana.store.held, {}
        for gid, one in held.tasks.items():
            above, gone = one, False
            while above:
                gone = gone or above.gone
                above = held.tasks.get(above.parent or "")
            if not gone:
                found[gid] = one
        return found

    def is_true(self):
        living = self.living()
        assert {gid: one["name"] for gid, one in self.held["tasks"].items() if gid.isdecimal()} == {
            gid: one.body["name"] for gid, one in living.items()
        }
        places = {
            gid: {place["project"]["gid"] for place in one["memberships"]}
            for gid, one in self.held["tasks"].items()
            if gid.isdecimal()
        }
        assert places == {gid: set(one.memberships) for gid, one in living.items()}
        said = {story["gid"] for one in living.values() for story in one.stories}
        assert said <= self.held["stories"].keys()


USUAL = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@USUAL
@given(st.lists(calm, max_size=12))
@example([("comment", 5)])
@example([("move", 1), ("sync", 0), ("rename", 5), ("add below", 4)])
@pytest.mark.fault("F29")
def test_after_every_sync_the_hub_holds_what_asana_holds(history):
    with AsanaSimulator(asana_world(*PROJECTS, tasks=TASKS)) as asana:
        hub = Hub(asana)
        hub.sync()
        for what, number in history:
            hub.happens(what, number)
        hub.sync()
        hub.is_true()


@USUAL
@given(st.lists(moves, max_size=14))
@example([("sync", 0), ("delete", 2), ("expire tokens", 0), ("sync", 0)])
@example([("sync", 0), ("comment", 5), ("die", 1), ("forget", 0), ("sync", 0)])
@example([("sync", 0), ("refuse", 0), ("lose an event", 0), ("rename", 5), ("sync", 0), ("allow", 0)])
@pytest.mark.fault("F14", "F33")
def test_whatever_went_wrong_is_made_good_within_a_day(history):
    with AsanaSimulator(asana_world(*PROJECTS, tasks=TASKS)) as asana:
        hub = Hub(asana)
        for what, number in history:
            hub.happens(what, number)
        asana.refused_projects, asana.store.losing = set(), 0
        hub.sync()
        asana.store.advance(timedelta(hours=24))
        hub.sync()
        hub.is_true()

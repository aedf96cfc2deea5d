"""Whatever people do in HubSpot between syncs: reading changes ends with what reading everything shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.record import Op
from partnerhub.simulator.hubspot import HubSpotSimulator
from tests.connectors.conformance.hubspot_rig import NOW, empty_world, settings_for

EDITS = ("update", "update", "add", "archive", "restore", "merge", "wait", "sync")

edits = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 50)), max_size=20)


class Held:
    """What a hub would hold: the newest version of each live record."""

    def __init__(self, connector):
        self.connector = connector
        self.cursor = None
        self.live = {}
        self.versions = {}

    def sync(self, **how):
        for page in self.connector.pull("companies", self.cursor, **how):
            for record in page.records:
                self.take(record)
            self.cursor = page.cursor
        return self.live

    def take(self, record):
        known = self.versions.get(record.source_id)
        if record.version and known and record.version < known:
            return
        self.versions[record.source_id] = record.version
        if record.op is Op.UPSERT:
            self.live[record.source_id] = record.payload
        else:
            self.live.pop(record.source_id, None)


def edit(hubspot, what, number, held):
    """One thing a person does; nothing when there is no record to do it to."""
    store = hubspot.store
    live = [one.id for one in store.listed("companies", archived=False)]
    gone = [one.id for one in store.listed("companies", archived=True)]
    if what == "sync":
        held.sync()
    elif what == "wait":
        store.advance(timedelta(minutes=number))
    elif what == "add":
        store.add("companies", {"name": f"New {number}"})
    elif what == "restore" and gone:
        store.restore("companies", gone[number % len(gone)])
    elif what == "merge" and len(live) > 1:
        store.merge("companies", live[number % len(live)], live[(number + 1) % len(live)])
    elif what in {"update", "archive"} and live:
        change = {"update": lambda one: store.update("companies", one, name=f"N{number}")}
        change.get(what, lambda one: store.archive("companies", one))(live[number % len(live)])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(history=edits, lag=st.sampled_from((0, 1, 5)))
@pytest.mark.fault("F29")
def test_reading_changes_ends_with_what_reading_everything_shows(history, lag):
    with HubSpotSimulator(empty_world(), index_lag=timedelta(minutes=lag)) as hubspot:
        for number in range(1, 6):
            before = NOW - timedelta(days=number)
            hubspot.store.put("companies", number, {"name": "old"}, created_at=before, updated_at=before)
        held = Held(settings_for(hubspot))
        held.sync()
        for what, number in history:
            edit(hubspot, what, number, held)
        hubspot.store.advance(timedelta(minutes=lag))
        changes = held.sync()
        everything = Held(settings_for(hubspot)).sync(full=True)
    assert changes == everything

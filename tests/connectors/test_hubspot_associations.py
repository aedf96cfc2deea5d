"""Associations: one record per from-object, the same from an incremental reading as from a complete one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import RetryLater
from connectors.hubspot.associations import NONE_FOUND
from connectors.hubspot.objects import refuse_errors
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from tests.connectors.conformance.hubspot_rig import NOW, empty_world, settings_for

STREAM = "contacts_to_companies"
PAIR = ("contacts", "companies")
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def hubspot():
    """Three contacts, three companies, contact 11 at company 1."""
    with HubSpotSimulator(empty_world()) as simulator:
        for number in (1, 2, 3):
            simulator.store.put("companies", number, {}, created_at=LONG_AGO, updated_at=LONG_AGO)
            simulator.store.put("contacts", 10 + number, {}, created_at=LONG_AGO, updated_at=LONG_AGO)
        simulator.associate(PAIR, 11, 1)
        yield simulator


def read(connector, cursor=None, **how):
    """From-id → ids of its ends, and the last cursor."""
    pages = list(connector.pull(STREAM, cursor, **how))
    records = [record for page in pages for record in page.records]
    return {r.source_id: [end["id"] for end in r.payload["to"]] for r in records}, pages[-1].cursor


def test_every_from_object_has_a_record_with_its_ends(hubspot):
    assert read(settings_for(hubspot))[0] == {"11": ["1"], "12": [], "13": []}


def test_ends_carry_their_labels_and_a_stable_order(hubspot):
    hubspot.associate(PAIR, 11, 3)
    (page, *_) = settings_for(hubspot).pull(STREAM, None)
    payload = page.records[0].payload
    assert payload["from"] == {"id": "11", "type": "contacts"}
    assert [(end["id"], [kind["typeId"] for kind in end["types"]]) for end in payload["to"]] == [
        ("1", [1, 279]),
        ("3", [279]),
    ]


@pytest.mark.fault("F65")
def test_a_changed_record_gives_the_same_ends_incrementally_as_in_full(hubspot):
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    hubspot.store.update("contacts", 11, firstname="Ada")
    hubspot.dissociate(PAIR, 11, 1)
    hubspot.associate(PAIR, 11, 2)
    changed, _ = read(settings_for(hubspot), cursor)
    complete, _ = read(settings_for(hubspot), full=True)
    assert changed == {"11": ["2"]}
    assert complete == {"11": ["2"], "12": [], "13": []}


@pytest.mark.fault("F65")
def test_a_change_of_associations_alone_is_found_when_everything_is_read_again(hubspot):
    _, cursor = read(settings_for(hubspot))
    hubspot.associate(PAIR, 12, 2)
    hubspot.store.advance(timedelta(hours=1))
    hourly, cursor = read(settings_for(hubspot), cursor)
    hubspot.store.advance(timedelta(hours=30))
    daily, _ = read(settings_for(hubspot), cursor)
    assert hourly == {}
    assert daily["12"] == ["2"]


def test_without_a_refresh_interval_every_reading_is_complete(hubspot):
    connector = settings_for(hubspot, refresh_associations_hours=0)
    _, cursor = read(connector)
    hubspot.associate(PAIR, 13, 3)
    assert read(connector, cursor)[0]["13"] == ["3"]


def test_more_ends_than_one_answer_holds_are_all_read(hubspot):
    for number in range(100, 1300):
        hubspot.store.put("companies", number, {}, created_at=LONG_AGO, updated_at=LONG_AGO)
        hubspot.store.associate(PAIR, 12, number)
    assert len(read(settings_for(hubspot))[0]["12"]) == 1200


def test_a_truncated_batch_is_an_error_and_not_the_loss_of_associations(hubspot):
    hubspot.faults.add(Fault("POST /crm/v4/associations/*", "truncate", times=99))
    with pytest.raises(RetryLater):
        read(settings_for(hubspot))


@pytest.mark.fault("F65")
def test_a_batch_answered_in_part_is_an_error_and_not_the_loss_of_associations():
    with pytest.raises(RetryLater) as caught:
        refuse_errors({"results": [], "errors": [{"category": "INTERNAL_ERROR"}]}, NONE_FOUND)
    assert caught.value.code == "partial_answer"


def test_any_page_can_be_resumed_from(hubspot):
    for number in range(14, 60):
        hubspot.store.put("contacts", number, {}, created_at=LONG_AGO, updated_at=LONG_AGO)
    pages = list(settings_for(hubspot).pull(STREAM, None))
    rest, _ = read(settings_for(hubspot), pages[0].cursor)
    assert len(pages) > 1
    assert {record.source_id for record in pages[0].records} | set(rest) == {str(n) for n in range(11, 60)}

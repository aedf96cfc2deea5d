"""F31 again: a vendor that sets no number but a time gives up on what is too much at once; halves are asked instead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import RetryLater, SkipStream
from tests.faults.vendors import NOW, account, ids, served

CODES = ("QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE")


def fill(salesforce, numbers, **values):
    """More accounts, a second apart."""
    return {account(salesforce.simulator, number, **values) for number in numbers}


@pytest.fixture
def slow(salesforce):
    """An org of 40 accounts that gives up on queries that find more than eight."""
    salesforce.ids |= fill(salesforce, range(8, 41))
    salesforce.simulator.queries.most_rows = 8
    return salesforce


@pytest.mark.parametrize("code", CODES)
def test_f31_a_query_that_takes_too_long_is_asked_in_halves_until_all_is_read(hub, slow, code):
    slow.simulator.queries.too_long = code
    assert hub.states(slow) == ["complete"]
    assert hub.holds(slow) == slow.ids
    hub.settles(slow)


def test_f31_halves_cost_few_requests_and_no_wait(slow):
    connector = slow.connector(first_wait_seconds=60, page_size=8)
    assert slow.read(connector) == slow.ids
    assert served(slow.simulator, "query") < 60


def test_f31_a_complete_reading_in_halves_takes_no_record_for_deleted(hub, slow):
    hub.sync(slow)
    hub.sync(slow, full=True)
    assert set(hub.held("salesforce", "Account").values()) == {"upsert"}


def test_f31_many_changes_at_once_are_read_in_halves_too(hub, slow):
    hub.sync(slow)
    slow.simulator.store.advance(timedelta(hours=1))
    for number in range(1, 31):
        slow.simulator.store.update("Account", sorted(slow.ids)[number], Name=f"Renamed {number}")
        slow.simulator.store.advance(timedelta(seconds=1))
    (result,) = hub.sync(slow)
    assert (result.state, result.landed) == ("complete", 30)


def test_f31_a_reading_that_ended_between_two_halves_goes_on_behind_the_last_record(slow):
    pages = slow.connector().pull("Account", None)
    first = [next(pages) for _ in range(3)]
    rest = list(slow.connector().pull("Account", first[-1].cursor))
    assert sorted(ids([*first, *rest])) == sorted(slow.ids)


def test_f31_a_result_given_up_between_two_of_its_pages_costs_none(salesforce):
    fill(salesforce, range(8, 41))
    pages = salesforce.connector().pull("Account", None)
    first = next(pages)
    salesforce.simulator.queries.most_rows = 8
    assert len(set(ids([first, *pages]))) == 40


@pytest.mark.parametrize(
    ("code", "error", "state"),
    [("QUERY_TIMEOUT", RetryLater, "incomplete"), ("OPERATION_TOO_LARGE", SkipStream, "skipped")],
)
def test_f31_what_is_too_much_even_of_one_second_keeps_the_rest_and_says_what_helps(
    hub, slow, code, error, state
):
    slow.simulator.queries.too_long = code
    late = fill(slow, range(41, 61))
    slow.simulator.store.touch("Account", late, NOW - timedelta(hours=1))
    (result,) = hub.sync(slow)
    assert (result.state, isinstance(result.error, error)) == (state, True)
    assert "leave the object out" in result.error.do
    assert hub.holds(slow) == slow.ids


def test_f31_what_is_too_much_to_count_is_counted_in_parts(slow):
    assert slow.connector().count("Account") == 40
    slow.simulator.store.touch("Account", slow.ids, NOW - timedelta(hours=1))
    with pytest.raises(RetryLater):
        slow.connector().count("Account")

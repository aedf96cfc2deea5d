"""Some requests of a reading are kept: its beginning and end, what did not go well, the slowest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import SyncError
from connectors.transport import Answer, Patience, Transport, begin_sample, requests_sent, sampled
from connectors.transport.counting import FIRST, LAST, ODD, Sample, Sent

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def sent(number, outcome="200", milliseconds=10):
    return Sent(BEGAN + timedelta(seconds=number), outcome, milliseconds, 100)


def test_the_beginning_the_end_the_slowest_and_what_went_wrong_are_kept_in_order():
    sample = Sample()
    for number in range(100):
        outcome = "500" if 40 <= number < 60 else "200"
        sample.add(sent(number, outcome, 900 if number == 30 else 10), went_well=outcome == "200")
    kept = [each.at.second + 60 * each.at.minute for each in sample.kept()]
    assert kept == [0, 1, 2, 30, *range(40, 40 + ODD), 97, 98, 99]
    assert len(kept) == FIRST + LAST + ODD + 1


def test_each_try_is_kept_with_what_it_was_answered_and_never_what_was_in_it():
    answers = iter([Answer(500, {}, b"secret"), Answer(200, {}, b"hello")])
    begin_sample()
    before = requests_sent()
    told = Transport("Vendor", Patience(first_wait=0.0)).ask(
        lambda: next(answers), lambda answer: answer.body
    )
    assert told == b"hello"
    assert [(each.outcome, each.size) for each in sampled()] == [("500", 6), ("200", 5)]
    assert requests_sent() - before == 2


def test_a_request_nobody_answered_is_kept_by_what_kept_it():
    def fail():
        raise ConnectionResetError("10.0.0.1 reset by peer")

    begin_sample()
    with pytest.raises(SyncError):
        Transport("Vendor", Patience(tries=1)).ask(fail, lambda answer: answer)
    assert [each.outcome for each in sampled()] == ["ConnectionResetError"]

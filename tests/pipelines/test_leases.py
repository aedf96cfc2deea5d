"""Leases: whoever comes second waits for a derived table, and is refused at a source."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from pipelines.leases import acquire, held, release
from warehouse.database import Database
from warehouse.errors import AlreadyRunning


def test_second_holder_waits_for_the_first(database_url: str) -> None:
    database, order = Database(database_url), []

    def second() -> None:
        with held(database, "publish", timedelta(seconds=20)):
            order.append("second")

    with held(database, "publish"):
        waiting = Thread(target=second)
        waiting.start()
        waiting.join(0.6)
        order.append("first")
    waiting.join(20)
    assert order == ["first", "second"]


def test_impatient_second_holder_is_told_who_holds_it(database_url: str) -> None:
    database = Database(database_url)
    with (
        held(database, "publish"),
        pytest.raises(AlreadyRunning, match="already running since"),
        held(database, "publish", timedelta(0)),
    ):
        pass


def test_lease_given_back_is_free(database_url: str) -> None:
    with Database(database_url).session() as connection:
        first = acquire(connection, "sync:crm")
        release(connection, first)
        assert acquire(connection, "sync:crm").token == first.token + 1


@pytest.mark.fault("F77")
def test_of_two_who_find_a_lease_free_at_once_one_gets_it(database_url: str) -> None:
    database, start, outcomes = Database(database_url), Barrier(6), []

    def take() -> None:
        with database.session() as connection:
            start.wait()
            try:
                outcomes.append(acquire(connection, "publish").token)
            except AlreadyRunning:
                outcomes.append(0)

    threads = [Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 1]

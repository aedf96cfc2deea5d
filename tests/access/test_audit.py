"""The audit log: whole, or somebody is told where it is not."""

from __future__ import annotations

import pytest

from warehouse.commands.audit import Deed, append
from warehouse.database import Connection, Database
from warehouse.queries.audit import latest, verified

NOW = "2026-10-01T09:00:00.000000Z"


@pytest.fixture
def log(database_url):
    with Database(database_url).session() as connection:
        for number in range(5):
            with connection.transaction():
                append(connection, NOW, "ana", Deed("partner.merge", f"organization:{number}", {"é": number}))
        yield connection


def tampered(log: Connection, statement: str) -> int | None:
    with log.transaction():
        log.execute(statement)
    return verified(log).broken_at


def test_a_log_nobody_touched_is_whole(log):
    chain = verified(log)
    assert (chain.entries, chain.broken_at) == (5, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'eve' WHERE number = 3",
        "UPDATE audit_entry SET detail = '{}' WHERE number = 3",
        "UPDATE audit_entry SET happened_at = '2026-10-02T09:00:00.000000Z' WHERE number = 3",
        "DELETE FROM audit_entry WHERE number = 3",
    ],
)
def test_a_change_or_removal_is_found_where_it_was_made(log, statement):
    assert tampered(log, statement) == 3


def test_an_entry_rewritten_with_its_hash_breaks_the_next_one(log):
    old = latest(log, limit=5)[2]
    from warehouse.commands.audit import hash_of

    said = (old.happened_at, "eve", old.verb, old.subject, old.detail)
    with log.transaction():
        log.execute(
            "UPDATE audit_entry SET actor = 'eve', entry_hash = ? WHERE number = 3",
            (hash_of(old.previous_hash, 3, said),),
        )
    assert verified(log).broken_at == 4


def test_a_cut_end_is_noticed_by_a_hash_kept_elsewhere(log):
    kept = verified(log).newest
    with log.transaction():
        log.execute("DELETE FROM audit_entry WHERE number = 5")
    assert verified(log).broken_at is None
    assert verified(log, expected=kept).broken_at == 5


def test_an_entry_of_a_transaction_that_failed_was_never_written(log):
    def fails() -> None:
        with log.transaction():
            append(log, NOW, "ana", Deed("partner.split", "organization:1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert verified(log).entries == 5


def test_the_newest_come_first_and_go_on(log):
    first = latest(log, limit=2)
    assert [each.number for each in first] == [5, 4]
    assert [each.number for each in latest(log, before=4)] == [3, 2, 1]
    assert [each.subject for each in latest(log, subject="organization:2")] == ["organization:2"]

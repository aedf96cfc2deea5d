"""The audit log: whole, or somebody is told where it is not."""

from __future__ import annotations

import pytest

from warehouse.commands.audit import NEWEST_NAME, Deed, append
from warehouse.database import Connection, Database
from warehouse.hub_state import remember
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


def test_a_cut_end_is_noticed_where_the_log_ends(log):
    assert tampered(log, "DELETE FROM audit_entry WHERE number > 3") == 4
    assert "cut off" in verified(log).why


def test_a_cut_stays_visible_when_the_log_goes_on(log):
    tampered(log, "DELETE FROM audit_entry WHERE number > 3")
    with log.transaction():
        append(log, NOW, "ana", Deed("partner.merge", "organization:9"))
    assert (verified(log).broken_at, verified(log).why) == (4, "entry 4 is missing")


def test_a_log_that_was_emptied_is_noticed(log):
    assert tampered(log, "DELETE FROM audit_entry") == 1


def test_an_entry_that_was_put_in_behind_the_end_by_hand_is_found(log):
    statement = (
        "INSERT INTO audit_entry (number, happened_at, actor, verb, subject, detail, previous_hash, entry_hash)"
        " SELECT 6, happened_at, 'eve', verb, subject, detail, entry_hash, entry_hash FROM audit_entry"
        " WHERE number = 5"
    )
    assert tampered(log, statement) == 6


def test_an_end_cut_by_who_knows_the_hub_is_noticed_by_a_hash_kept_elsewhere(log):
    kept, before = verified(log).newest, latest(log, limit=2)[1]
    with log.transaction():
        log.execute("DELETE FROM audit_entry WHERE number = 5")
        remember(log, NEWEST_NAME, f"4 {before.entry_hash}")
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

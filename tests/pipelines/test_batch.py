"""A batch of changes: it reads what it touches, and comes to what a full run comes to."""

from __future__ import annotations

import re
from contextlib import contextmanager
from random import Random

import pytest

from pipelines.resolve import assign_organizations, propose
from tests.pipelines.test_resolve import NOW, links, organization, pairs, resolve, stage, world_rows
from warehouse.database import Database

PERMANENT = frozenset(
    {
        "key", "match_edge", "organization_link", "identity_event", "identity_review", "redirect",
        "staged_organization", "staged_relation",
    }
)  # fmt: skip
"""Tables that grow with the base. Decisions are few, and what waits is the batch itself."""
ALMOST = 0.01
"""Share of pairs that may differ: a value that became rarer weighs more only for pairs that change themselves."""
GONE = "UPDATE staged_organization SET deleted_at = '2026-01-01T00:00:00.000000Z' WHERE record = ?"
WAITS = "INSERT INTO pending (record, kind) VALUES (?, 'organization') ON CONFLICT DO NOTHING"


class Same:
    """A database whose every session is one connection, which can be listened to."""

    def __init__(self, connection):
        self.connection = connection

    @contextmanager
    def session(self):
        yield self.connection


@contextmanager
def statements(connection):
    """What is run meanwhile."""
    run = []
    connection.raw.set_trace_callback(run.append)
    yield run
    connection.raw.set_trace_callback(None)


def read_whole(connection, statement):
    """The tables a statement reads from one end to the other."""
    plan = [row[3] for row in connection.query(f"EXPLAIN QUERY PLAN {statement}")]
    scanned = {found[1] for line in plan if (found := re.match(r"SCAN (\w+)", line))}
    called = {
        alias: name for name, alias in re.findall(r"\b(\w+)(?= (\w+)\b)", statement) if name in PERMANENT
    }
    return {called.get(each, each) for each in scanned} & PERMANENT


def test_a_batch_reads_no_table_whole(sqlite_url):
    database = Database(sqlite_url)
    with database.session() as connection:
        stage(connection, world_rows(8, 40)[1])
        resolve(database, connection)
        changed = {row[0] for row in connection.query("SELECT record FROM staged_organization LIMIT 3")}
        stage(connection, [organization(r, name="Nordlicht", website="nordlicht.example") for r in changed])
        with statements(connection) as run:
            propose(Same(connection), "run", NOW.format(2))
            with connection.transaction():
                assign_organizations(connection, changed, "run", NOW.format(2))
        asked = {one for one in run if re.match(r"\s*(SELECT|UPDATE|DELETE)", one)}
        whole = {one: tables for one in asked if (tables := read_whole(connection, one))}
    assert len(asked) > 20
    assert whole == {}


def change(connection, draw, rows):
    """Some of the rows come anew, some as others were, some are deleted."""
    records = [row["record"] for row in rows]
    for row in draw.sample(rows, len(rows) // 10):
        like = draw.choice(rows)
        stage(connection, [{**like, "record": row["record"], "source": row["source"]}])
    with connection.transaction():
        for record in draw.sample(records, len(rows) // 20):
            connection.execute(GONE, (record,))
            connection.execute(WAITS, (record,))


def living(connection):
    gone = {
        row[0]
        for row in connection.query("SELECT record FROM staged_organization WHERE deleted_at IS NOT NULL")
    }
    return pairs({record: entity for record, entity in links(connection).items() if record not in gone})


@pytest.mark.parametrize("seed", range(4))
def test_batches_of_changes_come_to_what_a_full_run_over_the_last_state_comes_to(sqlite_url, tmp_path, seed):
    _, rows, _, _ = world_rows(seed, 60)
    draw, database = Random(seed), Database(sqlite_url)
    with database.session() as connection:
        for part in (rows[::2], rows[1::4], rows[3::4]):
            stage(connection, part)
            resolve(database, connection)
            change(connection, draw, part)
            resolve(database, connection)
        step_by_step = living(connection)
        connection.execute("VACUUM INTO ?", (str(tmp_path / "fresh.db"),))
    fresh = Database(f"sqlite:///{tmp_path}/fresh.db")
    with fresh.session() as connection:
        with connection.transaction():
            for table in ("organization_link", "identity_event", "redirect", "identity_review", "match_edge"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM key WHERE kind = 'block'")
            connection.execute("INSERT INTO pending SELECT record, 'organization' FROM staged_organization")
        resolve(fresh, connection)
        at_once = living(connection)
    assert len(step_by_step) > 30
    assert len(step_by_step ^ at_once) <= ALMOST * len(at_once)

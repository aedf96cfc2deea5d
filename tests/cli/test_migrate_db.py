"""`partnerhub migrate-db`: what it shows, what to do next, and never the password."""

from __future__ import annotations

import json

import pytest

from warehouse.database import Database

pytestmark = pytest.mark.postgres

PASSWORD = "hunter2-and-more"
RUN = (
    "INSERT INTO sync_run (run_id, started_at, trigger, state)"
    " VALUES ('first', '2026-10-01T09:00:00.000000Z', 'cli', 'complete')"
)


@pytest.fixture
def to(configured, postgres_url):
    """An empty database, named with its password; the hub has one row."""
    with Database(f"sqlite:///{configured}/warehouse.db").session() as connection:
        connection.execute(RUN)
    return postgres_url.replace("postgres@", f"postgres:{PASSWORD}@")


def test_it_shows_what_came_over_and_what_to_write_without_the_password(run, to):
    said = run("migrate-db", "--to", to)
    assert said.code == 0
    assert "sync_run" in said.out
    assert "Write `warehouse: postgresql://postgres:${PARTNERHUB_DB_PASSWORD}@127.0.0.1" in said.out
    assert PASSWORD not in said.out + said.err


def test_an_address_given_by_reference_is_told_as_it_was_given(run, to, monkeypatch):
    monkeypatch.setenv("NEW_WAREHOUSE", to)
    told = json.loads(run("migrate-db", "--to", "${NEW_WAREHOUSE}", "--json").out)
    assert (told["to"], told["rows"] > 0) == ("${NEW_WAREHOUSE}", True)


@pytest.mark.parametrize("wrong", ["nobody answers", "a hub is there", "no reference", "a mistake of ours"])
def test_no_refusal_shows_the_password(run, to, wrong, monkeypatch):
    if wrong == "a hub is there":
        with Database(to).session() as connection:
            connection.execute(RUN)
    if wrong == "a mistake of ours":
        monkeypatch.setattr("warehouse.moving.move", lambda *_: 1 / 0)
        monkeypatch.setattr("sys.argv", ["partnerhub", "migrate-db", "--to", to])
    given = {
        "nobody answers": to.replace("127.0.0.1", "127.0.0.2"),
        "no reference": f"{to}/${{NOBODY_SET_THIS}}",
    }
    said = run("migrate-db", "--to", given.get(wrong, to))
    assert said.code != 0
    assert said.err
    assert PASSWORD not in said.out + said.err

"""Who publishes between another sync's staging and comparing takes no organization that was not compared."""

from __future__ import annotations

import pytest

from pipelines.golden.acting import act
from pipelines.golden.publish import publish
from pipelines.resolve import propose
from pipelines.stage.engine import stage_pending
from tests.pipelines.engine import Engine
from tests.pipelines.test_decisions import ONE, OTHER, source, together
from tests.pipelines.test_promises import engine_at
from warehouse.commands.pin import pin_value


@pytest.fixture
def engine(database_url: str) -> Engine:
    """One organization is published; its double has landed and is staged, and not compared yet."""
    engine = engine_at(database_url)
    engine.sync([source("crm", "1")])
    engine.land([source("list", "1")])
    stage_pending(engine.database, engine.staging, engine.run_id, engine.now)
    return engine


def compare_and_publish(engine: Engine) -> None:
    propose(engine.database, engine.run_id, engine.now)
    publish(engine.database, engine.publishing, engine.run_id, engine.now)


def test_publication_of_another_sync_leaves_the_uncompared_waiting(engine: Engine) -> None:
    publish(engine.database, engine.publishing, "another-run", engine.now)
    assert engine.query("SELECT 1 FROM organization_link WHERE record = ?", [OTHER]) == []
    compare_and_publish(engine)
    assert together(engine, ONE, OTHER)


def test_act_of_a_person_shows_at_once_and_takes_nothing_uncompared(engine: Engine) -> None:
    (found,) = engine.query("SELECT organization_id FROM organization_link WHERE record = ?", [ONE])
    act(
        engine.database, engine.publishing, "an-act", engine.now,
        lambda inside: pin_value(inside, found[0], "name", "Kestrel", actor="ann", now=engine.now),
        lambda *_: None,
    )  # fmt: skip
    assert engine.query("SELECT name FROM organization") == [("Kestrel",)]
    compare_and_publish(engine)
    assert together(engine, ONE, OTHER)


def test_comparing_ends_the_waiting_and_is_noted_once(engine: Engine) -> None:
    compare_and_publish(engine)
    assert engine.query("SELECT 1 FROM hub_state WHERE name = 'uncompared'") == []
    assert engine.query("SELECT 1 FROM pending") == []

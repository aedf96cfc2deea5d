"""A deck that only names somebody: it joins the one partner of that name, and mints nothing while there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import load_config
from pipelines.settings import publish_settings, stage_settings
from tests.connectors.deck_files import deck, text_shape
from tests.pipelines.engine import Engine
from warehouse.database import Database

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
warehouse: sqlite:///warehouse.db
sources:
  list: {{connector: sheets, path: partners.csv}}
  decks: {{connector: decks, url: "file://{folder}/decks"}}
partners:
  - source: list
"""
TITLE = text_shape("Brightwater Energy: quarterly review Q3 2026", "Title 1", "title")
LINKED = "SELECT count(*) FROM organization_link WHERE record LIKE 'decks/%' AND ended_at IS NULL"
ON_TIMELINE = (
    "SELECT count(*) FROM timeline t JOIN fact_source s USING (fact_id) WHERE s.record LIKE 'decks/%'"
)


@pytest.fixture
def hub(tmp_path: Path, sqlite_url: str) -> Any:
    """A deck titled with a name; call with the rows of the partner list, again for a later sync."""
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "q3.pptx").write_bytes(deck(TITLE, text_shape("Tier: Gold")))
    (tmp_path / "partnerhub.yaml").write_text(CONFIG.format(folder=tmp_path))
    config = load_config(tmp_path / "partnerhub.yaml")
    engine = Engine(Database(sqlite_url), stage_settings(config), publish_settings(config))

    def synced(*rows: str) -> Engine:
        (tmp_path / "partners.csv").write_text("\n".join(["Company,Website,City", *rows, ""]))
        engine.sync([config.connector(name) for name in config.sources])
        return engine

    return synced


def counted(engine: Engine, statement: str) -> int:
    ((count,),) = engine.query(statement)
    return int(count)


def test_a_name_nobody_has_mints_nothing_and_waits(hub: Any) -> None:
    engine = hub("Stonegate Foods,stonegate.example,Leeds")
    assert counted(engine, "SELECT count(*) FROM staged_organization WHERE record LIKE 'decks/%'") == 1
    assert counted(engine, "SELECT count(*) FROM organization") == 1
    assert (counted(engine, LINKED), counted(engine, ON_TIMELINE)) == (0, 0)
    assert engine.broken_rules() == {}


def test_the_partner_who_comes_later_gets_what_waited(hub: Any) -> None:
    hub("Stonegate Foods,stonegate.example,Leeds")
    engine = hub("Stonegate Foods,stonegate.example,Leeds", "Brightwater Energy,brightwater.example,York")
    assert counted(engine, "SELECT count(*) FROM organization") == 2
    assert (counted(engine, LINKED), counted(engine, ON_TIMELINE)) == (1, 1)


def test_a_name_that_two_partners_bear_joins_neither(hub: Any) -> None:
    engine = hub("Brightwater Energy,york.example,York", "Brightwater Energy,lisbon.example,Lisbon")
    assert counted(engine, "SELECT count(*) FROM organization") == 2
    assert (counted(engine, LINKED), counted(engine, ON_TIMELINE)) == (0, 0)


def test_what_joined_keeps_its_id_when_a_second_partner_of_that_name_comes(hub: Any) -> None:
    hub("Brightwater Energy,york.example,York")
    engine = hub("Brightwater Energy,york.example,York", "Brightwater Energy,lisbon.example,Lisbon")
    assert counted(engine, LINKED) == 1
    assert engine.broken_rules() == {}

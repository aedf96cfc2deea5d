"""A deck beside a partner list: it joins the partner it names, disagrees visibly, and never wins."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import load_config
from pipelines.settings import publish_settings, stage_settings
from tests.connectors.deck_files import deck, text_shape
from tests.pipelines.engine import Engine
from warehouse.database import Database
from warehouse.queries import record
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
warehouse: sqlite:///warehouse.db
sources:
  list: {{connector: sheets, path: partners.csv}}
  decks: {{connector: decks, url: "file://{folder}/decks"{more}}}
partners:
  - source: list
"""
TITLE = text_shape("Brightwater Energy: quarterly review Q3 2026", "Title 1", "title")


@pytest.fixture
def hub(tmp_path: Path, sqlite_url: str) -> Any:
    """A list that says Silver and a newer deck that says Gold; call it with more settings of the deck's source."""

    def synced(more: str = "") -> Engine:
        (tmp_path / "partners.csv").write_text(
            "Company,Website,Tier\nBrightwater Energy,brightwater.example,Silver\n"
        )
        (tmp_path / "decks").mkdir()
        content = deck(
            TITLE + text_shape("brightwater.example", "Box 2"), text_shape("Tier: Gold; ARR $480k")
        )
        (tmp_path / "decks" / "q3.pptx").write_bytes(content)
        os.utime(tmp_path / "decks" / "q3.pptx", (4_000_000_000, 4_000_000_000))
        (tmp_path / "partnerhub.yaml").write_text(CONFIG.format(folder=tmp_path, more=more))
        config = load_config(tmp_path / "partnerhub.yaml")
        engine = Engine(Database(sqlite_url), stage_settings(config), publish_settings(config))
        engine.sync([config.connector(name) for name in config.sources])
        return engine

    return synced


def golden(engine: Engine, field: str) -> tuple[Any, ...]:
    """Value, the source it is from, and what others say."""
    ((value, record, others),) = engine.query(
        f"SELECT value, record, others_json FROM golden_value WHERE field = '{field}'"
    )
    return value, record.partition("/")[0], [each["value"] for each in json.loads(others or "[]")]


def test_a_deck_joins_the_partner_it_names_and_ranks_below_the_list_although_it_is_newer(hub: Any) -> None:
    engine = hub()
    assert engine.query("SELECT count(*) FROM organization") == [(1,)]
    assert golden(engine, "tier") == ("Silver", "list", ["Gold"])


def test_what_only_the_deck_says_is_published_with_its_slide(hub: Any) -> None:
    engine = hub()
    assert golden(engine, "annual_value_minor")[:2] == ("48000000", "decks")
    ((custom,),) = engine.query("SELECT custom_json FROM staged_document")
    cited = json.loads(custom)["said"]["annual_value"]
    assert (cited["slide"], cited["place"]) == (2, "slide 2 / Box")
    assert engine.query(f"SELECT text FROM staged_passage WHERE record = '{cited['passage']}'") == [
        ("Tier: Gold; ARR $480k",)
    ]


def test_the_page_says_on_which_slide_a_value_and_one_that_says_otherwise_stand(hub: Any) -> None:
    engine = hub()
    ((organization,),) = engine.query("SELECT organization_id FROM organization")
    with engine.database.session() as connection:
        found = {each.field: each for each in record.values(OPERATOR, connection, organization)}
    here = "slide 2 of “Brightwater Energy: quarterly review Q3 2026”"
    assert found["annual_value_minor"].place == here
    assert [other.place for other in found["tier"].others] == [here]
    assert found["tier"].place is None


def test_a_priority_in_the_configuration_raises_decks(hub: Any) -> None:
    assert golden(hub(", priority: 5"), "tier") == ("Gold", "decks", ["Silver"])


def test_the_deck_stands_on_the_timeline_of_its_partner(hub: Any) -> None:
    engine = hub()
    ((organization,),) = engine.query("SELECT organization_id FROM organization")
    linked = engine.query(
        "SELECT f.title FROM fact f JOIN timeline t ON t.fact_id = f.fact_id"
        f" WHERE f.kind = 'document' AND t.organization_id = '{organization}'"
    )
    assert linked == [("Brightwater Energy: quarterly review Q3 2026",)]

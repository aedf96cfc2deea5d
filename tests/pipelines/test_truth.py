"""What the hub concludes about a generated company agrees with what is true of it, for four different companies."""

from __future__ import annotations

from contextlib import chdir
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest

from partnerhub.cli.demo_match import score_warehouse
from partnerhub.config import load_config
from partnerhub.simulator.runner import CRM_SOURCE, SHEET_SOURCE, Simulator
from partnerhub.simulator.world.generate import DEFAULT_PARTNERS, DEFAULT_SEED, generate_world
from partnerhub.simulator.world.story import place_story
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine, Synced
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from partnerhub.simulator.truth import Score
    from partnerhub.simulator.world.model import World

WORLDS = [(DEFAULT_SEED, DEFAULT_PARTNERS), (2, 120), (3, 120), (5, 120)]
STORY_TOLD_IN = WORLDS[:1]
NOW = datetime(2026, 10, 1, tzinfo=UTC)

pytestmark = pytest.mark.slow


class Judged(NamedTuple):
    """A world, what one sync of it did, and how right the outcome is."""

    world: World
    engine: Engine
    synced: Synced
    score: Score


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"seed {world[0]}")
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder, world = tmp_path_factory.mktemp("world"), generate_world(*request.param, NOW)
    if request.param in STORY_TOLD_IN:
        place_story(world)
    with Simulator(world, folder) as simulator, chdir(folder):
        config = load_config(simulator.write_config(f"sqlite:///{folder}/warehouse.db"))
        migrate(config.warehouse_url)
        engine = Engine.of(config)
        synced = engine.sync(config.connector(name) for name in config.sources)
    with engine.database.session() as connection:
        others = simulator.other_sources()
        found = score_warehouse(connection, world, SHEET_SOURCE, CRM_SOURCE, others)
    return Judged(world, engine, synced, found)


def test_every_stream_is_complete_and_every_rule_holds(judged: Judged) -> None:
    assert {stream.state for stream in judged.synced.streams} == {"complete"}
    assert judged.engine.broken_rules() == {}


def test_records_of_partners_are_joined_rightly_and_hardly_one_is_missed(judged: Judged) -> None:
    assert judged.score.pair_precision >= 0.99, judged.score.wrong_pairs[:5]
    assert judged.score.pair_recall >= 0.95, judged.score.missed_pairs[:5]


def test_facts_hang_on_whom_they_concern(judged: Judged) -> None:
    assert judged.score.facts_right_share >= 0.98, judged.score.wrong_facts[:5]
    assert judged.score.unattached_share <= 0.05, judged.score.unattached_facts[:5]
    assert judged.score.facts_right > len(judged.world.mails) / 10


def test_only_partners_are_on_the_partner_list(judged: Judged) -> None:
    assert judged.score.list_violations == []
    assert len(judged.score.partners_missing) <= len(judged.world.orgs) * 0.01


def test_mail_and_its_copy_in_the_crm_are_one_fact(judged: Judged) -> None:
    assert judged.score.same_facts > 20
    assert judged.score.same_facts_share >= 0.98, judged.score.split_facts[:5]


def test_what_is_seen_in_several_tools_is_one_thing(judged: Judged) -> None:
    assert judged.score.people.true_pairs > 20
    assert judged.score.people.precision == 1, judged.score.people.wrong[:5]
    assert judged.score.people.recall >= 0.98, judged.score.people.missed[:5]
    assert judged.score.wrongly_one == []
    assert judged.score.colleagues.true_pairs > 20
    assert judged.score.colleagues.meets_goal(), judged.score.colleagues


def test_candidates_are_the_unknown_domains_that_talk_with_us(judged: Judged) -> None:
    assert judged.score.candidates_right > 10
    assert judged.score.candidates_missed == []
    # Nobody can know that a domain nobody entered is a partner's second one.
    assert len(judged.score.candidates_wrong) <= judged.score.candidates_right * 0.05


OFFICE = {"phone": "+48 58 595 56 38", "street": "ul. Ogrodowa 32", "city": "Gdansk", "country": "PL"}


def test_two_companies_in_one_office_stay_two_although_a_copy_names_no_website(sqlite_url: str) -> None:
    centrum = "Centrum Rozwoju Cyfrowego Sosnopole S.A."
    given = [
        record("1", name=centrum, website="sosnopole.pl", **OFFICE),
        record("2", name=centrum, **OFFICE),
        record("3", name="Sosnowola Logistyka Sp. z o.o.", website="sosnowola.pl", **OFFICE),
    ]
    engine = Engine(Database(sqlite_url), StageSettings({"crm": SourceRules("sheets")}, default_region="PL"))
    engine.sync([ScriptedConnector(source="crm").plays(THINGS, pages(page(*given)))])
    assert engine.query("SELECT count(*) FROM organization") == [(2,)]

"""The story read through all seven tools: who is one, what is true, and what the hub says needs somebody."""

from __future__ import annotations

import json
from contextlib import chdir
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine
from fastapi.testclient import TestClient

from partnerhub.config import load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.story import place_story
from partnerhub.web.app import create_app
from pipelines.settings import signal_settings
from pipelines.signals.evaluate import evaluate
from tests.pipelines.engine import Engine
from warehouse.queries import signals as queries
from warehouse.schema import migrate

if TYPE_CHECKING:
    from partnerhub.simulator.world.model import Org
    from partnerhub.simulator.world.story import Cast

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


class Told(NamedTuple):
    """The cast, and the warehouse of a hub that read everything."""

    cast: Cast
    engine: Engine

    def hub_id(self, record: str) -> str:
        """The hub's organization behind a source record."""
        ((found,),) = self.engine.query(
            f"SELECT organization_id FROM organization_link WHERE record = '{record}' AND ended_at IS NULL"
        )
        return str(found)

    def of(self, org: Org) -> set[str]:
        """The hub's organizations behind every record of a world organization: one, when all is well."""
        rows = self.engine.query(
            "SELECT DISTINCT l.organization_id FROM organization_link l JOIN staged_organization s"
            f" ON s.record = l.record WHERE l.ended_at IS NULL AND s.name IN ({self.names(org)})"
        )
        return {str(found) for (found,) in rows}

    def names(self, org: Org) -> str:
        names = SPELLINGS.get(org.name, (org.name,))
        return ", ".join(f"'{name}'" for name in names)

    def signals(self, org: Org, rule: str) -> list[dict[str, Any]]:
        """What the hub found by a rule."""
        (hub_id,) = self.of(org)
        with self.engine.database.session() as connection:
            return [each for each in queries.signals(connection, hub_id) if each["rule"] == rule]


SPELLINGS = {
    "Brightwater Energy": ("Brightwater Energy", "BrightWater"),
    "Müller Logistik GmbH": ("Müller Logistik GmbH", "Mueller Logistik", "Mueller Logistik GmbH"),
    "Halden Stiftung": ("Halden Stiftung", "Halden Foundation"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder, world = tmp_path_factory.mktemp("story"), generate_world(1, 20, NOW)
    cast = place_story(world)
    with time_machine.travel(NOW, tick=True), Simulator(world, folder) as simulator, chdir(folder):
        config = load_config(simulator.write_config(f"sqlite:///{folder}/warehouse.db"))
        migrate(config.warehouse_url)
        engine = Engine.of(config)
        synced = engine.sync(config.connector(name) for name in config.sources)
        assert {stream.state for stream in synced.streams} == {"complete"}
        evaluate(engine.database, signal_settings(config), "2026-10-01T09:00:00.000000Z")
    return Told(cast, engine)


# ---------------------------------------------------------------- Brightwater


def test_brightwater_is_one_partner_across_its_tools(told: Told) -> None:
    assert len(told.of(told.cast.brightwater.org)) == 1


def test_the_stale_renewal_shows_with_the_days_it_stood_still(told: Told) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "stale_stage")
    assert "“Negotiation”" in found["sentence"]
    assert "97 days" in found["sentence"]


def test_the_deck_contradicts_the_crm_with_its_slide_cited(told: Told) -> None:
    found = told.signals(told.cast.brightwater.org, "contradiction")
    said = {each["subject"]: each for each in found}
    assert {"tier", "annual_value_minor"} <= said.keys()
    assert "480,000.00 USD" in said["annual_value_minor"]["sentence"]
    assert "310,000.00 USD" in said["annual_value_minor"]["sentence"]
    quotes = {one["quote"] for one in said["tier"]["evidence"]}
    assert quotes == {"Tier: Gold", "Tier: Silver", "Tier: Bronze"}
    assert any("slide 2" in (one.get("place") or "") for one in said["tier"]["evidence"])


def test_maya_is_leaving_and_her_address_bounces(told: Told) -> None:
    sentences = [each["sentence"] for each in told.signals(told.cast.brightwater.org, "person_left")]
    maya = next(sentence for sentence in sentences if "Maya Lindholm" in sentence)
    assert "leaving" in maya
    assert "comes back" in maya
    assert any("Dana Whitlock" in sentence and "no longer active" in sentence for sentence in sentences)


def test_the_pause_is_unanswered_for_12_days(told: Told) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "unanswered")
    assert "12 days" in found["sentence"]
    assert found["level"] == "urgent"


def test_the_blocker_is_overdue_and_urgent(told: Told) -> None:
    found = told.signals(told.cast.brightwater.org, "overdue")
    blocker = next(each for each in found if "Blocker" in each["sentence"])
    assert "9 days overdue" in blocker["sentence"]
    assert blocker["level"] == "urgent"


def test_the_promise_of_training_is_on_the_timeline_and_in_no_work_item(told: Told) -> None:
    (hub_id,) = told.of(told.cast.brightwater.org)
    rows = told.engine.query(
        "SELECT count(*) FROM timeline t JOIN fact_source f ON f.fact_id = t.fact_id JOIN staged_touchpoint s"
        f" ON s.record = f.record WHERE t.organization_id = '{hub_id}' AND s.text LIKE '%train your six field%'"
    )
    assert rows[0][0] >= 1
    work = told.engine.query(
        "SELECT s.title FROM timeline t JOIN fact_source f ON f.fact_id = t.fact_id JOIN staged_work_item s"
        f" ON s.record = f.record WHERE t.organization_id = '{hub_id}'"
    )
    assert len(work) >= 5
    assert not [title for (title,) in work if "train" in title.lower()]


# ---------------------------------------------------------------- who is who


def test_mueller_is_one_and_muller_in_leeds_another_that_is_no_partner(told: Told) -> None:
    kassel, leeds = told.of(told.cast.lookalikes.mueller), told.of(told.cast.lookalikes.muller_leeds)
    assert len(kassel) == len(leeds) == 1
    assert kassel != leeds
    partners = {found for (found,) in told.engine.query("SELECT organization_id FROM partnership")}
    assert kassel <= partners
    assert not leeds & partners


def test_the_foundation_is_a_partner_and_the_company_is_not(told: Told) -> None:
    foundation, company = told.of(told.cast.lookalikes.foundation), told.of(told.cast.lookalikes.halden)
    assert len(foundation) == len(company) == 1
    partners = {found for (found,) in told.engine.query("SELECT organization_id FROM partnership")}
    assert foundation <= partners
    assert not company & partners


def test_the_consultants_free_mail_reaches_her_page(told: Told) -> None:
    (hub_id,) = told.of(told.cast.lookalikes.consultant)
    rows = told.engine.query(
        f"SELECT count(*) FROM timeline WHERE organization_id = '{hub_id}' AND kind = 'email'"
    )
    assert rows == [(2,)]


def test_the_partner_that_is_only_a_contact_is_a_candidate(told: Told) -> None:
    domain = told.cast.lookalikes.contact_only.domains[0]
    assert told.engine.query(f"SELECT inbound, outbound FROM candidate WHERE domain = '{domain}'") == [(2, 1)]


# ---------------------------------------------------------------- who left


def test_all_14_partners_of_the_manager_say_that_she_left(told: Told) -> None:
    orgs = [told.cast.brightwater.org, *told.cast.departed.partners]
    for org in orgs:
        left = told.signals(org, "person_left")
        assert any("Dana Whitlock" in each["sentence"] for each in left), org.name
    assert len(orgs) == 14


def test_the_damaged_deck_is_kept_with_its_reason(told: Told) -> None:
    rows = told.engine.query("SELECT source_id, code FROM sync_error WHERE source = 'decks'")
    assert len(rows) >= 4, json.dumps(rows)
    codes = {code for _, code in rows}
    assert len(codes) >= 3, codes


def test_every_partner_has_a_page(told: Told) -> None:
    partners = told.engine.query("SELECT DISTINCT organization_id FROM partnership")
    with TestClient(create_app(told.engine.database.url), base_url="http://127.0.0.1") as client:
        answers = {row[0]: client.get(f"/partners/{row[0]}").status_code for row in partners}
    assert len(answers) > 20
    assert {each for each in answers if answers[each] != 200} == set()

"""The story read through all seven tools: who is one, what is true, and what the hub says needs somebody."""

from __future__ import annotations

import json
from contextlib import chdir
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine

from partnerhub.cli.demo_cards import headline
from partnerhub.config import load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.story import place_story
from pipelines.settings import signal_settings
from pipelines.signals.evaluate import evaluate
from tests.pipelines.engine import Engine
from tests.web.browsing import signed_in
from warehouse.queries import signals as queries
from warehouse.schema import migrate
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from partnerhub.simulator.world.model import Org, World
    from partnerhub.simulator.world.story import Cast

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


class Told(NamedTuple):
    """The cast, and the warehouse of a hub that read everything."""

    world: World
    cast: Cast
    engine: Engine
    folder: Path

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
            return [each for each in queries.signals(OPERATOR, connection, hub_id) if each["rule"] == rule]


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
        evaluate(engine.database, signal_settings(config), "2031-01-01T00:00:00.000000Z")
    return Told(world, cast, engine, folder)


# ---------------------------------------------------------------- Brightwater


def test_brightwater_is_one_partner_across_its_tools(told: Told) -> None:
    assert len(told.of(told.cast.brightwater.org)) == 1


def test_the_stale_renewal_shows_with_the_days_it_stood_still(told: Told) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "stale_stage")
    assert "“Negotiation”" in found["sentence"]
    assert "97 days" in found["sentence"]
    assert found["level"] == "attention"


def test_what_moved_meanwhile_is_quoted_in_its_own_words(told: Told) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "stale_stage")
    quotes = {one["record"].partition("/")[0]: one["quote"] for one in found["evidence"]}
    assert "I have to pause the rollout" in quotes["mail_nora"]
    jira = [one["quote"] for one in found["evidence"] if one["record"].startswith("jira/comments/")]
    assert jira == ["Their test failed again: the proxy also drops the cookie. Needs a new idea."]


def test_the_agreement_ends_in_24_days(told: Told) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "renewal_due")
    assert "ends in 24 days" in found["sentence"]


def test_no_evidence_of_the_whole_world_is_only_the_name_of_its_kind(told: Told) -> None:
    kinds = {kind for (kind,) in told.engine.query("SELECT DISTINCT kind FROM staged_touchpoint")}
    said = told.engine.query("SELECT rule, evidence_json FROM signal")
    quotes = {(rule, one["quote"]) for rule, evidence in said for one in json.loads(evidence)}
    assert len(quotes) > 50
    assert {(rule, quote) for rule, quote in quotes if quote in kinds} == set()


def test_the_deck_contradicts_the_crm_with_its_slide_cited(told: Told) -> None:
    found = told.signals(told.cast.brightwater.org, "contradiction")
    said = {each["subject"]: each for each in found}
    assert {"tier", "annual_value_minor"} <= said.keys()
    assert "480,000.00 USD" in said["annual_value_minor"]["sentence"]
    assert "310,000.00 USD" in said["annual_value_minor"]["sentence"]
    quotes = {one["quote"] for one in said["tier"]["evidence"]}
    assert quotes == {"Tier: Gold", "Tier: Silver", "Tier: Bronze"}
    assert any("slide 2" in (one.get("place") or "") for one in said["tier"]["evidence"])


def test_the_deck_says_on_track(told: Told) -> None:
    (hub_id,) = told.of(told.cast.brightwater.org)
    rows = told.engine.query(
        "SELECT s.status, s.tier FROM organization_link l JOIN staged_organization s ON s.record = l.record"
        f" WHERE l.organization_id = '{hub_id}' AND s.source = 'decks'"
    )
    assert rows == [("On track", "Gold")]


def test_the_duplicate_in_hubspot_with_another_tier_is_the_same_partner(told: Told) -> None:
    (hub_id,) = told.of(told.cast.brightwater.org)
    rows = told.engine.query(
        "SELECT s.name, s.tier FROM organization_link l JOIN staged_organization s ON s.record = l.record"
        f" WHERE l.organization_id = '{hub_id}' AND s.source = 'hubspot' AND l.ended_at IS NULL"
    )
    assert set(rows) == {("Brightwater Energy", "Silver"), ("BrightWater", "Bronze")}


def test_maya_is_leaving_and_her_address_bounces(told: Told) -> None:
    found = told.signals(told.cast.brightwater.org, "person_left")
    maya = next(each for each in found if "Maya Lindholm" in each["sentence"])
    assert "leaving" in maya["sentence"]
    assert "comes back" in maya["sentence"]
    assert maya["level"] == "urgent"
    assert any("550 5.1.1 user unknown" in one["quote"] for one in maya["evidence"])


def test_the_owner_of_the_account_and_the_renewal_has_left(told: Told) -> None:
    sentences = [each["sentence"] for each in told.signals(told.cast.brightwater.org, "person_left")]
    dana = next(sentence for sentence in sentences if "Dana Whitlock" in sentence)
    assert "“Brightwater Energy - renewal”, is no longer active" in dana


def test_the_pause_is_unanswered_for_12_days(told: Told) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "unanswered")
    assert "12 days" in found["sentence"]
    assert found["level"] == "urgent"
    assert "no further depot until single sign-on passes our security review" in found["evidence"][0]["quote"]


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


def test_the_promise_of_training_is_told_with_its_mail_and_nobody_elses_mail_is_taken_for_one(
    told: Told,
) -> None:
    (found,) = told.signals(told.cast.brightwater.org, "promise_forgotten")
    assert found["sentence"].startswith(
        "Dana Whitlock promised 426 days ago: “We will train your six field planners"
    )
    (cited,) = found["evidence"]
    assert cited["quote"].startswith("We will train your six field planners on site in Seattle")
    assert cited["at"].startswith("2025-08-01")
    assert told.engine.query("SELECT count(*) FROM signal WHERE rule = 'promise_forgotten'") == [(1,)]


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


def test_the_foundation_is_related_to_the_company(told: Told) -> None:
    (foundation,), (company,) = (
        told.of(org) for org in (told.cast.lookalikes.foundation, told.cast.lookalikes.halden)
    )
    rows = told.engine.query(
        "SELECT DISTINCT a.organization_id, b.organization_id FROM staged_relation r"
        " JOIN organization_link a ON a.record = r.from_record JOIN organization_link b ON b.record = r.to_record"
        f" WHERE r.kind = 'parent_of' AND b.organization_id = '{foundation}'"
    )
    assert rows == [(company, foundation)]


def test_no_customer_supplier_newsletter_or_prospect_became_a_partner(told: Told) -> None:
    others = {org.name for org in told.world.orgs.values() if org.role != "partner"}
    listed = told.engine.query(
        "SELECT DISTINCT o.name FROM partnership p JOIN organization o ON o.organization_id = p.organization_id"
    )
    assert len(others) > 40
    assert {name for (name,) in listed} & others == set()


def test_only_partners_need_somebody_and_headline_command_and_pages_say_how_many_today(told: Told) -> None:
    config = load_config(told.folder / "partnerhub.yaml", with_settings=False)
    with told.engine.database.session() as connection:
        counted, found = headline(connection, config), queries.signals(OPERATOR, connection)
        today = queries.count_signals(OPERATOR, connection)["today"]
    partners = {str(each) for (each,) in told.engine.query("SELECT organization_id FROM partnership")}
    assert {each["organization_id"] for each in found} <= partners
    with signed_in(told.engine.database.url, login="today@hub.example") as client:
        pages = {each for each in partners if 'bg-red-lt">urgent<' in client.get(f"/partners/{each}").text}
    assert pages == {each["organization_id"] for each in found if each["level"] == "urgent"}
    assert 5 <= counted.need_you == today == len(pages) < len(partners) / 2


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


def test_most_of_her_partners_are_held_by_one_person_there(told: Told) -> None:
    held = {
        org.name: [
            each["sentence"] for each in told.signals(org, "single_threaded") if each["level"] == "attention"
        ]
        for org in (told.cast.brightwater.org, *told.cast.departed.partners)
    }
    alone = {name for name, sentences in held.items() if sentences}
    assert len(held) == 14
    assert held.keys() - alone == {"Tideline Housing Trust", "Lumen Rivage Conseil"}
    (denise,) = held["Cassia Health Partners"]
    assert denise.startswith("Denise Baptiste is on 3 of 3 touchpoints")
    (maya,) = held["Brightwater Energy"]
    assert maya.startswith("Maya Lindholm is on 4 of 4 touchpoints")


def test_the_one_damaged_deck_of_the_story_is_kept_as_damaged(told: Told) -> None:
    content = (told.folder / "decks" / told.cast.departed.damaged.path).read_bytes()
    codes = dict(told.engine.query("SELECT source_id, code FROM sync_error WHERE source = 'decks'"))
    assert codes[sha256(content).hexdigest()] == "damaged"


def test_every_damaged_deck_is_kept_with_its_reason(told: Told) -> None:
    rows = told.engine.query("SELECT source_id, code FROM sync_error WHERE source = 'decks'")
    assert len(rows) >= 4, json.dumps(rows)
    codes = {code for _, code in rows}
    assert len(codes) >= 3, codes


def test_every_partner_has_a_page(told: Told) -> None:
    partners = told.engine.query("SELECT DISTINCT organization_id FROM partnership")
    with signed_in(told.engine.database.url) as client:
        answers = {row[0]: client.get(f"/partners/{row[0]}").status_code for row in partners}
    assert len(answers) > 20
    assert {each for each in answers if answers[each] != 200} == set()

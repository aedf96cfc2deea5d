"""The base for free texts, read from a warehouse."""

from __future__ import annotations

from partnerhub.identity.spotting import spot
from pipelines.resolve.spotting import read_base
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.database import Database

COMPANIES = [
    record(
        "1", name="Brightwater Energy GmbH", website="brightwater.example", city="Dresden", country="Germany"
    ),
    record(
        "2", name="Stonegate Foods Ltd", website="stonegate.example", city="Leeds", country="United Kingdom"
    ),
    record("3", name="Stonegate Foods", website="stonegate-foods.example", city="Perth", country="Australia"),
]


def answered(url: str, text: str) -> tuple[str, str | None]:
    engine = Engine(Database(url), StageSettings({"crm": SourceRules("sheets")}))
    engine.sync([ScriptedConnector(source="crm").plays(THINGS, pages(page(*COMPANIES)))])
    with engine.database.session() as connection:
        answer = spot(text, read_base(connection))
    names = dict(engine.query("SELECT organization_id, name FROM organization"))
    return answer.verdict, names.get(answer.organization_id or "")


def test_a_line_of_a_slide_finds_the_partner_it_names(database_url: str) -> None:
    assert answered(database_url, "Brightwater Energy, Dresden") == ("one", "Brightwater Energy GmbH")


def test_a_name_of_two_partners_waits(database_url: str) -> None:
    assert answered(database_url, "Stonegate Foods")[0] == "several"

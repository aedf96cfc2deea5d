"""How complete a partner's record is: what each source says of it, what of that cannot be read, since when proven."""

from __future__ import annotations

import pytest

from connectors.record import Page, SourceRecord, Stream
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse.database import Database
from warehouse.queries.completeness import completeness_of, raw_key
from warehouse.viewer import OPERATOR

COMPANIES = Stream("companies", "incremental")


@pytest.fixture
def engine(database_url: str) -> Engine:
    made = Engine(Database(database_url), StageSettings({"crm": SourceRules("hubspot")}))
    made.sync([source("Kestrel", "Kestrel GmbH")])
    return made


def source(*names: str, malformed: str = "") -> ScriptedConnector:
    """Companies of one domain, which are one; the last one may be malformed."""
    records = [
        SourceRecord(
            str(n),
            {"id": str(n), "archived": False, "properties": {"name": name, "domain": "kestrel.example"}},
            malformed=malformed or None if n == len(names) else None,
        )
        for n, name in enumerate(names, 1)
    ]
    return ScriptedConnector(source="crm").plays(COMPANIES, pages(Page("companies", records)))


def kestrel(engine: Engine) -> str:
    ((found,),) = engine.query("SELECT organization_id FROM organization")
    return str(found)


def test_every_record_that_is_read_counts_for_its_source(engine: Engine) -> None:
    with engine.database.session() as connection:
        (crm,) = completeness_of(OPERATOR, connection, kestrel(engine))
    assert (crm.source, crm.read, crm.held, crm.proven_at) == ("crm", 2, 2, None)


def test_a_record_whose_last_state_cannot_be_read_is_told_with_its_reason(engine: Engine) -> None:
    engine.sync([source("Kestrel", "Kestrel SE", malformed="no_id")])
    with engine.database.session() as connection:
        (crm,) = completeness_of(OPERATOR, connection, kestrel(engine))
    (reason,) = crm.set_aside
    assert (crm.read, crm.held, reason.rule, reason.records, reason.arrived) == (1, 2, "no_id", 1, True)
    assert reason.happened.startswith("The record arrived in a form that cannot be read")
    assert reason.command("any") == "partnerhub quarantine show crm/companies/2"


def test_a_record_that_may_pass_now_is_told_with_the_command_that_tries_it_again(engine: Engine) -> None:
    with engine.database.session() as connection:
        with connection.transaction():
            connection.execute("UPDATE raw_current SET quarantine = 'too_deep' WHERE source_id = '2'")
        (crm,) = completeness_of(OPERATOR, connection, kestrel(engine))
    (reason,) = crm.set_aside
    assert reason.command("9f5a") == "partnerhub quarantine replay crm --partner 9f5a --rule too_deep"


def test_a_source_counts_as_read_when_the_slowest_of_its_streams_was(engine: Engine) -> None:
    with engine.database.session() as connection:
        (before,) = completeness_of(OPERATOR, connection, kestrel(engine))
        with connection.transaction():
            connection.execute("UPDATE stream_run SET state = 'failed'")
        (after,) = completeness_of(OPERATOR, connection, kestrel(engine))
    assert before.last_success_at is not None
    assert after.last_success_at is None


def test_the_last_comparison_of_every_stream_is_the_proof(engine: Engine) -> None:
    with engine.database.session() as connection, connection.transaction():
        for run, day, in_hub in (("a", "01", 1), ("b", "02", 2)):
            connection.execute(
                "INSERT INTO reconciliation VALUES (?, 'crm', 'companies', ?, 'ids', 2, ?, 0, 0, 0, '{}', '[]')",
                (run, f"2026-10-{day}T03:17:00.000000Z", in_hub),
            )
    with engine.database.session() as connection:
        (crm,) = completeness_of(OPERATOR, connection, kestrel(engine))
    assert (crm.readable, crm.in_source, str(crm.proven_at)[:10]) == (2, 2, "2026-10-02")


def test_a_part_of_a_record_counts_as_its_record() -> None:
    assert raw_key("crm/companies/a%23b/c#contact") == ("crm", "companies", "a#b/c")

"""The checks of a contract: each sees its kind of damage, names keys only, and runs by command and in Dagster alike."""

from __future__ import annotations

import copy

import dagster as dg
import jsonschema
import pytest
import yaml

from partnerhub.config.contracts import longest_hours, terms_of
from partnerhub.config.load import load_config
from partnerhub.config.problems import InvalidConfig
from pipelines.defs.build import MEASURE, SYNC_ALL, build_definitions
from pipelines.defs.marts import key_of
from tests.pipelines.golden_rig import DAY
from tests.warehouse.test_contracts import STANDARD
from tests.web.partner_rig import ACME, partner_hub, put
from warehouse.contracts.checks import checks_of, run
from warehouse.contracts.compare import Weight, compared
from warehouse.contracts.kept import broken
from warehouse.contracts.odcs import contract_of
from warehouse.contracts.terms import Terms
from warehouse.marts import MARTS, mart

NOW = "2026-10-05T00:00:00.000000Z"
RUN = ("run_id", "source", "stream", "state", "started_at", "finished_at")
HUB = "warehouse: {url}\nsources:\n  list:\n    connector: sheets\n    path: list.csv\n"


@pytest.fixture
def hub(database_url):
    return with_facts(database_url)


@pytest.fixture
def lite(sqlite_url):
    return with_facts(sqlite_url)


def with_facts(url):
    """A mail with Acme, a deal of it without a currency, and a stream that was read three days ago."""
    found = partner_hub(url)
    found.mail("mail/messages/1", "ann@acme.example", "us@hub.example", happened_at=DAY.format(3))
    found.stage(
        "deal", "crm/deals/1", name="Renewal", amount_minor=5, status="open", created_at=DAY.format(2)
    )
    found.publish()
    put(
        found,
        "stream_run",
        RUN,
        [("r", "crm", "companies", "complete", DAY.format(1), "2026-10-02T00:00:00.000000Z")],
    )
    return found


def failing(hub, name):
    """Check → the keys it names, of a mart's checks that find anything."""
    with hub.database.session() as connection:
        found = [run(connection, each) for each in checks_of(contract_of(mart(name)), NOW)]
    return {each.check.name: each.sample for each in found if each.rows}


def spoil(hub, statement, *parameters):
    with hub.database.session() as connection:
        connection.execute(statement, parameters)


def test_what_was_published_passes_every_check_of_every_mart_but_what_sources_lack(hub):
    found = {each.name: failing(hub, each.name) for each in MARTS}
    assert {name: set(checks) for name, checks in found.items() if checks} == {
        "fct_deal": {"amount_has_currency"},
        "fct_deal_history": {"amount_has_currency"},
        "fct_sync_run": {"fresh"},
    }
    assert found["fct_sync_run"]["fresh"] == ("crm/companies",)


def test_a_fact_of_a_partner_nobody_knows_is_named_by_its_key(lite):
    spoil(lite, "UPDATE timeline SET organization_id = 'nobody' WHERE entity = 'touchpoint'")
    found = failing(lite, "bridge_touchpoint_partner")
    assert set(found) == {"partner_id_is_in_xref_partner_alias"}
    assert found["partner_id_is_in_xref_partner_alias"][0].endswith("/nobody")


def test_a_row_lost_on_the_way_to_a_mart_shows_against_the_table_below(lite):
    spoil(lite, "DELETE FROM organization WHERE organization_id = ?", lite.id_of(ACME))
    assert "as_many_rows_as_below" in failing(lite, "dim_partner")


def test_an_end_before_its_beginning_is_told(lite):
    spoil(lite, "UPDATE organization_link SET ended_at = ? WHERE record = ?", DAY.format(1), ACME)
    (sample,) = failing(lite, "bridge_partner_source")["no_end_before_its_beginning"]
    assert sample.startswith(f"{ACME}/")


def test_the_command_names_the_keys_and_only_an_error_is_a_broken_promise(lite):
    with lite.database.session() as connection:
        (amount,) = broken(connection, contract_of(mart("fct_deal")), NOW)
    assert (amount.severity, len(amount.sample)) == ("warning", 1)
    assert "amount_has_currency" in amount.what


def test_dagster_shows_each_check_beside_its_mart_and_no_sync_runs_them(lite, tmp_path):
    (tmp_path / "list.csv").write_text("Company\nAcme\n")
    (tmp_path / "partnerhub.yaml").write_text(HUB.format(url=lite.database.url))
    definitions = build_definitions(load_config(tmp_path / "partnerhub.yaml"))
    assert "measure" not in {node.name for node in definitions.resolve_job_def(SYNC_ALL).graph.nodes}
    with dg.DagsterInstance.ephemeral() as instance:
        done = definitions.resolve_job_def(MEASURE).execute_in_process(instance=instance)
    assert done.success
    found = {(each.asset_key, each.check_name): each for each in done.get_asset_check_evaluations()}
    assert not found[key_of("fct_deal"), "amount_has_currency"].passed
    assert found[key_of("dim_partner"), "key_is_unique"].passed
    with lite.database.session() as connection:
        assert connection.query("SELECT count(*) FROM quality_partner") == [(2,)]


def test_the_terms_of_a_deployment_stand_in_its_contracts(tmp_path):
    said = {
        "sources": {
            "fast": {"connector": "sheets", "path": "a.csv", "schedule": "*/15 * * * *"},
            "slow": {"connector": "sheets", "path": "a.csv", "schedule": "0 8-18 * * 1-5"},
        },
        "contracts": {
            "owner": "Data team",
            "contact": ["data@northwind.example", "https://northwind.example/ask"],
        },
    }
    (tmp_path / "a.csv").write_text("Company\n")
    (tmp_path / "partnerhub.yaml").write_text(yaml.safe_dump(said))
    terms = terms_of(load_config(tmp_path / "partnerhub.yaml"))
    contract = contract_of(mart("dim_partner"), terms=terms)
    assert jsonschema.Draft201909Validator(STANDARD).is_valid(contract)
    assert contract["team"]["name"] == "Data team"
    assert [each["url"] for each in contract["support"]] == [
        "mailto:data@northwind.example",
        terms.contacts[1],
    ]
    promised = {each["property"]: each["value"] for each in contract["slaProperties"]}
    assert promised == {"latency": 2 * 62, "frequency": 62, "retention": "unlimited"}
    assert longest_hours("*/15 * * * *") == 1


def test_a_term_nobody_can_keep_is_refused_with_its_line(tmp_path):
    (tmp_path / "partnerhub.yaml").write_text(
        "sources: {}\ncontracts:\n  contact: ask Bob\n  latency_hours: soon\n"
    )
    with pytest.raises(InvalidConfig) as refused:
        load_config(tmp_path / "partnerhub.yaml")
    assert [problem.line for problem in refused.value.problems] == [3, 4]


def test_a_promise_that_is_later_or_checked_no_more_breaks_and_a_further_check_does_not():
    def between(before, now):
        return {each.what: each.weight for each in compared({"t": before}, {"t": now})}

    was = contract_of(mart("fct_deal"))
    later = contract_of(mart("fct_deal"), terms=Terms(latency_hours=999))
    assert between(was, later) == {"may be later than was promised": Weight.BREAKING}
    unchecked = copy.deepcopy(was)
    unchecked["schema"][0]["quality"].pop()
    assert between(was, unchecked) == {"is not checked for `amount_has_currency` any more": Weight.BREAKING}
    assert between(unchecked, was) == {"is checked for `amount_has_currency`": Weight.ADDITIVE}

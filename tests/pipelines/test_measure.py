"""Measures: quality of partners and sources, and figures with their formulas, once a day and for good."""

from __future__ import annotations

import pytest

from pipelines.measure import figures, measure
from tests.web.partner_rig import ACME, LONE, partner_hub, put
from warehouse.marts import kpis
from warehouse.marts.quality import DIMENSIONS

FIRST, SECOND, THIRD = (f"2026-10-0{day}T06:00:00.000000Z" for day in (2, 3, 4))
CURRENT = ("source", "stream", "source_id", "raw_id", "op", "content_hash", "quarantine")
QUESTION = (
    "left_record", "right_record", "question_id", "left_id", "right_id", "bits", "band", "pairs", "proposal", "reason",
    "unsure", "behind",
)  # fmt: skip


@pytest.fixture
def hub(database_url):
    return two_partners(database_url)


@pytest.fixture
def lite(sqlite_url):
    return two_partners(sqlite_url)


def two_partners(url):
    """Acme of a CRM and a sheet, which disagree; Lone, of which there is only a name."""
    found = partner_hub(url)
    put(found, "raw_current", CURRENT, [
        ("crm", "companies", "1", 1, "upsert", "a", None), ("sheet", "list", "1", 2, "upsert", "b", "unreadable"),
    ])  # fmt: skip
    return found


def at(hub, now, owner="Partner operations"):
    return measure(hub.database, now, {}, owner)


def read(hub, statement, *parameters):
    with hub.database.session() as connection:
        return connection.records(statement, parameters)


def test_a_score_is_its_two_numbers_and_null_where_there_is_nothing_to_judge(hub):
    put(hub, "question", QUESTION, [
        (ACME, LONE, "q1", hub.id_of(ACME), hub.id_of(LONE), 1.0, "review", 1, "join", "score", False, -1.0),
    ])  # fmt: skip
    at(hub, FIRST)
    found = {row["partner_id"]: row for row in read(hub, "SELECT * FROM quality_partner")}
    acme, lone = found[hub.id_of(ACME)], found[hub.id_of(LONE)]
    assert (acme["count_filled"], acme["count_fields"], acme["completeness"]) == (3, 10, 0.3)
    assert (acme["count_readable"], acme["count_records"], acme["validity"]) == (1, 2, 0.5)
    assert (acme["count_agreed"], acme["count_compared"], acme["consistency"]) == (0, 3, 0.0)
    assert acme["freshness"] == pytest.approx(1 - 27.9167 / 365, abs=1e-4)
    assert (acme["uniqueness"], lone["uniqueness"]) == (0.5, 0.5)
    assert [lone[name] for name in ("validity", "consistency", "freshness")] == [None, None, None]
    assert lone["score"] == pytest.approx((0 + 0.5) / 2)


def test_what_did_not_change_is_not_written_again_and_what_did_keeps_its_former_row(lite):
    assert at(lite, FIRST)[:2] == (2, 2)
    assert at(lite, SECOND)[:2] == (2, 0)
    lite.stage("organization", LONE, name="Lone", city="Leeds")
    lite.publish()
    assert at(lite, THIRD)[:2] == (2, 1)
    ask = "SELECT count_filled, valid_from, valid_to, is_current FROM quality_partner WHERE partner_id = ? ORDER BY 2"
    rows = [tuple(map(str, row.values()))[:3] for row in read(lite, ask, lite.id_of(LONE))]
    assert rows == [("0", FIRST, THIRD), ("1", THIRD, "None")]


def test_a_partner_that_is_merged_away_ends_and_a_second_measure_of_a_moment_adds_nothing(lite):
    at(lite, FIRST)
    lite.groups[LONE] = ACME
    with lite.database.session() as connection, connection.transaction():
        lite.mark(connection, "organization", LONE)
    lite.publish()
    assert at(lite, SECOND).partners == 1
    assert at(lite, SECOND) == (0, 0, 0, 0)
    current = read(lite, "SELECT partner_id FROM quality_partner WHERE is_current")
    assert [row["partner_id"] for row in current] == [lite.id_of(ACME)]


def test_a_source_is_measured_against_what_it_holds_and_every_measure_stays(hub):
    put(hub, "reconciliation",
        ("run_id", "source", "stream", "checked_at", "method", "in_source", "in_hub", "quarantined", "missed", "gone",
         "days_json", "sample_json"),
        [("r", "crm", "companies", FIRST, "ids", 4, 3, 0, 1, 0, "{}", "[]")])  # fmt: skip
    put(hub, "stream_run", ("run_id", "source", "stream", "state", "started_at", "finished_at"),
        [("r", "crm", "companies", "complete", FIRST, FIRST)])  # fmt: skip
    at(hub, FIRST)
    at(hub, THIRD)
    former, now = read(hub, "SELECT * FROM quality_source WHERE source = 'crm' ORDER BY measured_at")
    assert [former[name] for name in DIMENSIONS] == [0.75, 1.0, 0.0, 1.0, 1.0]
    assert (now["freshness"], bool(now["is_current"]), bool(former["is_current"])) == (0.0, True, False)
    (sheet,) = read(hub, "SELECT * FROM quality_source WHERE source = 'sheet' AND is_current")
    assert (sheet["completeness"], sheet["validity"], sheet["freshness"]) == (None, 0.0, None)


def test_a_changed_formula_begins_a_version_and_the_former_series_stays(hub, monkeypatch):
    at(hub, FIRST)
    fewer = kpis.FIGURES[0]._replace(formula="All of them.", statement="SELECT '' AS dimension, 7 AS value")
    monkeypatch.setattr(figures, "FIGURES", (fewer, *kpis.FIGURES[1:]))
    at(hub, SECOND)
    ask = "SELECT version, value FROM fct_kpi WHERE name = 'partners' ORDER BY measured_at"
    assert [(row["version"], float(row["value"])) for row in read(hub, ask)] == [(1, 2.0), (2, 7.0)]
    told = read(hub, "SELECT version, formula, valid_to FROM kpi WHERE name = 'partners' ORDER BY version")
    assert [(row["version"], str(row["valid_to"])) for row in told] == [(1, SECOND), (2, "None")]
    assert told[1]["formula"] == "All of them."


def test_a_figure_that_is_counted_no_more_ends_and_another_owner_is_no_other_formula(lite, monkeypatch):
    at(lite, FIRST)
    monkeypatch.setattr(figures, "FIGURES", kpis.FIGURES[1:])
    at(lite, SECOND, owner="Somebody else")
    rows = read(
        lite, "SELECT name, version, owner, is_current FROM kpi WHERE name IN ('partners', 'open_deals')"
    )
    found = {row["name"]: (row["version"], row["owner"], bool(row["is_current"])) for row in rows}
    assert found == {"partners": (1, "Partner operations", False), "open_deals": (1, "Somebody else", True)}


def test_amounts_of_two_currencies_are_two_values(lite):
    for number, (amount, currency) in enumerate([(1_050, "EUR"), (5, "JPY"), (None, "EUR")]):
        lite.stage("deal", f"crm/deals/{number}", name="D", amount_minor=amount, currency=currency, status="open",
                  created_at=FIRST)  # fmt: skip
    lite.publish()
    at(lite, FIRST)
    rows = read(lite, "SELECT dimension, value FROM fct_kpi WHERE name = 'open_amount' ORDER BY dimension")
    assert [(row["dimension"], float(row["value"])) for row in rows] == [("EUR", 10.5), ("JPY", 5.0)]

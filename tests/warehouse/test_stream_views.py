"""The view of each stream: typed, with every field, stable, on both engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from partnerhub.config.load import load_config
from pipelines.settings import stage_settings
from pipelines.stage.columns import declare_columns
from pipelines.stage.rules import SourceRules
from tests.pipelines.engine import Engine
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.database import Database
from warehouse.marts.streams import Declared, Further, declare, stream_marts
from warehouse.marts.views import READER, make_views

NOW = "2026-10-01T08:00:00.000000Z"
COMPANIES = Declared("crm", "Companies", "organization", True, (), {"name": ("properties.name", "name")})


@pytest.fixture
def hub(database_url) -> Hub:
    return Hub(Database(database_url))


def declared(hub, *found):
    with hub.database.session() as connection:
        with connection.transaction():
            count = declare(connection, found, NOW)
        make_views(connection)
        return count


def rows(hub, statement):
    with hub.database.session() as connection:
        return connection.query(statement)


def with_custom(*fields):
    return COMPANIES._replace(custom=fields)


def test_a_stream_is_a_view_with_typed_columns_amounts_in_whole_units_and_lineage(hub):
    hub.stage("organization", "crm/Companies/7", name="Acme", annual_value_minor=120_050, currency="EUR",
              employees=12, modified_at=DAY.format(4), renews_on="2027-01-31")  # fmt: skip
    declared(hub, COMPANIES)
    (row,) = rows(
        hub,
        "SELECT record_key, source_id, name, annual_value, employees, modified_at, renews_on, tier, _hub_source,"
        " _hub_deleted_at FROM stg_crm__companies",
    )
    expected = ("crm/Companies/7", "7", "Acme", 1200.5, 12, DAY.format(4), "2027-01-31", None, "crm", None)
    assert (*row[:3], float(row[3]), *row[4:]) == expected


def test_a_custom_field_is_a_column_of_text_whatever_it_holds_and_however_it_is_called(hub):
    said = {"Segment?": "Care", 'a "b"': 12.5, "c\\d": True, "{day(x)}": ["a"], "100 %": None, "it's": ""}
    hub.stage("organization", "crm/Companies/7", name="Acme", custom_json=said)
    declared(hub, with_custom(*map(Further, said)))
    shown = ("Care", "12.5", "true", '["a"]', None, "")
    names = "custom_segment, custom_a_b, custom_c_d, custom_day_x, custom_100, custom_it_s"
    assert rows(hub, f"SELECT {names} FROM stg_crm__companies") == [shown]


def test_a_custom_field_a_deployment_cleans_is_typed_and_null_where_a_value_is_of_another_kind(hub):
    good = {"integer": 7, "date": "2026-10-01", "time": DAY.format(3), "boolean": True}
    bad = {"integer": "seven", "date": "soon", "time": "then", "boolean": 3}
    hub.stage("organization", "crm/Companies/1", name="Acme", custom_json=good)
    hub.stage("organization", "crm/Companies/2", name="Bold", custom_json=bad)
    declared(hub, with_custom(*(Further(name, cleaner=name) for name in good)))
    columns = ", ".join(f"custom_{name}" for name in good)
    found = rows(hub, f"SELECT {columns} FROM stg_crm__companies ORDER BY record_key")
    assert found == [tuple(good.values()), (None,) * 4]


def test_columns_once_declared_stay_and_new_ones_come_last(hub):
    declared(hub, with_custom(Further("old", "Old label")))
    assert declared(hub, with_custom(Further("new"), Further("old", "New label"))) == 1
    declared(hub)
    with hub.database.session() as connection:
        (mart,) = stream_marts(connection)
    assert [column.name for column in mart.columns][-2:] == ["custom_old_label", "custom_new"]
    assert rows(hub, "SELECT custom_old_label, custom_new FROM stg_crm__companies") == []


def test_two_fields_whose_names_look_alike_are_two_columns(hub):
    declared(hub, with_custom(Further("E-Mail"), Further("e_mail")))
    with hub.database.session() as connection:
        (mart,) = stream_marts(connection)
    names = [column.name for column in mart.columns][-2:]
    assert names[0] == "custom_e_mail"
    assert names[1].startswith("custom_e_mail_")


def test_declaring_again_writes_nothing_and_makes_no_view(hub):
    declared(hub, COMPANIES)
    assert declared(hub, COMPANIES) == 0
    with hub.database.session() as connection:
        assert not make_views(connection)


def test_the_words_of_a_mail_are_not_shown_and_those_of_a_call_are(hub):
    words = {"subject": "s", "text": "t", "custom_json": {"to": "a@b.example"}}
    hub.stage("touchpoint", "crm/log/1", kind="email", happened_at=DAY.format(1), **words)
    hub.stage("touchpoint", "crm/log/2", kind="call", happened_at=DAY.format(2), **words)
    hub.stage(
        "touchpoint", "crm/log/3", kind="meeting", mailbox="a@b.example", happened_at=DAY.format(3), **words
    )
    hub.stage("document", "crm/log/4", title="salaries.pdf", parent_record="crm/log/1")
    declared(
        hub,
        Declared("crm", "log", "touchpoint", True, (Further("to"),), {}),
        Declared("crm", "log", "document", False, (), {}),
    )
    found = rows(
        hub, "SELECT subject, text, custom_to, custom_json IS NULL FROM stg_crm__log ORDER BY source_id"
    )
    hidden = (None, None, None, True)
    assert [tuple(row) for row in found] == [hidden, ("s", "t", "a@b.example", False), hidden]
    assert rows(hub, "SELECT title FROM stg_crm__log__document") == [(None,)]


def test_who_reads_only_marts_sees_the_views_of_streams_and_what_others_built_on_them_stays(postgres_url):
    hub = Hub(Database(postgres_url))
    declared(hub, COMPANIES)
    with hub.database.session() as connection:
        connection.execute("CREATE VIEW public.ours AS SELECT name FROM marts.stg_crm__companies")
    declared(hub, with_custom(Further("new")))
    with hub.database.session() as connection:
        assert connection.query("SELECT * FROM public.ours") == []
        connection.execute(f"SET ROLE {READER}")
        assert connection.query("SELECT custom_new FROM stg_crm__companies") == []
        connection.execute("RESET ROLE")
        connection.execute("DROP VIEW public.ours")


@pytest.fixture
def sheet(database_url, tmp_path: Path):
    """A hub of one spreadsheet, with what its next sync does to the views."""
    place = tmp_path / "partnerhub.yaml"
    place.write_text("sources:\n  list:\n    connector: sheets\n    path: list.csv\n")
    config = load_config(place)
    engine = Engine(Database(database_url), stage_settings(config))

    def sync(text: str) -> Database:
        (tmp_path / "list.csv").write_text(text)
        engine.sync([config.connector("list")])
        declare_columns(engine.database, config, stage_settings(config), NOW, staged=1)
        return engine.database

    return sync


def test_a_heading_nobody_knows_becomes_a_column_and_stays_when_it_goes_from_the_sheet(sheet):
    database = sheet("Company,Segment,Empty\nAcme,Care,\n")
    with database.session() as connection:
        assert connection.query("SELECT name, custom_segment, custom_empty FROM stg_list__rows") == [
            ("Acme", "Care", None)
        ]
        assert connection.query("SELECT count(*) FROM stg_list__rows__person") == [(0,)]
    sheet("Company,Rank\nAcme,1\n")
    with database.session() as connection:
        found = connection.query(
            "SELECT custom_segment, custom_rank FROM stg_list__rows WHERE _hub_deleted_at IS NULL"
        )
        assert found == [(None, "1")]


def test_a_stream_whose_rules_cannot_be_read_keeps_its_view_and_stops_no_other(database_url, tmp_path):
    place = tmp_path / "partnerhub.yaml"
    place.write_text("sources:\n  list:\n    connector: sheets\n    path: list.csv\n")
    config = load_config(place)
    (tmp_path / "list.csv").write_text("Company\nAcme\n")
    settings = stage_settings(config)
    broken = replace(settings, sources={"list": SourceRules("sheets", {"rows": {"nowhere": "Company"}})})
    for rules in (settings, broken):
        declare_columns(Database(database_url), config, rules, NOW, staged=1)
        with Database(database_url).session() as connection:
            names = {mart.name for mart in stream_marts(connection)}
        assert {"stg_list__rows", "stg_hub__touchpoints"} <= names

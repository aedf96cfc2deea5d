"""Marts: what data teams build on, on both engines, as it is described."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.pipelines.golden_rig import Hub
from tests.web.partner_rig import ACME, LONE, partner_hub
from warehouse.database import Database
from warehouse.marts import MARTS, mart
from warehouse.marts.views import READER, drop_views, make_views
from warehouse.schema import downgrade, migrate
from warehouse.tables import LAYERS, metadata


@pytest.fixture
def hub(database_url) -> Hub:
    return partner_hub(database_url)


def rows(hub, statement, *parameters):
    with hub.database.session() as connection:
        return connection.query(statement, parameters)


def test_marts_have_the_columns_they_are_described_by_and_no_key_twice(hub):
    with hub.database.session() as connection:
        for each in MARTS:
            found = connection.raw.execute(f"SELECT * FROM {each.name} LIMIT 0").description
            assert [column[0] for column in found] == [column.name for column in each.columns], each.name
            key = ", ".join(each.key)
            twice = f"SELECT {key} FROM {each.name} GROUP BY {key} HAVING count(*) > 1"
            assert not connection.query(twice), each.name


def test_what_a_column_says_it_comes_from_is_a_column_of_the_warehouse():
    for column in (column for each in MARTS for column in each.columns if column.of):
        table, _, name = column.of.partition(".")
        assert name in metadata.tables[table].columns, column


WITHOUT_LINEAGE = {"dim_date", "lineage_column"}
"""The calendar, and lineage itself."""


def test_every_mart_says_of_its_rows_which_run_when_whether_deleted_and_from_where():
    lineage = {"_hub_run_id", "_hub_loaded_at", "_hub_deleted_at", "_hub_source"}
    lacking = {each.name for each in MARTS if not lineage <= {column.name for column in each.columns}}
    assert lacking == WITHOUT_LINEAGE


def test_every_mart_has_a_question_with_its_sql():
    assert [each.name for each in MARTS if not each.questions] == []


def test_the_sql_beside_every_question_runs(hub):
    for question in (question for each in MARTS for question in each.questions):
        assert isinstance(rows(hub, question.sql), list), question.asks


def test_a_partner_is_one_row_as_it_stands_with_amounts_in_whole_units(hub):
    (found,) = rows(
        hub,
        "SELECT name, tier, annual_value, annual_value_minor, currency, is_partner, count_records FROM dim_partner"
        " WHERE partner_id = ? AND is_current",
        hub.id_of(ACME),
    )
    assert (found[0], found[1], float(found[2]), *found[3:]) == (
        "Acme",
        "Gold",
        1200.0,
        120_000,
        "EUR",
        True,
        2,
    )


def test_a_changed_value_ends_one_version_and_begins_the_next(hub):
    hub.stage("organization", LONE, name="Lone Star")
    hub.publish()
    found = rows(
        hub,
        "SELECT name, valid_to IS NULL, is_current FROM dim_partner WHERE partner_id = ? ORDER BY valid_from",
        hub.id_of(LONE),
    )
    assert [tuple(map(bool, row[1:])) for row in found] == [(False, False), (True, True)]
    assert [row[0] for row in found] == ["Lone", "Lone Star"]


def test_a_mart_taken_down_is_made_again_and_one_that_stands_is_left_alone(database_url):
    with Database(database_url).session() as connection:
        assert not make_views(connection)
        drop_views(connection)
        assert make_views(connection)
        assert connection.query("SELECT * FROM dim_partner") == []


def test_of_two_processes_that_begin_at_once_one_makes_the_marts(database_url):
    with Database(database_url).session() as connection:
        drop_views(connection)

    def begin(_):
        with Database(database_url).session() as connection:
            return make_views(connection)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(begin, range(4))) == [False, False, False, True]


def test_going_back_to_an_older_schema_takes_the_marts_down_and_going_forward_makes_them(database_url):
    downgrade(database_url, "0018")
    with Database(database_url).session() as connection, pytest.raises(Exception, match="dim_partner"):
        connection.query("SELECT * FROM dim_partner")
    migrate(database_url)
    with Database(database_url).session() as connection:
        assert connection.query("SELECT * FROM dim_partner") == []


def test_the_reader_role_sees_the_marts_and_no_other_layer(postgres_url):
    with Database(postgres_url).session() as connection:
        connection.execute(f"SET ROLE {READER}")
        assert connection.query("SELECT * FROM dim_partner") == []
        for table in ("golden.organization", "raw.raw_record", "access.account"):
            with pytest.raises(Exception, match="permission denied"):
                connection.query(f"SELECT * FROM {table}")
        connection.execute("RESET ROLE")


def test_the_reader_role_may_enter_no_schema_of_ours_but_the_marts(postgres_url):
    with Database(postgres_url).session() as connection:
        connection.execute(f"SET ROLE {READER}")
        entered = [
            layer
            for layer in LAYERS
            if connection.one("SELECT has_schema_privilege(?, 'USAGE, CREATE')", (layer,)) == (True,)
        ]
        assert entered == ["marts"]
        readable = connection.query(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ANY(?) AND c.relkind IN ('r', 'v') AND n.nspname <> 'marts'"
            " AND has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')",
            (list(LAYERS),),
        )
        assert readable == []
        connection.execute("RESET ROLE")


def test_no_mart_of_what_happened_holds_a_subject_a_text_or_an_address():
    said = {"subject", "text", "title", "quoted", "email", "address"}
    assert not said & {column.name for column in mart("fct_touchpoint").columns}

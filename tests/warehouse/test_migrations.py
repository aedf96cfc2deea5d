"""Migrations make exactly the tables the program declares, go up and down with data, and happen whole or not at all."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, pool

from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse import schema
from warehouse.database import Connection, Database
from warehouse.errors import SchemaMismatch
from warehouse.migrations.initial import ops
from warehouse.migrations.tables import Index
from warehouse.queries import search_candidates as candidates
from warehouse.schema import current_revision, downgrade, latest_revision, migrate, require_current
from warehouse.tables import LAYERS, layer_of, metadata
from warehouse.tables.finding import RANGE
from warehouse.viewer import OPERATOR

MIGRATIONS = Path(schema.__file__).parent / "migrations"
POSTGRES_COLUMNS = """
SELECT n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), l.collname, a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), obj_description(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND a.attnum > 0 AND n.nspname IN ({layers}) ORDER BY 1, 2, 3
"""
POSTGRES_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname IN ({layers}) ORDER BY 1"


def tables_of(url: str) -> list[tuple[Any, ...]]:
    """Everything a database says about its tables and indexes, but for Alembic's own."""
    with Database(url).session() as connection:
        if connection.dialect == "sqlite":
            rows = connection.query(
                "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'view' ORDER BY 1, 2"
            )
            rows = [(*row[:3], re.sub(r"\s+", " ", row[3] or "")) for row in rows]
        else:
            layers = ", ".join(f"'{layer}'" for layer in LAYERS)
            rows = connection.query(POSTGRES_COLUMNS.format(layers=layers))
            rows += connection.query(POSTGRES_INDEXES.format(layers=layers))
    return [row for row in rows if "alembic_version" not in str(row)]


def create_from_metadata(url: str) -> None:
    """The tables of today, as the program declares them."""
    database = Database(url)
    engine = create_engine(database.sqlalchemy_url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        for layer in LAYERS if database.dialect == "postgresql" else ():
            connection.exec_driver_sql(f"CREATE SCHEMA {layer}")
        for table in metadata.sorted_tables:
            if database.dialect == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL search_path TO {layer_of(table.name)}")
            table.create(connection)
    engine.dispose()


def test_migrated_tables_are_those_the_program_declares(empty_database_url: str) -> None:
    create_from_metadata(empty_database_url)
    declared = tables_of(empty_database_url)
    drop_everything(empty_database_url)
    migrate(empty_database_url)
    migrated = tables_of(empty_database_url)
    assert [row for row in migrated if row not in declared] == []
    assert [row for row in declared if row not in migrated] == []


def drop_everything(url: str) -> None:
    with Database(url).session() as connection:
        for name in ("search_words", "search_names") if connection.dialect == "sqlite" else ():
            connection.execute(f"DROP TABLE {name}")
        for table in metadata.sorted_tables:
            connection.execute(f"DROP TABLE {table.name}")


def test_down_and_up_again_with_data(database_url: str) -> None:
    engine = Engine(Database(database_url), StageSettings({"crm": SourceRules("sheets")}))
    connector = ScriptedConnector(source="crm").plays(THINGS, pages(page(record("1", name="Kestrel GmbH"))))
    engine.sync([connector])
    assert engine.query("SELECT count(*) FROM organization") == [(1,)]
    downgrade(database_url, "base")
    assert tables_of(database_url) == []
    assert current_revision(engine.database) is None
    migrate(database_url)
    engine.sync([connector])
    assert engine.query("SELECT count(*) FROM organization") == [(1,)]


@pytest.mark.fault("F80")
def test_every_step_up_keeps_the_data(empty_database_url: str) -> None:
    migrate(empty_database_url, "0001")
    with Database(empty_database_url).session() as connection:
        connection.execute(
            "INSERT INTO key (record, kind, scheme, normalized, original, entity, source)"
            " VALUES ('crm/companies/1', 'domain', '', 'kestrel.example', 'kestrel.example', 'organization', 'crm')"
        )
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT record FROM key WHERE normalized = 'kestrel.example'") == [
            ("crm/companies/1",)
        ]
    downgrade(empty_database_url, "0001")
    assert current_revision(Database(empty_database_url)) == "0001"


def test_widening_organizations_keeps_what_is_published_and_goes_back(empty_database_url: str) -> None:
    migrate(empty_database_url, "0002")
    with Database(empty_database_url).session() as connection:
        connection.execute(
            "INSERT INTO organization (organization_id, name, owner, custom_json, record_count, rules)"
            " VALUES ('o1', 'Kestrel GmbH', 'Ann', '{\"x\":1}', 2, 'r')"
        )
        connection.execute(
            "INSERT INTO staged_agreement (record, source, stream, source_id, raw_id, rules, title, ends_on)"
            " VALUES ('crm/contracts/1', 'crm', 'contracts', '1', 7, 'r', 'Frame', '2027-01-31')"
        )
    migrate(empty_database_url, "0003")
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT name, owner, renews_on, record_count FROM organization") == [
            ("Kestrel GmbH", "Ann", None, 2)
        ]
        connection.execute("UPDATE organization SET annual_value_minor = 48000000, currency = 'USD'")
        assert connection.query("SELECT title, ends_on, kind FROM staged_agreement") == [
            ("Frame", "2027-01-31", None)
        ]
    downgrade(empty_database_url, "0002")
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT name, owner FROM organization") == [("Kestrel GmbH", "Ann")]
        assert connection.query("SELECT title FROM staged_agreement") == [("Frame",)]


def test_remembering_fields_begins_empty_and_goes_back_without_a_trace(empty_database_url: str) -> None:
    migrate(empty_database_url, "0005")
    with Database(empty_database_url).session() as connection:
        connection.execute("INSERT INTO hub_state (name, value) VALUES ('kept', 'yes')")
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT count(*) FROM stream_field") == [(0,)]
        connection.execute(
            "INSERT INTO stream_field (source, stream, field, label, first_seen_at)"
            " VALUES ('crm', 'companies', 'tier', 'Tier', '2026-10-01T09:00:00.000000Z')"
        )
    downgrade(empty_database_url, "0005")
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT value FROM hub_state WHERE name = 'kept'") == [("yes",)]
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT count(*) FROM stream_field") == [(0,)]


def test_kinds_of_values_are_learned_from_nothing_and_go_back_without_a_trace(
    empty_database_url: str,
) -> None:
    migrate(empty_database_url, "0017")
    with Database(empty_database_url).session() as connection:
        connection.execute("INSERT INTO hub_state (name, value) VALUES ('kept', 'yes')")
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        connection.execute(
            "INSERT INTO field_shape (source, stream, field, shape, standing, first_seen_at)"
            " VALUES ('crm', 'companies', 'tier', 'text', 'usual', '2026-10-01T09:00:00.000000Z')"
        )
    downgrade(empty_database_url, "0017")
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert connection.query("SELECT value FROM hub_state WHERE name = 'kept'") == [("yes",)]
        assert connection.query("SELECT count(*) FROM field_shape") == [(0,)]


def test_copies_of_facts_and_who_lives_stay_when_their_indexes_change(empty_database_url: str) -> None:
    asked = (
        "SELECT record FROM fact_source WHERE fact_id = 'f1' ORDER BY record",
        "SELECT organization_id FROM organization WHERE deleted_at IS NULL",
    )
    migrate(empty_database_url, "0027")
    with Database(empty_database_url).session() as connection:
        connection.execute(
            "INSERT INTO fact_source (record, fact_id) VALUES ('crm/a/1', 'f1'), ('crm/a/2', 'f1')"
        )
        connection.execute(
            "INSERT INTO organization (organization_id, name, rules, record_count, deleted_at)"
            " VALUES ('o1', 'Kestrel', 'r', 1, NULL), ('o2', 'Gone', 'r', 0, '2026-10-01T09:00:00.000000Z')"
        )
    for move in (migrate, partial(downgrade, revision="0027")):
        move(empty_database_url)
        with Database(empty_database_url).session() as connection:
            found = [connection.query(each) for each in asked]
            assert found == [[("crm/a/1",), ("crm/a/2",)], [("o1",)]]


def test_copies_of_facts_are_counted_when_the_count_comes_and_again_when_it_comes_back(
    empty_database_url: str,
) -> None:
    migrate(empty_database_url, "0039")
    with Database(empty_database_url).session() as connection:
        connection.execute(
            "INSERT INTO fact_source (record, fact_id) VALUES ('crm/a/1', 'f1'), ('crm/a/2', 'f1'), ('crm/a/3', 'f2')"
        )
        connection.execute(
            "INSERT INTO fact (fact_id, entity, kind, happened_at, record, attached)"
            " VALUES ('f1', 'deal', 'deal', '2026-10-01T09:00:00.000000Z', 'crm/a/1', 'unknown'),"
            " ('f2', 'deal', 'deal', '2026-10-01T09:00:00.000000Z', 'crm/a/3', 'unknown')"
        )
    migrate(empty_database_url)
    downgrade(empty_database_url, "0039")
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        counted = connection.query("SELECT fact_id, source_count FROM fact ORDER BY fact_id")
        assert counted == [("f1", 2), ("f2", 1)]


def test_what_is_found_and_what_needs_somebody_stay_when_their_indexes_change(
    empty_database_url: str,
) -> None:
    def found(connection: Connection) -> list[Any]:
        words = candidates.by_words(OPERATOR, connection, "organization", ["kestrel"])
        return [
            [each.id for each in words],
            connection.query("SELECT signal_id FROM signal WHERE closed_at IS NULL"),
        ]

    migrate(empty_database_url, "0026")
    with Database(empty_database_url).session() as connection:
        for number, kind in enumerate(("organization", "touchpoint")):
            connection.execute(
                "INSERT INTO search_entry (entry_id, kind, id, organization_id, title, text, words, names)"
                " VALUES (?, ?, ?, 'o1', 'Kestrel', '', 'kestrel gmbh', 'kestrel gmbh')",
                (number * RANGE + 1, kind, f"{kind}1"),
            )
        connection.execute(
            "INSERT INTO signal (signal_id, organization_id, rule, subject, sentence, evidence_json, level, opened_at)"
            " VALUES ('s1', 'o1', 'quiet', '', 'Silent.', '[]', 'urgent', '2026-10-01T09:00:00.000000Z')"
        )
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert found(connection) == [["organization1"], [("s1",)]]
    downgrade(empty_database_url, "0026")
    with Database(empty_database_url).session() as connection:
        assert found(connection) == [["organization1"], [("s1",)]]


EVENT = (
    "INSERT INTO identity_event (entity, kind, entity_id, cause, run_id, recorded_at)"
    " VALUES ('organization', 'minted', ?, 'founding', 'r', '2026-10-01T09:00:00.000000Z')"
)


def test_the_ledger_moves_to_its_schema_and_back_with_its_rows_and_its_count(empty_database_url: str) -> None:
    for number, move in enumerate(
        (partial(migrate, revision="0029"), migrate, partial(downgrade, revision="0029")), start=1
    ):
        move(empty_database_url)
        with Database(empty_database_url).session() as connection:
            if connection.dialect == "postgresql":
                connection.execute(f"SET search_path TO {'identity' if move is migrate else 'ledger'}")
            connection.execute(EVENT, (f"o{number}",))
            found = connection.query("SELECT event_id, entity_id FROM identity_event ORDER BY event_id")
        assert found == [(each, f"o{each}") for each in range(1, number + 1)]


def test_deals_there_were_get_the_stages_their_sources_remember_as_versions(empty_database_url: str) -> None:
    migrate(empty_database_url, "0032")
    stages = ", ".join(
        f"('crm/deals/1#{day}', 'crm', 'deals', '1', 7, 'r', 'crm/deals/1', '{stage}', '2026-01-0{day}T00:00:00Z')"
        for day, stage in ((2, "Talks"), (3, "Offer"), (5, "Won"))
    )
    statements = {
        "fact (fact_id, entity, kind, happened_at, record, nature, attached)": (
            "('f', 'deal', 'deal', '2026-01-01T00:00:00.000000Z', 'crm/deals/1', 'person', 'attached')"
        ),
        "deal (fact_id, name, stage, status, record_count)": "('f', 'Rollout', 'Won', 'won', 1)",
        "deal_value (fact_id, field, value, record, raw_id, rule)": (
            "('f', 'stage', 'Won', 'crm/deals/1', 7, 'only')"
        ),
        "staged_deal_stage_change (record, source, stream, source_id, raw_id, rules, deal_record, stage,"
        " changed_at)": stages,
    }
    with Database(empty_database_url).session() as connection:
        for target, values in statements.items():
            connection.execute(f"INSERT INTO {target} VALUES {values}")
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        rows = connection.query(
            "SELECT version_id, stage, status, substr(cast(recorded_from_at AS text), 1, 10) FROM deal_version"
            " ORDER BY version_id"
        )
    assert rows == [
        (1, "Talks", "open", "2026-01-01"),
        (2, "Offer", "open", "2026-01-03"),
        (3, "Won", "won", "2026-01-05"),
    ]
    downgrade(empty_database_url, "0032")
    migrate(empty_database_url)


def test_migrating_twice_is_harmless_and_keeps_the_data(database_url: str) -> None:
    with Database(database_url).session() as connection:
        connection.execute("INSERT INTO hub_state (name, value) VALUES ('kept', 'yes')")
    migrate(database_url)
    migrate(database_url)
    with Database(database_url).session() as connection:
        assert connection.query("SELECT value FROM hub_state WHERE name = 'kept'") == [("yes",)]


@pytest.mark.fault("F79")
def test_migration_that_fails_leaves_nothing_behind(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ops.TABLES[-1]._replace(indexes=(Index("broken", ("no_such_column",)),))
    monkeypatch.setattr(ops, "TABLES", (*ops.TABLES[:-1], broken))
    with pytest.raises(Exception, match="no_such_column"):
        migrate(empty_database_url)
    assert tables_of(empty_database_url) == []


@pytest.mark.parametrize(("found", "remedy"), [("0000", "partnerhub sync"), ("9999", "Upgrade Partner Hub")])
@pytest.mark.fault("F79")
def test_schema_of_another_program_is_refused_with_the_remedy(
    database_url: str, found: str, remedy: str
) -> None:
    database = Database(database_url)
    require_current(database)
    with database.session() as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (found,))
    with pytest.raises(SchemaMismatch, match=remedy):
        require_current(database)


@pytest.mark.fault("F79")
def test_an_older_program_touches_nothing_of_a_newer_warehouse_and_says_so(database_url: str) -> None:
    with Database(database_url).session() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaMismatch, match="Upgrade Partner Hub"):
        migrate(database_url)
    assert current_revision(Database(database_url)) == "9999"


def test_revisions_form_one_line_and_the_last_is_known() -> None:
    names = sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("*.py"))
    assert names == sorted(set(names))
    assert latest_revision() == names[-1]


def test_no_migration_reads_the_tables_of_today() -> None:
    stated = [
        *(MIGRATIONS / "versions").glob("*.py"),
        *(MIGRATIONS / "initial").glob("*.py"),
        MIGRATIONS / "tables.py",
    ]
    assert len(stated) > 5
    assert [path.name for path in stated if "from warehouse.tables import" in path.read_text()] == []


def test_a_warehouse_that_is_up_to_date_is_left_alone_even_while_somebody_writes(database_url):
    with Database(database_url).session() as writer, writer.transaction():
        writer.execute("INSERT INTO hub_state (name, value) VALUES ('busy', 'yes')")
        migrate(database_url)
    assert current_revision(Database(database_url)) == latest_revision()

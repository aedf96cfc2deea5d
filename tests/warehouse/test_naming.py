"""Source records by the names people use."""

import json

import pytest

from warehouse.database import Database
from warehouse.queries.naming import names_of, singular

SOURCES = [
    ("crm", "hubspot", "HubSpot", "1"),
    ("list", "sheets", "Spreadsheet", "partners.xlsx"),
]


@pytest.fixture
def connection(database_url):
    with Database(database_url).session() as opened, opened.transaction():
        opened.execute_many(
            "INSERT INTO source (source, connector, title, account) VALUES (?, ?, ?, ?)", SOURCES
        )
        yield opened


def land_row(connection, payload) -> None:
    content = None if payload is None else json.dumps(payload).encode()
    connection.execute(
        "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, payload, run_id, landed_at)"
        " VALUES (1, 'list', 'rows', 'a#b', 'upsert', ?, ?, 'r', '2026-10-01T09:00:00.000000Z')",
        (b"0", content),
    )
    connection.execute(
        "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, staged_raw_id, staged_rules)"
        " VALUES ('list', 'rows', 'a#b', 1, 'upsert', ?, 0, '')",
        (b"0",),
    )


def test_a_record_of_a_system_is_named_by_system_kind_and_id(connection):
    assert names_of(connection, ["crm/companies/42"]) == {"crm/companies/42": "HubSpot company 42"}


def test_with_two_accounts_of_one_system_the_source_is_named_too(connection):
    connection.execute("INSERT INTO source (source, connector, title) VALUES ('eu', 'hubspot', 'HubSpot')")
    assert names_of(connection, ["eu/deals/7"])["eu/deals/7"] == "HubSpot deal 7 (eu)"


def test_a_row_is_named_by_its_place_in_the_file(connection):
    land_row(connection, {"_row": 17, "Company": "Acme"})
    names = names_of(connection, ["list/rows/a%23b", "list/rows/a%23b#contact"])
    assert list(names.values()) == ["row 17 of partners.xlsx", "contact in row 17 of partners.xlsx"]


def test_a_row_that_is_gone_is_named_by_where_it_last_stood(connection):
    land_row(connection, {"_row": 17, "Company": "Acme"})
    connection.execute(
        "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, run_id, landed_at)"
        " VALUES (2, 'list', 'rows', 'a#b', 'not_visible', ?, 'r', '2026-10-02T09:00:00.000000Z')",
        (b"0",),
    )
    assert names_of(connection, ["list/rows/a%23b"])["list/rows/a%23b"] == "former row 17 of partners.xlsx"


def test_a_record_that_is_a_file_is_named_by_its_path_and_a_passage_by_its_place(connection):
    land_row(connection, {"_file": "Reviews/q3.pptx"})
    passage = "list/rows/a%23b#slide 7 / Table 1 / r3c2~5d4283fb39ec"
    names = names_of(connection, ["list/rows/a%23b", passage])
    assert list(names.values()) == ["Reviews/q3.pptx", "slide 7 / Table 1 / r3c2 in Reviews/q3.pptx"]


def test_a_redacted_row_is_still_named(connection):
    land_row(connection, None)
    assert names_of(connection, ["list/rows/a%23b"])["list/rows/a%23b"] == "Spreadsheet row a#b"


def test_an_entry_of_a_person_and_an_unknown_source_are_named(connection):
    names = names_of(connection, ["hub/notes/1", "gone/rows/1"])
    assert names == {"hub/notes/1": "entered by hand (note)", "gone/rows/1": "gone/rows/1"}


def test_streams_in_the_singular():
    assert [singular(name) for name in ("companies", "deals", "mail_messages")] == [
        "company",
        "deal",
        "mail message",
    ]

"""Views of streams as they were at a moment: what records said, whatever came, changed and went since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

import partnerhub
from tests.pipelines.golden_rig import DAY, Hub
from tests.warehouse.reading_then import published, read
from tests.warehouse.test_marts_by_images import Story, redact
from tests.web.partner_rig import RULES, put
from warehouse.database import Database
from warehouse.exports.export import Options, export
from warehouse.marts.streams import Declared, Further, declare
from warehouse.marts.then import as_known, select_then
from warehouse.marts.views import READER, make_views

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.marts import Mart

COMPANY, CONTACT, MAIL, FILE = "crm/companies/1", "crm/contacts/1", "mail/messages/1", "mail/files/1"
DECLARED = (
    Declared(
        "crm",
        "companies",
        "organization",
        True,
        (Further("Size", cleaner="integer"), Further("it's 100 %?")),
        {},
    ),
    Declared("crm", "contacts", "person", True, (), {}),
    Declared("crm", "contacts", "relation", False, (), {}),
    Declared("mail", "messages", "touchpoint", True, (), {}),
    Declared("mail", "files", "document", True, (), {}),
)
COMPANIES, MAILS, FILES = "stg_crm__companies", "stg_mail__messages", "stg_mail__files"
"""Their views."""
EARLY, LATE = "2026-10-01T00:00:40.000000Z", "2026-10-01T00:01:20.000000Z"
"""After the first staging and before anything else; after the first publication."""


@pytest.fixture
def story(database_url: str) -> Story:
    """A company with every type of value, a contact at it, a mail with a file, and their views."""
    return begun(database_url)


def begun(url: str) -> Story:
    told = Story(Hub(Database(url), RULES))
    told.stage(
        "organization", COMPANY, name="Acme", annual_value_minor=120_050, currency="EUR", employees=12,
        modified_at=DAY.format(4), renews_on="2027-01-31", custom_json={"Size": 7, "it's 100 %?": ["a"]},
    )  # fmt: skip
    told.stage("person", CONTACT, name="Ann")
    told.stage("relation", f"{CONTACT}#works", from_record=CONTACT, to_record=COMPANY, since="2026-01-31")
    told.stage("document", FILE, title="Secret.pdf", parent_record=MAIL)
    told.mail(MAIL, subject="Secret", custom_json={"to": "Secret"})
    with told.hub.database.session() as connection:
        with connection.transaction():
            declare(connection, DECLARED, EARLY)
        make_views(connection)
    told.publish()
    return told


def view(story: Story, name: str) -> Mart:
    with story.hub.database.session() as connection:
        return published(connection)[name]


def then(story: Story, name: str, moment: str) -> list[dict[str, Any]]:
    table = view(story, name)
    with story.hub.database.session() as connection:
        return read(connection, table, f"({select_then(table, connection.dialect, moment)}) AS it")


def test_of_every_moment_each_view_says_what_it_said_then(story: Story) -> None:
    changed = {
        "name": "Acme Ltd",
        "employees": 13,
        "custom_json": {"Size": "seven"},
        "renews_on": "2028-01-31",
    }
    story.stage("organization", COMPANY, **changed)
    story.stage("relation", f"{CONTACT}#works", from_record=CONTACT, to_record=COMPANY, until="2026-09-30")
    story.mail(MAIL, status="read", deleted_at=DAY.format(20))
    story.publish()
    story.hub.unstage("relation", f"{CONTACT}#works")
    story.stage("organization", COMPANY, name="Acme")
    story.publish()
    story.assert_told(COMPANIES, "stg_crm__contacts__relation")


def test_what_came_later_was_not_there_and_what_came_back_was_gone_in_between(story: Story) -> None:
    story.stage("organization", "crm/companies/2", name="Beta")
    story.hub.unstage("person", CONTACT)
    story.publish()
    story.stage("person", CONTACT, name="Ann")
    story.stage("organization", "crm/companies/3", name="Gamma")
    story.publish()
    story.assert_told("stg_crm__contacts", COMPANIES)
    there = [len(each["stg_crm__contacts"]) for each in story.told.values()]
    assert there == [1, 0, 1]


def test_a_version_that_says_nothing_else_stands_since_it_landed(story: Story) -> None:
    story.stage("person", CONTACT, name="Ann")
    story.publish()
    runs = [then(story, "stg_crm__contacts", at)[0]["_hub_run_id"] for at in (LATE, "2026-10-01T00:01:40Z")]
    assert runs == ["run-13", "run-16"]
    assert story.hub.rows("staged_past") == []


def test_no_words_of_a_mail_stand_in_an_image_or_in_a_view_as_of_then(story: Story) -> None:
    story.stage("document", FILE, title="Other.pdf", parent_record=MAIL)
    story.mail(MAIL, subject="Secret too", text="Secret too")
    story.stage("touchpoint", MAIL, kind="call", happened_at=DAY.format(3), subject="Call")
    story.publish()
    kept = [row for row in story.hub.rows("staged_past", "kind", "row_json") if row[0] == "touchpoint"]
    assert kept
    assert "Secret" not in repr(kept)
    assert [row["subject"] for row in then(story, MAILS, LATE)] == [None]
    assert [row["title"] for row in then(story, FILES, LATE)] == [None]


def test_what_is_redacted_stands_in_no_image(story: Story) -> None:
    story.stage("organization", COMPANY, name="Acme Ltd")
    story.stage("person", CONTACT, name="Ann Park")
    story.stage("relation", f"{CONTACT}#works", from_record=CONTACT, to_record=COMPANY, role="CTO")
    story.publish()
    redact(story, CONTACT)
    assert {row[1] for row in story.hub.rows("staged_past")} == {COMPANY}
    assert then(story, "stg_crm__contacts", LATE) == []


def test_of_a_moment_before_images_were_kept_what_arrived_anew_until_then_is_null(story: Story) -> None:
    story.stage("organization", COMPANY, name="Acme Ltd", employees=13)
    story.publish()
    with story.hub.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM staged_past")
    put(story.hub, "hub_state", ("name", "value"), [("staged_past_since", "2026-10-01T00:02:10.000000Z")])
    (was,), (now,) = (then(story, COMPANIES, at) for at in (LATE, "2026-10-01T00:02:20Z"))
    assert (was["record_key"], was["name"], was["employees"]) == (COMPANY, None, None)
    assert (now["name"], now["employees"]) == ("Acme Ltd", 13)
    assert [row["name"] for row in then(story, "stg_crm__contacts", LATE)] == ["Ann"]
    assert {
        each.name for each in as_known(view(story, COMPANIES), "sqlite", LATE).columns if each.required
    } == {
        "record_key",
        "source_id",
    }


def test_lineage_names_the_fields_a_stream_had_then(story: Story) -> None:
    with story.hub.database.session() as connection, connection.transaction():
        declare(connection, [DECLARED[0]._replace(custom=(Further("Later"),))], "2026-10-01T00:01:30.000000Z")
    moments = (LATE, "2026-10-01T00:01:40Z")
    names = [
        {row["column_name"] for row in then(story, "lineage_column", at) if row["table_name"] == COMPANIES}
        for at in moments
    ]
    assert names[1] - names[0] == {"custom_later"}
    assert "custom_size" in names[0]


@pytest.mark.postgres
def test_the_reader_asks_for_a_stream_of_then_by_a_function_also_under_a_long_name(postgres_url: str) -> None:
    story = begun(postgres_url)
    long = DECLARED[0]._replace(stream="companies_" + "x" * 60)
    with story.hub.database.session() as connection:
        with connection.transaction():
            declare(connection, [long], EARLY)
        make_views(connection)
        names = [row[0] for row in connection.query(
            "SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace('marts')"
            " AND proname LIKE 'stg_crm__companies%' ORDER BY length(proname)"
        )]  # fmt: skip
    story.stage("organization", COMPANY, name="Acme Ltd")
    with story.hub.database.session() as connection:
        connection.execute(f"SET ROLE {READER}")
        asked = f"SELECT name, custom_size, annual_value FROM marts.{names[0]}(?)"
        assert [(row[0], row[1], float(row[2])) for row in connection.query(asked, (LATE,))] == [
            ("Acme", 7, 1200.5)
        ]
        assert connection.query(f"SELECT * FROM marts.{names[1]}(?)", (LATE,)) == []
        connection.execute("RESET ROLE")


def test_a_frame_and_an_export_of_a_stream_as_of_then(
    sqlite_url: str, tmp_path: Path, monkeypatch: Any
) -> None:
    story = begun(sqlite_url)
    story.stage("organization", COMPANY, name="Acme Ltd")
    (tmp_path / "partnerhub.yaml").write_text(f"warehouse: {sqlite_url}\nsources: {{}}\n")
    monkeypatch.chdir(tmp_path)
    frame = partnerhub.frame(COMPANIES, as_of=datetime(2026, 10, 1, 0, 1, 20, tzinfo=UTC))
    assert list(frame["name"]) == ["Acme"]
    made = export(story.hub.database, str(tmp_path / "then"), Options(as_of=LATE), LATE)
    assert made["not_kept"] == []
    rows = pq.read_table(tmp_path / f"then/{COMPANIES}.parquet").to_pylist()
    assert [(row["name"], row["custom_size"], row["employees"]) for row in rows] == [("Acme", 7, 12)]

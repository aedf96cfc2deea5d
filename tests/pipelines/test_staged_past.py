"""Before-images of staged rows: written where what a record says changes, goes or comes, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from connectors.record import Op
from tests.pipelines.test_stage import SETTINGS, company, land, query, stage
from warehouse.bulk import columns_of

OTHER_RULES = replace(SETTINGS, default_region="FR")
OWN = {"record", "source", "stream", "rules", "digest"}
MERGED = "crm/companies/1#merged_into"


def images(url: str) -> list[tuple[Any, ...]]:
    """Kind, record, whether it was there, and its name, oldest first."""
    rows = query(
        url, "SELECT kind, record, was_there, row_json FROM staged_past ORDER BY ended_at, kind, record"
    )
    return [(*row[:2], bool(row[2]), json.loads(row[3]).get("name")) for row in rows]


def test_a_first_load_writes_no_image_and_neither_does_staging_again(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel"), company("2", city="Bonn"))
    stage(database_url)
    stage(database_url)
    assert images(database_url) == []


def test_a_record_that_says_something_else_leaves_what_it_said(database_url: str) -> None:
    for name in ("Kestrel", "Falcon", "Hawk"):
        land(database_url, company("1", name=name), company("2", name="Owl"), run_id=name)
        stage(database_url)
    record = ("organization", "crm/companies/1", True)
    assert images(database_url) == [(*record, "Kestrel"), (*record, "Falcon")]


def test_a_version_that_changes_nothing_staged_leaves_none(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel"))
    stage(database_url)
    (before,) = query(database_url, "SELECT raw_id FROM staged_organization")
    land(database_url, company("1", name="Kestrel", hs_object_id="1"), run_id="run-2")
    stage(database_url)
    assert query(database_url, "SELECT raw_id FROM staged_organization") != [before]
    assert images(database_url) == []


def test_other_rules_leave_images_of_the_rows_they_read_otherwise_and_no_others(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel", phone="030 123456"), company("2", name="Owl"))
    stage(database_url)
    before = query(database_url, "SELECT DISTINCT rules FROM staged_organization")
    stage(database_url, OTHER_RULES)
    assert query(database_url, "SELECT DISTINCT rules FROM staged_organization") not in ([], before)
    assert [row[1] for row in images(database_url)] == ["crm/companies/1"]


def test_a_deletion_and_a_merge_leave_the_living_row_and_say_that_the_merge_was_not_there(
    database_url: str,
) -> None:
    land(database_url, company("1", name="Kestrel"), company("2", name="Owl"))
    stage(database_url)
    land(database_url, company("1", Op.MERGE, "2"), run_id="run-2")
    stage(database_url)
    land(database_url, company("1", Op.RESTORE, name="Kestrel"), run_id="run-3")
    stage(database_url)
    own = ("organization", "crm/companies/1", True, "Kestrel")
    assert images(database_url) == [
        own,
        ("relation", MERGED, False, None),
        own,
        ("relation", MERGED, True, None),
    ]


def test_a_record_that_could_not_be_read_at_first_was_not_there(database_url: str) -> None:
    land(database_url, company("1", city="Bonn"))
    stage(database_url)
    land(database_url, company("1", name="Kestrel"), company("2", name="Owl"), run_id="run-2")
    stage(database_url)
    assert images(database_url) == [("organization", "crm/companies/1", False, None)]


def test_an_image_holds_every_value_of_its_row_but_for_what_it_has_a_column_of_its_own_for(
    database_url: str,
) -> None:
    land(database_url, company("1", name="Kestrel", domain="kestrel.example", own="field"))
    stage(database_url)
    columns = columns_of("staged_organization")
    (row,) = query(database_url, f"SELECT {', '.join(columns)} FROM staged_organization")
    land(database_url, company("1", name="Falcon"), run_id="run-2")
    stage(database_url)
    ((said,),) = query(database_url, "SELECT row_json FROM staged_past")
    told = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
    assert json.loads(said) == {name: told[name] for name in told.keys() - OWN}

"""Other rules: every record is staged again, and only what says something else is written and published."""

from __future__ import annotations

from shutil import copyfile
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.stage.alike import made_digests
from pipelines.stage.packed import Batch, staged_columns
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.test_stage import company, land, publish_everything, query, stage
from warehouse.bulk import row_of
from warehouse.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.record import SourceRecord

GRADED = StageSettings({"crm": SourceRules("hubspot", fields={"": {"tier": "grade"}})}, default_region="DE")
STAGED = "SELECT record, name, tier, rules, custom_json FROM staged_organization ORDER BY record"
KEYS = "SELECT record, kind, scheme, normalized, original FROM key ORDER BY 1, 2, 3, 4"
PENDING = "SELECT record, kind FROM pending ORDER BY record"
MANY = 700
"""More than are looked up one by one."""


def landed_and_published(url: str, *records: SourceRecord) -> None:
    """Records under the first rules, with nothing left to publish."""
    land(url, *records)
    stage(url)
    publish_everything(url)


def chunk(**changed: Any) -> Batch:
    """One touchpoint with a key and a participant, but for what is said to be changed."""
    facts = {"record": "crm/calls/1", "raw_id": 7, "rules": "first", "subject": "Review", **changed}
    row = row_of(facts, staged_columns("touchpoint"))
    key = ("crm/calls/1", "crm_id", "", changed.get("normalized", "crm-1"), "CRM-1", "touchpoint", "crm")
    position, address = changed.get("position", 1), changed.get("address", "ann@kestrel.example")
    participant = ("crm/calls/1", position, "from", address, None, None)
    return Batch({"touchpoint": {row[0]: row}}, [key], {participant[:2]: participant})


@pytest.fixture
def empty_hub(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A second hub that nothing landed in."""
    copyfile(migrated_sqlite, tmp_path / "other.db")
    return f"sqlite:///{tmp_path / 'other.db'}"


def test_other_rules_publish_the_records_alone_of_which_they_say_something_else(database_url: str) -> None:
    landed_and_published(database_url, company("1", name="Kestrel", grade="A"), company("2", name="Merlin"))
    assert stage(database_url, GRADED).records == 2
    assert query(database_url, PENDING) == [("crm/companies/1", "organization")]


@pytest.mark.parametrize("count", [3, MANY])
def test_what_stands_after_other_rules_is_what_they_make_of_an_empty_hub(
    database_url: str, empty_hub: str, count: int
) -> None:
    records = [
        company(str(n), name=f"Company {n}", domain=f"c{n}.example", grade="A" if n % 3 == 0 else None)
        for n in range(count)
    ]
    landed_and_published(database_url, *records)
    stage(database_url, GRADED)
    land(empty_hub, *records)
    stage(empty_hub, GRADED)
    for question in (STAGED, KEYS):
        assert query(database_url, question) == query(empty_hub, question) != []


def test_a_row_that_was_staged_before_digests_were_kept_counts_as_changed(database_url: str) -> None:
    landed_and_published(database_url, company("1", name="Kestrel"))
    with Database(database_url).session() as connection:
        connection.execute("UPDATE staged_organization SET digest = NULL")
    stage(database_url, GRADED)
    assert query(database_url, PENDING) == [("crm/companies/1", "organization")]


@pytest.mark.parametrize(
    "changed",
    [
        {"raw_id": 8},
        {"subject": "Review of the year"},
        {"position": 2},
        {"address": "somebody@else.example"},
        {"normalized": "crm-2"},
    ],
)
def test_the_digest_tells_a_row_by_itself_its_keys_and_its_participants(changed: dict[str, Any]) -> None:
    assert made_digests(chunk(**changed)) != made_digests(chunk())


def test_the_digest_does_not_tell_by_which_rules_a_row_was_made() -> None:
    assert made_digests(chunk(rules="others")) == made_digests(chunk())

"""What hangs on a field that went away: found by staging a version with and without it."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from connectors.errors import SkipRecord
from mappings.rows import StagedOutput
from pipelines.stage.lost import WHOLE_RECORD, Search


def search(raised: Exception) -> Search:
    """Of a stream whose rules read records that have a name, and raise the error for all others."""

    def stage(_source_id: str, _raw_id: int, payload: dict[str, Any]) -> StagedOutput:
        if "name" not in payload:
            raise raised
        return StagedOutput(rows={"organization": [{"name": payload["name"], "city": payload.get("city")}]})

    connection: Any = None  # nothing is asked of it
    mapping: Any = None
    return Search(connection, ("crm", "companies"), mapping, stage)


def test_the_staged_fields_that_differ_hang_on_the_field():
    found = search(ValueError()).difference("1", 1, {"name": "Acme", "city": "Ulm"}, {"name": "Acme"})
    assert found == {"city"}


@pytest.mark.parametrize(
    "raised", [SkipRecord(code="no_name", do="", happened=""), KeyError("name"), TypeError()]
)
def test_the_whole_record_hangs_on_a_field_without_which_it_cannot_be_read(raised):
    assert search(raised).difference("1", 1, {"name": "Acme"}, {}) == {WHOLE_RECORD}
    assert search(raised).difference("1", 1, {}, {"name": "Acme"}) == set()


@pytest.mark.parametrize("raised", [sqlite3.OperationalError("disk is full"), OSError(), AssertionError()])
def test_what_no_payload_can_cause_is_raised(raised):
    for payloads in (({"name": "Acme"}, {}), ({}, {"name": "Acme"})):
        with pytest.raises(type(raised)):
            search(raised).difference("1", 1, *payloads)

"""One value for several partners: seen before, done as one act, in the audit log, and taken back."""

from __future__ import annotations

import io

import pytest
from pyarrow import parquet

from tests.web.partner_rig import ACME, LONE, browsing


@pytest.fixture
def both(partners):
    return [partners.id_of(ACME), partners.id_of(LONE)]


def owners(client):
    """Owner of every partner, by name."""
    table = parquet.read_table(io.BytesIO(client.get("/partners.parquet?columns=owner").content))
    return dict(zip(table["Name"].to_pylist(), table["Owner"].to_pylist(), strict=True))


def test_before_anything_happens_it_is_said_what_would_change(partners, both, database_url):
    with browsing(database_url, partners) as client:
        given = {"field": "owner", "value": "Ana Solé", "partner": both}
        text = client.post("/partners/assign", data=given).text
        assert "<strong>2</strong> change" in text
        assert owners(client) == {"Acme": None, "Lone": None}


def test_assigning_changes_all_by_one_act_that_is_taken_back_whole(partners, both, database_url):
    with browsing(database_url, partners) as client:
        given = {
            "field": "owner",
            "value": "Ana Solé",
            "partner": both,
            "confirmed": "1",
            "reason": "handed over",
        }
        done = client.post("/partners/assign", data=given)
        assert "owner of 2 partners is Ana Solé" in done.text
        assert owners(client) == {"Acme": "Ana Solé", "Lone": "Ana Solé"}
        assert len(partners.rows("steward_act", "act_id")) == 1
        back = client.post(f"{done.url.path}/undo")
        assert "Taken back" in back.text
        assert owners(client) == {"Acme": None, "Lone": None}
    verbs = [each for (each,) in partners.rows("audit_entry", "verb") if "assign" in each or "undo" in each]
    assert verbs == ["identity.undo", "partners.assign"]


def test_what_somebody_pinned_after_that_is_not_taken_back_with_it(partners, both, database_url):
    with browsing(database_url, partners) as client:
        act = client.post(
            "/api/assignments", json={"field": "tier", "value": "Iron", "partners": both}
        ).json()
        client.post(f"/partners/{both[0]}/values", data={"act": "pin", "field": "tier", "value": "Lead"})
        refused = client.post(f"/api/assignments/{act['act']}/undo")
        assert refused.status_code >= 400
        assert "after that" in refused.text
        assert "Lead" in client.get(f"/partners/{both[0]}").text
        assert "Iron" in client.get(f"/partners/{both[1]}").text


def test_a_dry_run_by_the_api_says_the_same_and_writes_nothing(small):
    hub, url = small
    ids = [hub.id_of(ACME), hub.id_of(LONE)]
    with browsing(url, hub) as client:
        given = {"field": "tier", "value": "Iron", "partners": ids}
        told = client.post("/api/assignments?dry_run=true", json=given).json()
        assert told == {"act": None, "changed": 2, "same": 0, "pinned_by_others": 0}
        assert client.post("/api/assignments", json={**given, "field": "name"}).status_code >= 400
    assert hub.rows("steward_act", "act_id") == []


def test_a_whole_list_can_be_assigned_as_its_filters_say(small):
    hub, url = small
    with browsing(url, hub) as client:
        given = {"field": "status", "value": "active", "whole": "1", "rule": "tier=Gold"}
        text = client.post("/partners/assign", data=given).text
    assert "Acme" in text
    assert "Lone" not in text


def test_parquet_holds_the_rows_and_columns_of_the_page_with_numbers_and_times_as_such(small):
    hub, url = small
    with browsing(url, hub) as client:
        found = client.get("/partners.parquet?columns=tier,records,contact,sources&tier=Gold")
        table = parquet.read_table(io.BytesIO(found.content))
    assert table.column_names == [
        "Id in this hub",
        "Name",
        "Site",
        "Tier",
        "Sources",
        "Records",
        "Last contact",
    ]
    assert table["Records"].to_pylist() == [2]
    assert table["Sources"].to_pylist() == [["crm", "sheet"]]
    assert str(table.schema.field("Last contact").type) == "timestamp[us, tz=UTC]"

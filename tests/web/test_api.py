"""The JSON API: what the pages show and do, for programs, with the permission each address takes."""

from __future__ import annotations

import pytest

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import make_key
from partnerhub.web.connected import now_text
from warehouse.commands.accounts import By

QUESTION = "SELECT question_id, left_id, right_id FROM question ORDER BY unsure, behind"
LIVE = "SELECT count(*) FROM organization WHERE deleted_at IS NULL"


@pytest.fixture
def program(hub):
    """A program with a key that may read and decide, and no cookie."""
    from fastapi.testclient import TestClient

    from partnerhub.cli.serving import wiring_of
    from partnerhub.web.app import create_app
    from tests.web.browsing import HERE

    allowed = (Permission.READ_PARTNERS, Permission.DECIDE_IDENTITY)
    with hub.database.session() as connection, connection.transaction():
        key = make_key(connection, "test", allowed, None, By("test", now_text()))
    headers = {"authorization": f"Bearer {key}"}
    with TestClient(create_app(wiring_of(hub.config)), base_url=HERE, headers=headers) as made:
        yield made


def test_partners_are_listed_a_page_at_a_time(program, hub):
    first = program.get("/api/partners?limit=4").json()
    second = program.get("/api/partners", params={"limit": 4, "after": first["next"]}).json()
    names = [each["name"] for page in (first, second) for each in page["partners"]]
    assert len(names) == len(set(names)) == hub.one(LIVE)[0]
    assert second["next"] is None


def test_a_partner_its_timeline_and_its_values_with_provenance(program, hub):
    known = hub.one("SELECT organization_id FROM organization WHERE record_count = 2")[0]
    whole = program.get(f"/api/partners/{known}").json()
    values = {each["field"]: each for each in program.get(f"/api/partners/{known}/values").json()["values"]}
    assert len(whole["records"]) == 2
    assert values["name"]["record"].startswith("partners/rows/")
    assert values["tier"]["others"][0]["value"] in {"Gold", "Silver"}
    assert program.get(f"/api/partners/{known}/timeline").json() == {"events": [], "next": None}


def test_a_question_is_answered_tried_and_taken_back(program, hub):
    question = program.get("/api/questions").json()["questions"][0]
    assert program.get(f"/api/questions/{question['id']}").json()["evidence"]["verdict"]
    before = hub.one(LIVE)[0]
    there = f"/api/questions/{question['id']}/answer"
    tried = program.post(f"{there}?dry_run=true", json={"verdict": "same"}).json()
    assert tried["survivor"]["name"]
    assert hub.one(LIVE)[0] == before
    told = program.post(there, json={"verdict": "same", "reason": "one firm"}).json()
    assert hub.one(LIVE)[0] == before - 1
    assert program.get("/api/acts").json()["acts"][0]["reason"] == "one firm"
    again = program.post(there, json={"verdict": "same"})
    assert (again.status_code, again.json()["title"]) == (404, f"No question {question['id']} waits.")
    assert program.post(f"/api/acts/{told['act']}/undo", json={}).status_code == 200
    assert hub.one(LIVE)[0] == before


def test_records_are_split_off(program, hub):
    known = hub.one("SELECT organization_id FROM organization WHERE record_count = 2")[0]
    records = [each["record"] for each in program.get(f"/api/partners/{known}").json()["records"]]
    told = program.post(f"/api/partners/{known}/split", json={"records": records[1:]}).json()
    assert len(told["after"]) == 2


def test_whoever_is_about_to_add_a_partner_is_told_which_one_is_likely_meant(program):
    found = program.get("/api/likely", params={"name": "ACME", "website": "www.acme.example"}).json()[
        "likely"
    ]
    assert found[0]["name"].startswith("Acme")
    assert found[0]["certain"] is True
    assert program.get("/api/likely", params={"name": "Zebrafisch Optik"}).json() == {"likely": []}


def test_the_document_names_every_address_with_its_permission(program):
    document = program.get("/api/openapi.json").json()
    assert {"/api/partners", "/api/questions/{question}/answer", "/api/reconcile"} <= set(document["paths"])
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["x-permission"] in set(Permission), path
            assert operation["description"], path
    page = program.get("/api").text
    assert all(path in page for path in document["paths"])


def test_errors_say_what_happened_and_what_to_do(program, hub):
    unknown = program.get("/api/partners/00000000-0000-0000-0000-000000000000")
    assert (unknown.status_code, set(unknown.json())) == (404, {"title", "do", "status"})
    assert program.get("/api/partners?limit=0").json()["status"] == 422
    program.headers.pop("authorization")
    assert program.get("/api/partners").json()["status"] == 401
    with hub.browser("manager") as browser:
        assert browser.get("/api/questions").json()["status"] == 403

"""OpenRefine matches a list against the hub: the requests it sends, and what it gets."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import make_key
from partnerhub.cli.serving import wiring_of
from partnerhub.identity.policy import DEFAULT
from partnerhub.web.app import create_app
from partnerhub.web.connected import now_text
from pipelines.resolve.likely import likely
from tests.web.browsing import HERE
from warehouse.commands.accounts import By
from warehouse.database import Database

WEBSITE = {"pid": "website", "v": "acme.example"}


@pytest.fixture
def openrefine(hub):
    """A program that can send no header, and the address with its key."""
    with hub.database.session() as connection, connection.transaction():
        key = make_key(connection, "OpenRefine", (Permission.READ_PARTNERS,), None, By("test", now_text()))
    with TestClient(create_app(wiring_of(hub.config)), base_url=HERE) as made:
        yield made, f"/api/reconcile/key/{key}"


def asked(openrefine, **queries):
    browser, place = openrefine
    answer = browser.post(place, data={"queries": json.dumps(queries)})
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


def test_the_manifest_says_which_version_and_where_everything_is(openrefine):
    browser, place = openrefine
    told = browser.get(place).json()
    assert told["versions"] == ["0.2"]
    assert {"name", "identifierSpace", "schemaSpace", "defaultTypes", "view", "preview", "suggest"} <= set(
        told
    )
    assert told["suggest"]["entity"]["service_url"] == f"{HERE}{place}"


def test_a_batch_is_answered_query_by_query_with_score_and_match(openrefine):
    told = asked(
        openrefine,
        q0={
            "query": "ACME",
            "limit": 3,
            "type": "organization",
            "properties": [{"pid": "website", "v": "acme.example"}],
        },
        q1={"query": "Corvina", "properties": [{"pid": "city", "v": [{"id": "x", "name": "Szeged"}]}]},
        q2={"query": "Zebrafisch Optik"},
    )
    acme, corvina = told["q0"]["result"][0], told["q1"]["result"]
    assert acme["match"] is True
    assert acme["score"] > 90
    assert acme["type"] == [{"id": "organization", "name": "Organization"}]
    assert corvina[0]["name"] == "Corvina"
    assert [each["score"] for each in corvina] == sorted((each["score"] for each in corvina), reverse=True)
    assert told["q2"] == {"result": []}


def test_one_query_may_be_asked_by_address(openrefine):
    browser, place = openrefine
    assert browser.get(place, params={"query": "Dorado Ltd"}).json()["result"][0]["name"] == "Dorado Ltd"


def test_the_search_box_and_the_preview_of_a_candidate(openrefine):
    browser, place = openrefine
    found = browser.get(f"{place}/suggest/entity", params={"prefix": "Corv"}).json()["result"]
    assert {each["name"] for each in found} == {"Corvina", "Corvina Kft."}
    shown = browser.get(f"{place}/preview", params={"id": found[0]["id"]})
    assert found[0]["name"] in shown.text
    assert "frame-ancestors *" in shown.headers["content-security-policy"]
    pids = browser.get(f"{place}/suggest/property", params={"prefix": "ci"}).json()["result"]
    assert pids == [{"id": "city", "name": "City"}]


def test_a_failure_is_logged_without_the_key(openrefine, capsys):
    browser, place = openrefine
    browser.app.state.wiring = replace(browser.app.state.wiring, likely=lambda *_: 1 / 0)
    assert browser.get(place, params={"query": "Acme"}).status_code == 500
    said = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in said
    assert place.rpartition("/")[2] not in said


def test_a_wrong_key_opens_nothing_and_neither_does_the_cookie(openrefine, hub):
    browser, place = openrefine
    assert browser.get(f"{place}x").status_code == 401
    with hub.browser("admin") as signed_in:
        assert signed_in.get("/api/reconcile/key/nothing").status_code == 401
        assert signed_in.get("/api/reconcile").status_code == 200


@pytest.mark.parametrize("sent", ["", "[1]", "{", json.dumps({str(n): {"query": "a"} for n in range(60)})])
def test_queries_nobody_can_read_are_refused_in_words(openrefine, sent):
    browser, place = openrefine
    answer = browser.post(place, data={"queries": sent})
    assert answer.status_code == (200 if not sent else 422)


@pytest.mark.parametrize(
    "odd", [None, 7, "text", {"query": 7}, {"query": "", "properties": [None, {"pid": "city"}]}]
)
def test_an_odd_query_has_no_candidates(openrefine, odd):
    assert asked(openrefine, q0=odd) == {"q0": {"result": []}}


def test_an_empty_hub_has_no_candidates_on_either_engine(database_url):
    with Database(database_url).session() as connection:
        assert likely(connection, {"name": "Acme", "website": "acme.example"}, DEFAULT) == []


def test_matched_rows_are_completed_by_values_of_the_hub(openrefine, hub):
    browser, place = openrefine
    offered = browser.get(
        browser.get(place).json()["extend"]["propose_properties"]["service_path"].join([place, ""])
    )
    assert {"id": "tier", "name": "Tier"} in offered.json()["properties"]
    known, website = hub.one("SELECT organization_id, website FROM organization WHERE city = 'Budapest'")
    wanted = {"ids": [known, "nobody"], "properties": [{"id": "website"}, {"id": "tier"}, {"id": "secret"}]}
    told = browser.post(place, data={"extend": json.dumps(wanted)}).json()
    assert told["meta"] == [{"id": "website", "name": "Website"}, {"id": "tier", "name": "Tier"}]
    assert told["rows"] == {
        known: {"website": [{"str": website}], "tier": []},
        "nobody": {"website": [], "tier": []},
    }


@pytest.mark.parametrize("sent", ["{", "[]", '{"ids": 1}', '{"ids": [], "properties": "x"}'])
def test_an_extension_nobody_can_read_is_refused_in_words(openrefine, sent):
    browser, place = openrefine
    assert browser.post(place, data={"extend": sent}).status_code == 422


def test_types_are_taken_as_strictly_as_asked(openrefine):
    both = {"query": "ACME", "type": ["organization", "person"]}
    told = asked(
        openrefine, any=both, all={**both, "type_strict": "all"}, other={"query": "ACME", "type": "person"},
        should={"query": "ACME", "type": "person", "type_strict": "should"},
    )  # fmt: skip
    assert {name: bool(each["result"]) for name, each in told.items()} == {
        "any": True, "all": False, "other": False, "should": True,
    }  # fmt: skip


def test_an_id_in_place_of_a_name_is_its_organization(openrefine, hub):
    known, name = hub.one("SELECT organization_id, name FROM organization WHERE city = 'Budapest'")
    (found,) = asked(openrefine, q0={"query": known})["q0"]["result"]
    assert (found["id"], found["name"], found["match"], found["score"]) == (known, name, True, 100)


def test_suggestions_are_skipped_and_the_one_type_is_suggested(openrefine):
    browser, place = openrefine

    def names(what, **asked):
        return [
            each["name"] for each in browser.get(f"{place}/suggest/{what}", params=asked).json()["result"]
        ]

    assert names("entity", prefix="Corv", cursor=1) == names("entity", prefix="Corv")[1:]
    assert names("property", prefix="", cursor=6) == ["Country"]
    assert (names("type", prefix="org"), names("type", prefix="person")) == (["Organization"], [])
    assert "type" in browser.get(place).json()["suggest"]


def test_properties_are_proposed_for_the_type_asked_for_and_no_more_than_wanted(openrefine):
    browser, place = openrefine
    told = browser.get(f"{place}/extend", params={"type": "organization", "limit": 2}).json()
    assert (told["type"], told["limit"], len(told["properties"])) == ("organization", 2, 2)
    assert browser.get(f"{place}/extend", params={"type": "person"}).json() == {
        "type": "person",
        "properties": [],
    }


def test_refusals_are_read_by_pages_of_other_sites_too(openrefine):
    browser, place = openrefine
    for answer in (browser.get(f"{place}x"), browser.get(f"{place}/preview", params={"id": "x"})):
        assert answer.status_code in {401, 404}
        assert answer.headers["access-control-allow-origin"] == "*"

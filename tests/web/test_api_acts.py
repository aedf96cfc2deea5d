"""Whatever people do on pages to partners and their values, programs do by the API; and exact matches together."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.routing import APIRoute

from partnerhub.access.roles import Permission
from partnerhub.web.app import create_app
from partnerhub.web.guard import Needs, declared
from partnerhub.web.wiring import Wiring

ACTS = {
    Permission.DECIDE_IDENTITY,
    Permission.CORRECT_VALUES,
    Permission.WRITE_ENTRIES,
    Permission.OPERATE_SYNC,
}
TWINS = {
    "/sync/{source}/now": "/api/sources/{source}/sync",
    "/sync/{source}/pause": "/api/sources/{source}/pause",
    "/sync/{source}/unpause": "/api/sources/{source}/unpause",
    "/runs/{run_id}/resume": "/api/runs/{run_id}/resume",
    "/runs/{run_id}/cancel": "/api/runs/{run_id}/cancel",
    "/errors/decide": "/api/problems/decide",
    "/quarantine/replay": "/api/quarantine/replay",
    "/quarantine/discard": "/api/quarantine/discard",
    "/review/{question}": "/api/questions/{question}/answer",
    "/review/alike": "/api/exact-matches",
    "/review/acts/{act}/undo": "/api/acts/{act}/undo",
    "/review/conflicts": "/api/conflicts",
    "/review/unmatched": "/api/facts/{fact_id}/attach",
    "/partners/{organization_id}/records": "/api/partners/{organization_id}/split",
    "/partners/{organization_id}/values": "/api/partners/{organization_id}/values",
    "/partners/new": "/api/partners",
    "/partners/check/add": "/api/check-list/add",
    "/partners/assign": "/api/assignments",
    "/partners/assigned/{act}/undo": "/api/assignments/{act}/undo",
    "/partners/{organization_id}/log": "/api/partners/{organization_id}/entries",
    "/partners/{organization_id}/ask": "/api/partners/{organization_id}/questions",
    "/asked/{number}": "/api/questions-of-values/{number}/close",
    "/partners/{organization_id}/next": "/api/partners/{organization_id}/next",
}
STRONG = json.dumps([{"what": "site", "words": "same website", "weight": 8.0}])


def acts_of(app):
    """Address → permission, of everything that is sent in order to change something."""
    needs = {
        (route.path, method): declared(route)
        for route in app.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    return {
        path: need.permission
        for (path, method), need in needs.items()
        if method == "POST" and isinstance(need, Needs)
    }


def test_every_act_of_a_page_has_its_twin_in_the_documented_api(sqlite_url):
    app = create_app(Wiring(sqlite_url))
    acts = acts_of(app)
    of_pages = {path for path, need in acts.items() if need in ACTS and not path.startswith("/api")}
    assert of_pages == set(TWINS)
    documented = {each.path for each in app.routes if isinstance(each, APIRoute) and each.include_in_schema}
    for page, twin in TWINS.items():
        assert acts.get(twin) == acts[page], page
        assert twin in documented


@pytest.fixture
def equal(hub):
    """A hub in which two pairs have the same strong evidence."""
    with hub.database.session() as connection, connection.transaction():
        connection.execute("UPDATE match_edge SET why_json = ?", (STRONG,))
        connection.execute("UPDATE question SET bits = 8")
    return [
        row[0] for row in hub.rows("SELECT question_id FROM question WHERE proposal = 'join' ORDER BY behind")
    ]


@pytest.fixture
def steward(hub):
    with hub.browser() as browser:
        yield browser


def live(hub):
    return hub.one("SELECT count(*) FROM organization WHERE deleted_at IS NULL")[0]


def test_pairs_with_equal_evidence_are_offered_together_and_others_are_not(hub, equal, steward):
    with hub.database.session() as connection, connection.transaction():
        against = json.dumps(
            [*json.loads(STRONG), {"what": "city", "words": "different cities", "weight": -1.0}]
        )
        left = hub.one("SELECT left_record, right_record FROM question WHERE question_id = ?", equal[0])
        connection.execute(
            "UPDATE match_edge SET why_json = ? WHERE left_record IN (?, ?) AND right_record IN (?, ?)",
            (against, *left, *left),
        )
    text = steward.get("/review/alike").text
    offered = re.findall(r'name="question" value="([0-9a-f]+)"', text)
    assert equal[0] not in offered
    assert offered == (equal[1:] if len(equal) > 2 else [])


def test_a_pair_that_is_less_probable_than_what_joins_by_itself_is_not_offered(hub, equal, steward):
    with hub.database.session() as connection, connection.transaction():
        connection.execute("UPDATE question SET bits = -1")
    assert 'name="question"' not in steward.get("/review/alike").text


def test_chosen_ones_are_previewed_first_and_nothing_is_written(hub, equal, steward):
    before = live(hub)
    text = steward.get("/review/alike", params={"verdict": "same", "question": equal}).text
    assert "tried, and nothing written" in text
    assert text.count('name="question"') == len(equal)
    assert "one organization" in text
    assert (live(hub), hub.rows("SELECT act_id FROM steward_act")) == (before, [])


def test_each_is_answered_by_an_act_of_its_own_that_can_be_undone_alone(hub, equal, steward):
    before = live(hub)
    text = steward.post("/review/alike", data={"verdict": "same", "question": equal, "reason": "known"}).text
    assert live(hub) == before - len(equal)
    acts = hub.rows("SELECT act_id, kind, reason, acted_at FROM steward_act ORDER BY act_id")
    assert [row[1:3] for row in acts] == [("same", "known")] * len(equal)
    assert len({row[3] for row in acts}) == len(equal)
    assert [f"/review/acts/{row[0]}/undo" in text for row in acts] == [True] * len(equal)
    steward.post(f"/review/acts/{acts[0][0]}/undo")
    assert live(hub) == before - len(equal) + 1


def test_one_that_was_answered_meanwhile_stops_none_of_the_others(hub, equal, steward):
    steward.post(f"/review/{equal[0]}", data={"verdict": "different"})
    told = steward.post("/api/exact-matches", json={"questions": equal, "verdict": "same"}).json()["answers"]
    assert "waits" in told[0]["error"]
    assert all(each["act"] for each in told[1:])


def test_a_value_is_set_and_left_to_the_sources_again_by_the_api(hub, steward):
    known = hub.one("SELECT organization_id FROM organization WHERE record_count = 2")[0]
    address = f"/api/partners/{known}/values"
    with hub.browser("manager", login="m@hub.example") as manager:
        set_to = manager.post(
            address, json={"act": "pin", "field": "tier", "value": "Platinum", "reason": "call"}
        )
        assert set_to.json()["organization"]["tier"] == "Platinum"
        assert (
            manager.post(address, json={"act": "unpin", "field": "tier"}).json()["organization"]["tier"]
            != "Platinum"
        )
    assert steward.get("/api/conflicts").json() == {"conflicts": []}
    nothing = {"organization_id": known, "field": "tier", "keep": True}
    assert steward.post("/api/conflicts", json=nothing).json() == {"settled": False}


def test_an_entry_and_its_place_on_a_timeline_are_made_by_the_api(hub, steward):
    known, other = (row[0] for row in hub.rows("SELECT organization_id FROM organization LIMIT 2"))
    said = {"happened_at": "2026-09-01T10:00:00.000000Z", "text": "Agreed on terms"}
    with hub.browser("manager", login="m@hub.example") as manager:
        key = manager.post(f"/api/partners/{known}/entries", json={"kind": "note", "fields": said}).json()[
            "record"
        ]
        incomplete = manager.post(
            f"/api/partners/{known}/entries", json={"kind": "note", "fields": {"text": "x"}}
        )
    assert incomplete.status_code in {400, 409, 422}
    fact = hub.one("SELECT fact_id FROM fact_source WHERE record = ?", key)[0]
    on = "SELECT organization_id FROM timeline WHERE fact_id = ?"
    assert hub.rows(on, fact) == [(known,)]
    assert steward.post(f"/api/facts/{fact}/attach", json={"organization_id": other}).json()["news"]
    assert {row[0] for row in hub.rows(on, fact)} == {known, other}
    assert steward.post(f"/api/facts/{fact}/detach", json={"organization_id": other}).json()["news"]
    assert hub.rows(on, fact) == [(known,)]


def test_whoever_adds_a_partner_by_hand_is_shown_who_may_be_meant_and_adds_it_all_the_same(hub):
    said = {"name": "Dorado Limited", "website": "dorado.example"}
    with hub.browser("manager", login="m@hub.example") as manager:
        warned = manager.post("/partners/new", data=said)
        assert (warned.status_code, live(hub)) == (409, live(hub))
        assert "Perhaps one of these is meant" in warned.text
        assert "Dorado Ltd" in warned.text
        assert hub.rows("SELECT 1 FROM raw_record WHERE source = 'hub'") == []
        assert manager.post("/api/partners", json=said).status_code == 409
        there = manager.post("/partners/new", data={**said, "agreed": "1"}, follow_redirects=False)
        page = manager.get(there.headers["location"]).text
    assert "Dorado" in page
    assert len(hub.rows("SELECT 1 FROM raw_record WHERE source = 'hub'")) == 1


def test_a_partner_nobody_knows_is_added_at_once_and_is_a_partner(hub):
    before = live(hub)
    with hub.browser("manager", login="m@hub.example") as manager:
        given = {
            "name": "Quillfeather Optics",
            "website": "quillfeather.example",
            "city": "Oslo",
            "tier": "Gold",
        }
        told = manager.post("/api/partners", json=given).json()
        text = manager.get(f"/partners/{told['organization_id']}").text
        assert "Quillfeather" in manager.get("/partners").text
    assert live(hub) == before + 1
    assert "entered here" in text
    assert "Gold" in text
    assert hub.one("SELECT rule FROM partnership WHERE organization_id = ?", told["organization_id"])

"""The search and saved lists for programs: what the pages find and keep, and no more than the caller may know of."""

from __future__ import annotations

import pytest

from tests.web.partner_rig import ACME, LONE, browsing


@pytest.fixture
def api(small):
    hub, url = small
    with browsing(url, hub) as client:
        yield client


def names(api, view):
    told = api.get(f"/api/lists/{view}/partners", params={"limit": 1}).json()
    more = (
        api.get(f"/api/lists/{view}/partners", params={"after": told["next"]}).json() if told["next"] else {}
    )
    return [each["name"] for each in (*told["partners"], *more.get("partners", ()))]


def test_a_search_says_of_each_hit_why_and_where(api, small):
    hub, _ = small
    (group, *_) = api.get("/api/search", params={"q": "acme.example"}).json()["groups"]
    (hit,) = group["hits"]
    assert (group["kind"], hit["why"]) == ("partners", "Site")
    assert hit["address"] == f"/partners/{hub.id_of(ACME)}"
    assert api.get("/api/search", params={"q": "zzqq"}).json() == {"groups": []}


def test_a_list_of_filters_is_saved_read_and_removed(api):
    made = api.post("/api/lists", json={"name": "Golden", "filters": [["tier", "Gold"]]}).json()
    assert [(each["name"], each["partners"]) for each in api.get("/api/lists").json()["lists"]] == [
        ("Golden", 1)
    ]
    assert names(api, made["view_id"]) == ["Acme"]
    api.post(f"/api/lists/{made['view_id']}/remove")
    assert api.get("/api/lists").json() == {"lists": []}
    assert api.get(f"/api/lists/{made['view_id']}/partners").status_code == 404


def test_partners_are_put_on_an_explicit_list_and_taken_off(api, small):
    hub, _ = small
    view = api.post("/api/lists", json={"name": "Call"}).json()["view_id"]
    ids = [hub.id_of(ACME), hub.id_of(LONE)]
    assert api.post(f"/api/lists/{view}/add", json={"partners": [*ids, "nobody"]}).json() == {"added": 2}
    assert names(api, view) == ["Acme", "Lone"]
    assert api.post(f"/api/lists/{view}/drop", json={"partners": ids[:1]}).json() == {"dropped": 1}
    assert names(api, view) == ["Lone"]


def test_what_everybody_sees_is_saved_by_who_may_write_only(small):
    hub, url = small
    with browsing(url, hub, "auditor") as client:
        assert client.post("/api/lists", json={"name": "All", "shared": True}).status_code == 403
        mine = client.post("/api/lists", json={"name": "Mine"}).json()
    with browsing(url, hub, "manager", login="other@hub.example") as other:
        assert other.get("/api/lists").json() == {"lists": []}
        assert other.post(f"/api/lists/{mine['view_id']}/add", json={"partners": ["x"]}).status_code == 404

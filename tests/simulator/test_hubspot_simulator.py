"""The simulated HubSpot against what the real one is known to do, and against the SDK's own models."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
import requests

from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.model import World

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
COMPANIES = "/crm/v3/objects/companies"


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(1, 30, NOW)


@pytest.fixture
def hubspot(world):
    with HubSpotSimulator(world) as simulator:
        yield simulator


def call(hubspot, path, body=None, **query):
    """One request; returns status and JSON."""
    headers = {"Authorization": f"Bearer {hubspot.token}"}
    method = "GET" if body is None else "POST"
    found = requests.request(method, hubspot.url + path, params=query, json=body, headers=headers, timeout=10)
    return found.status_code, found.json()


def search(hubspot, *filters, **more):
    return call(
        hubspot,
        f"{COMPANIES}/search",
        {"filterGroups": [{"filters": list(filters)}] if filters else [], **more},
    )


def first_ids(hubspot, count):
    return [one.id for one in hubspot.store.listed("companies", archived=False)[:count]]


@pytest.mark.parametrize(
    ("package", "model", "path", "body"),
    [
        ("companies", "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging", COMPANIES, None),
        (
            "companies",
            "CollectionResponseWithTotalSimplePublicObjectForwardPaging",
            f"{COMPANIES}/search",
            {"limit": 2},
        ),
        (
            "contacts",
            "CollectionResponseWithTotalSimplePublicObjectForwardPaging",
            "/crm/v3/objects/contacts/search",
            {"limit": 2},
        ),
        ("owners", "CollectionResponsePublicOwnerForwardPaging", "/crm/v3/owners", None),
        ("properties", "CollectionResponsePropertyNoPaging", "/crm/v3/properties/deals", None),
    ],
)
def test_answers_fit_the_models_of_hubspots_own_sdk(hubspot, package, model, path, body):
    _, answer = call(hubspot, path, body)
    read = deserialized(f"hubspot.crm.{package}", model, answer)
    assert read.results
    assert all(one.to_dict() for one in read.results)
    assert set(answer) <= set(read.attribute_map.values())
    assert set(answer["results"][0]) <= set(read.results[0].attribute_map.values())


def test_batches_fit_the_models_of_hubspots_own_sdk(hubspot):
    one = next(iter(hubspot.store.links["contacts", "companies"]))
    _, found = call(
        hubspot, "/crm/v4/associations/contacts/companies/batch/read", {"inputs": [{"id": str(one)}]}
    )
    read = deserialized("hubspot.crm.associations.v4", "BatchResponsePublicAssociationMultiWithLabel", found)
    assert read.results[0].to[0].association_types[0].category == "HUBSPOT_DEFINED"
    (number,) = first_ids(hubspot, 1)
    _, found = call(
        hubspot, f"{COMPANIES}/batch/read", {"inputs": [{"id": str(number)}], "properties": ["name"]}
    )
    assert deserialized("hubspot.crm.companies", "BatchResponseSimplePublicObject", found).results[
        0
    ].id == str(number)


def deserialized(package, model, answer):
    """The answer as the SDK reads it: it raises where a required field is missing or a type is wrong."""
    client = import_module(package).ApiClient()
    return client.deserialize(SimpleNamespace(data=json.dumps(answer)), model)


def test_list_pages_hold_every_live_record_once(hubspot):
    seen, after = [], {}
    while True:
        _, page = call(hubspot, COMPANIES, limit=7, **after)
        seen += [one["id"] for one in page["results"]]
        if "paging" not in page:
            break
        after = {"after": page["paging"]["next"]["after"]}
    assert seen == [str(one.id) for one in hubspot.store.listed("companies", archived=False)]


def test_search_refuses_to_page_beyond_ten_thousand(hubspot):
    assert search(hubspot, limit=200, after="9800")[0] == 200
    assert search(hubspot, limit=200, after="9801")[0] == 400
    assert search(hubspot, limit=201)[0] == 400


def test_search_allows_one_sort_only(hubspot):
    assert search(hubspot, sorts=["name", "city"])[0] == 400


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("EQ", "Acme", 1),
        ("HAS_PROPERTY", None, 2),
        ("CONTAINS_TOKEN", "acm*", 1),
        ("IN", ["Acme", "Beta"], 2),
        ("GT", "Acme", 1),
    ],
)
def test_search_knows_hubspots_operators(operator, value, found):
    with HubSpotSimulator(empty()) as hubspot:
        hubspot.add_company({"name": "Acme"})
        hubspot.add_company({"name": "Beta"})
        hubspot.add_company({"city": "Nameless"})
        given = {"values": value} if isinstance(value, list) else {"value": value}
        _, answer = search(hubspot, {"propertyName": "name", "operator": operator, **given})
    assert answer["total"] == found


def test_a_search_by_the_wrong_modification_property_silently_finds_nothing(hubspot):
    body = {
        "filterGroups": [
            {"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "0"}]}
        ]
    }
    assert call(hubspot, "/crm/v3/objects/contacts/search", body)[1]["total"] == 0


def test_the_index_shows_a_change_late_but_the_record_itself_at_once(hubspot):
    hubspot.searcher.lag = timedelta(minutes=1)
    (number,) = first_ids(hubspot, 1)
    hubspot.store.update("companies", number, name="Changed")
    wanted = {"propertyName": "name", "operator": "EQ", "value": "Changed"}
    assert search(hubspot, wanted)[1]["total"] == 0
    assert call(hubspot, f"{COMPANIES}/{number}")[1]["properties"]["name"] == "Changed"
    hubspot.store.advance(timedelta(minutes=2))
    assert search(hubspot, wanted)[1]["total"] == 1


def test_archiving_hides_a_record_without_touching_its_modification_time(hubspot):
    (number,) = first_ids(hubspot, 1)
    before = call(hubspot, f"{COMPANIES}/{number}")[1]
    hubspot.store.archive("companies", number)
    assert call(hubspot, f"{COMPANIES}/{number}")[0] == 404
    status, after = call(hubspot, f"{COMPANIES}/{number}", archived="true")
    assert (status, after["archivedAt"]) == (200, "2026-09-01T12:00:00.000Z")
    assert after["updatedAt"] == before["updatedAt"]


def test_merging_mints_a_new_id_that_both_old_ids_answer_with(hubspot):
    one, other = first_ids(hubspot, 2)
    new = hubspot.store.merge("companies", one, other)
    found = call(hubspot, f"{COMPANIES}/{other}", properties="hs_merged_object_ids")[1]
    assert found["id"] == str(new)
    assert found["properties"]["hs_merged_object_ids"] == f"{one};{other}"


def test_a_change_of_associations_leaves_modification_times_alone(hubspot):
    one, other = first_ids(hubspot, 2)
    before = hubspot.store.objects["companies"][one].updated_at
    hubspot.associate(("companies", "companies"), one, other)
    assert hubspot.store.objects["companies"][one].updated_at == before


def test_the_account_wide_limit_answers_429_with_its_policy(hubspot):
    hubspot.rate_limit = 2
    answers = [call(hubspot, COMPANIES) for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert answers[-1][1]["policyName"] == "TEN_SECONDLY_ROLLING"


def test_a_declared_fault_strikes_the_requests_it_names(hubspot):
    hubspot.faults.add(Fault(f"GET {COMPANIES}", "503", nth=2, times=2))
    assert [call(hubspot, COMPANIES)[0] for _ in range(4)] == [200, 503, 503, 200]


def test_a_wrong_token_and_an_unknown_kind_are_refused(hubspot):
    assert requests.get(hubspot.url + COMPANIES, timeout=10).status_code == 401
    assert call(hubspot, "/crm/v3/objects/unicorns")[0] == 404


def test_every_record_has_a_truth_behind_it(hubspot, world):
    truth = hubspot.projection.world_ids["companies"]
    shown = {
        str(one.id)
        for archived in (False, True)
        for one in hubspot.store.listed("companies", archived=archived)
    }
    assert shown <= set(truth)
    assert set(truth.values()) == set(world.companies)


def test_partners_are_told_apart_by_type_and_customers_by_lifecycle(hubspot, world):
    for one in hubspot.store.listed("companies", archived=False):
        org = world.orgs[world.companies[hubspot.projection.world_ids["companies"][str(one.id)]].org_id]
        assert (one.properties["type"] == "PARTNER") == (org.role == "partner")
        assert (one.properties["lifecyclestage"] == "customer") == (org.role == "customer")


def test_one_world_gives_one_account_byte_for_byte(world):
    def shown():
        with HubSpotSimulator(world) as hubspot:
            return [
                call(hubspot, f"/crm/v3/objects/{kind}", limit=100)
                for kind in ("companies", "deals", "emails")
            ]

    assert shown() == shown()


def empty() -> World:
    return World(
        1,
        NOW,
        "example.org",
        orgs={},
        humans={},
        staff={},
        companies={},
        deals={},
        activities={},
        mails=[],
        sheet=[],
    )

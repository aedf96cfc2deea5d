"""The simulated Salesforce against what the real one is known to do, and against its own request collection."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from simple_salesforce import Salesforce as Sdk
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceRefusedRequest

from connectors.salesforce import Salesforce
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.salesforce import SalesforceSimulator
from partnerhub.simulator.world.generate import generate_world
from tests.connectors.conformance.salesforce_rig import account_id, empty_world

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DATA = "/services/data/v61.0"
SPECS = "specs/salesforce/salesforce_apis"


@pytest.fixture(scope="module")
def world():
    return generate_world(1, 30, NOW)


@pytest.fixture
def org(world, tmp_path):
    with SalesforceSimulator(world, directory=tmp_path) as simulator:
        yield simulator


@pytest.fixture
def small(tmp_path):
    """An org of six accounts, the even ones in Berlin, each modified a minute after the one before."""
    with SalesforceSimulator(empty_world(NOW), directory=tmp_path) as simulator:
        for number in range(1, 7):
            values = {
                "Name": f"Company {number}",
                "BillingCity": "Berlin" if number % 2 == 0 else None,
                "NumberOfEmployees": number * 10,
                "ParentId": account_id(1) if number > 4 else None,
                "Last_Review__c": f"2026-08-0{number}",
            }
            at = NOW - timedelta(minutes=10 - number)
            simulator.store.put("Account", account_id(number), values, created=at, changed=at)
        yield simulator


def sdk(simulator, session=None):
    """simple-salesforce itself, pointed at the simulator."""
    session = session or requests.Session()
    session.verify, session.trust_env = str(simulator.ca_file), False
    return Sdk(instance_url=simulator.url, session_id=simulator.token, session=session, version="61.0")


def call(simulator, path, method="GET", body=None, **query):
    """One request; returns status, JSON and headers."""
    headers = {"Authorization": f"Bearer {simulator.token}"}
    found = requests.request(
        method, simulator.url + path, params=query, json=body, headers=headers, timeout=10,
        verify=str(simulator.ca_file),
    )  # fmt: skip
    return found.status_code, found.json(), found.headers


def numbers(simulator, where="", ending=""):
    """The numbers of the accounts a query finds, in its order."""
    soql = f"SELECT Id, Name FROM Account {f'WHERE {where}' if where else ''} {ending}"
    status, found, _ = call(simulator, f"{DATA}/query", q=soql)
    assert status == 200, found
    return [int(record["Name"].split()[1]) for record in found["records"]]


# ---------------------------------------------------------------- the real SDK


def test_the_real_sdk_reads_pages_counts_describes_and_limits(org, world):
    client = sdk(org)
    live = [a for a in world.sales.accounts.values() if not a.deleted_at and not a.merged_into]
    found = client.query_all("SELECT Id, Name FROM Account", headers={"Sforce-Query-Options": "batchSize=7"})
    assert {record["Id"] for record in found["records"]} == {account.id for account in live}
    assert client.query("SELECT count() FROM Account")["totalSize"] == len(live)
    assert "BillingCity" in {field["name"] for field in client.Account.describe()["fields"]}
    assert client.limits()["DailyApiRequests"]["Max"] == org.daily_limit
    assert client.api_usage["api-usage"].used == org.calls


def test_the_real_sdk_takes_a_used_up_day_for_a_missing_permission(org):
    org.daily_limit = 0
    with pytest.raises(SalesforceRefusedRequest) as caught:
        sdk(org).query("SELECT Id FROM Account")
    assert caught.value.content[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_the_real_sdk_reads_what_was_deleted_and_updated(small):
    small.store.delete("Account", account_id(1))
    small.store.purge("Account", account_id(2))
    client, start, end = sdk(small), NOW - timedelta(hours=1), NOW + timedelta(minutes=2)
    gone = client.Account.deleted(start, end)["deletedRecords"]
    assert {one["id"] for one in gone} == {account_id(1), account_id(2)}
    assert set(client.Account.updated(start, end)["ids"]) == {account_id(number) for number in (3, 4, 5, 6)}
    with pytest.raises(SalesforceMalformedRequest):
        client.Account.deleted(NOW - timedelta(days=16), end)


def test_nobody_is_served_without_trusting_the_certificate(small):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(small.url + DATA, timeout=10)


# ---------------------------------------------------------------- SOQL


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'company 3'", [3]),
        ("Name != 'Company 3' AND NumberOfEmployees < 40", [1, 2]),
        ("NumberOfEmployees >= 50", [5, 6]),
        ("Name LIKE 'Comp%5' OR Name LIKE 'Company _' AND (NumberOfEmployees = 10)", None),
        ("Name LIKE '%5' OR NumberOfEmployees = 10", [1, 5]),
        ("NOT (NumberOfEmployees > 20)", [1, 2]),
        ("BillingCity = null", [1, 3, 5]),
        (f"BillingCity IN ('Berlin', 'Paris') AND Id > '{account_id(2)}'", [4, 6]),
        ("BillingCity NOT IN ('Berlin')", [1, 3, 5]),
        ("SystemModstamp >= 2026-09-01T11:55:00Z", [5, 6]),
        ("SystemModstamp > 2026-09-01T13:55:00.000+02:00", [6]),
        ("Last_Review__c < 2026-08-03", [1, 2]),
        ("CreatedDate = TODAY", [1, 2, 3, 4, 5, 6]),
        ("SystemModstamp > YESTERDAY", [1, 2, 3, 4, 5, 6]),
        ("SystemModstamp < TODAY", []),
        ("Last_Review__c = LAST_MONTH", [1, 2, 3, 4, 5, 6]),
        ("Last_Review__c != LAST_MONTH", []),
        ("Last_Review__c = LAST_N_DAYS:28", [4, 5, 6]),
        ("Last_Review__c < LAST_N_DAYS:28", [1, 2, 3]),
        ("Last_Review__c = N_DAYS_AGO:30", [2]),
        ("Last_Review__c = NEVER", None),
        ("Parent.Name = 'Company 1'", [5, 6]),
        (f"IsDeleted = false AND Id = '{account_id(4)[:15]}'", [4]),
        (r"Name = 'it\'s'", []),
    ],
)  # fmt: skip
def test_conditions(small, where, expected):
    if expected is None:
        status, found, _ = call(small, f"{DATA}/query", q=f"SELECT Id FROM Account WHERE {where}")
        assert (status, found[0]["errorCode"]) == (400, "MALFORMED_QUERY")
        return
    assert numbers(small, where) == expected


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("ORDER BY NumberOfEmployees DESC", [6, 5, 4, 3, 2, 1]),
        ("ORDER BY BillingCity, Name DESC", [5, 3, 1, 6, 4, 2]),
        ("ORDER BY BillingCity DESC NULLS LAST, Name", [2, 4, 6, 1, 3, 5]),
        ("ORDER BY BillingCity DESC NULLS FIRST, Name", [1, 3, 5, 2, 4, 6]),
        ("ORDER BY Name LIMIT 2 OFFSET 3", [4, 5]),
    ],
)
def test_order_limit_and_offset(small, ending, expected):
    assert numbers(small, "", ending) == expected


def test_relationship_fields_come_nested(small):
    soql = "SELECT Name, Parent.Name, Parent.Parent.Name FROM Account WHERE NumberOfEmployees IN (10, 50)"
    first, second = call(small, f"{DATA}/query", q=soql)[1]["records"]
    assert first["Parent"] is None
    assert second["Parent"]["Name"] == "Company 1"
    assert second["Parent"]["Parent"] is None
    assert second["Parent"]["attributes"]["url"].endswith(account_id(1))


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT * FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT many", "MALFORMED_QUERY"),
        ("SELECT Nonsense__c FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nonsense__c = 1", "INVALID_FIELD"),
        ("SELECT Owner.Nonsense FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense__c", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Nonsense) FROM Account", "INVALID_TYPE"),
    ],
)
def test_queries_salesforce_refuses_in_its_own_words(small, soql, code):
    status, found, _ = call(small, f"{DATA}/queryAll", q=soql)
    assert (status, found[0]["errorCode"]) == (400, code)
    assert found[0]["message"]


# ---------------------------------------------------------------- places, sessions, permissions, edits


def test_a_place_in_a_result_dies_with_its_session(small):
    headers = {"Authorization": f"Bearer {small.token}", "Sforce-Query-Options": "batchSize=2"}
    ask = {"headers": headers, "verify": str(small.ca_file), "timeout": 10}
    first = requests.get(f"{small.url}{DATA}/query", params={"q": "SELECT Id FROM Account"}, **ask).json()
    assert (first["done"], first["totalSize"]) == (False, 6)
    small.sessions.add("another")
    headers["Authorization"] = "Bearer another"
    refused = requests.get(small.url + first["nextRecordsUrl"], **ask)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_a_lost_permission_hides_object_and_field_everywhere(small):
    small.store.hide_field("Account", "BillingCity")
    described = call(small, f"{DATA}/sobjects/Account/describe")[1]
    assert "BillingCity" not in {field["name"] for field in described["fields"]}
    assert (
        call(small, f"{DATA}/query", q="SELECT BillingCity FROM Account")[1][0]["errorCode"]
        == "INVALID_FIELD"
    )
    small.store.hide_object("Account")
    assert call(small, f"{DATA}/sobjects/Account/describe")[0] == 404
    assert "Account" not in {one["name"] for one in call(small, f"{DATA}/sobjects")[1]["sobjects"]}
    small.store.show("Account")
    assert call(small, f"{DATA}/sobjects/Account/describe")[0] == 200


def test_a_merge_sends_the_loser_to_the_bin_and_its_contacts_to_the_winner(small):
    contact = small.store.add("Contact", LastName="L", AccountId=account_id(2))
    small.store.merge("Account", account_id(1), account_id(2))
    assert 2 not in numbers(small)
    everything = call(small, f"{DATA}/queryAll", q="SELECT Id, MasterRecordId, IsDeleted FROM Account")[1]
    (gone,) = [one for one in everything["records"] if one["IsDeleted"]]
    assert (gone["Id"], gone["MasterRecordId"]) == (account_id(2), account_id(1))
    assert small.store.rows["Contact"][contact]["AccountId"] == account_id(1)


def test_records_by_id_leave_nulls_for_what_is_not_there(small):
    small.store.delete("Account", account_id(2))
    body = {"ids": [account_id(1), account_id(2), account_id(9)], "fields": ["Id", "Name"]}
    status, found, _ = call(small, f"{DATA}/composite/sobjects/Account", "POST", body)
    assert (status, [one and one["Name"] for one in found]) == (200, ["Company 1", None, None])


def test_declared_faults_are_worded_as_salesforce_does(small):
    small.faults.add(Fault(f"GET {DATA}/query", "503"))
    status, found, _ = call(small, f"{DATA}/query", q="SELECT Id FROM Account")
    assert (status, found[0]["errorCode"]) == (503, "SERVER_UNAVAILABLE")


def test_the_world_is_served_whole(org, world):
    rows = org.store.rows
    assert len(rows["Task"]) + len(rows["Event"]) + len(rows["Case"]) == len(world.sales.activities)
    assert len(rows["OpportunityHistory"]) == sum(len(o.history) for o in world.sales.opportunities.values())
    users = {row["Id"] for row in rows["User"].values()}
    assert {row["OwnerId"] for row in rows["Account"].values()} <= users
    assert org.projection.world_ids["Account"].keys() == world.sales.accounts.keys()


# ---------------------------------------------------------------- Salesforce's own request collection


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "query",
        "queryall",
        "sobject_describe",
        "describe_global",
        "limit",
        "sobject_get_deleted",
        "sobject_get_updated",
    ],
)
def test_every_request_of_the_collection_is_understood(small, shared, name):
    given = json.loads((shared / SPECS / "rest" / f"{name}.json").read_text(encoding="utf-8"))
    names = {"_endpoint": "", "version": "61.0"}
    url = re.sub(r"\{\{(\w+)\}\}", lambda found: names[found[1]], given["url"]).replace(
        "<SOBJECT_API_NAME>", "Account"
    )
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    known = {
        "q": "SELECT Name FROM Account",
        "start": "2026-08-31T00:00:00+00:00",
        "end": "2026-09-01T12:00:00+00:00",
    }
    query = {key: known[key] for key in asked}
    status, _, _ = call(small, parts.path, given["method"], **query)
    assert status == 200


BEYOND_THE_COLLECTION = {
    f"GET {DATA}/query/*": "the address of the next page, which an answer gives",
    f"POST {DATA}/composite/sobjects/*": "records by id with the ids in the body; the collection has the same as GET",
}


@pytest.mark.shared
def test_the_connector_asks_only_what_the_collection_holds(small, shared):
    files = [*(shared / SPECS / "rest").glob("*.json"), *(shared / SPECS / "auth").glob("*.json")]
    given = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    bare = [
        (one["method"], urlsplit(re.sub(r"\{\{(url|site|_endpoint)\}\}", "", one["url"])).path)
        for one in given
    ]
    known = [
        f"{method} {re.sub(r'<[A-Z_]+>', '*', path.replace('{{version}}', '61.0'))}" for method, path in bare
    ]
    connector = Salesforce(
        instance_url=small.url, token=small.token, ca_bundle=small.ca_file, page_size=200, source="salesforce"
    )
    connector.check()
    for _ in range(2):
        for stream in connector.streams():
            list(connector.pull(stream.name, None))
            connector.count(stream.name)
    small.store.put(
        "Account",
        account_id(9),
        {f"Long_Field_{n:04}__c": "x" for n in range(1500)},
        created=NOW,
        changed=NOW,
    )
    wide = Salesforce(instance_url=small.url, token=small.token, ca_bundle=small.ca_file, source="salesforce")
    list(wide.pull("Account", None))
    asked = {request.rstrip("/") for request in small.requests}
    assert len(asked) > 15
    patterns = [one.rstrip("/") for one in (*known, *BEYOND_THE_COLLECTION)]
    assert [one for one in asked if not any(fnmatchcase(one, pattern) for pattern in patterns)] == []
    assert any(fnmatchcase(one, f"POST {DATA}/composite/sobjects/*") for one in asked)


@pytest.mark.shared
def test_a_sign_in_by_key_posts_the_fields_of_the_collection(small, shared):
    from connectors.salesforce.signin import Credentials

    given = json.loads((shared / SPECS / "auth/jwt_bearer_token_flow.json").read_text(encoding="utf-8"))
    door = small.door
    credentials = Credentials(
        "", small.url, client_id=door.client_id, username=door.username, private_key=door.private_key
    )
    form = credentials.form()
    assert form.keys() == {field["key"] for field in given["data"]}
    assert form["grant_type"] == next(f["value"] for f in given["data"] if f["key"] == "grant_type")
    assert given["url"].endswith("/services/oauth2/token")

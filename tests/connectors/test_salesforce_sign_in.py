"""Signing in to Salesforce: by key, by client credentials, with a token; sessions that end; wrong settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.errors import FixSetup, RetryLater
from connectors.record import Op
from connectors.salesforce import Salesforce
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.salesforce import SalesforceSimulator
from partnerhub.simulator.salesforce.signin import Door
from tests.connectors.conformance.salesforce_rig import NOW, account_id, empty_world, settings_for

TOKEN_REQUEST = "POST /services/oauth2/token"


@pytest.fixture
def salesforce(tmp_path):
    with SalesforceSimulator(empty_world(), directory=tmp_path) as simulator:
        for number in range(1, 8):
            values = {"Name": f"Company {number}"}
            simulator.store.put("Account", account_id(number), values, created=NOW, changed=NOW)
        yield simulator


def by_key(salesforce, **others):
    door = salesforce.door
    given = {"client_id": door.client_id, "username": door.username, "private_key": door.private_key}
    return settings_for(
        salesforce, token=None, instance_url=None, login_url=salesforce.url, **{**given, **others}
    )


def by_secret(salesforce, **others):
    door = salesforce.door
    given = {"client_id": door.client_id, "client_secret": door.client_secret}
    return settings_for(salesforce, token=None, **{**given, **others})


def ids(pages):
    return sorted(r.source_id for page in pages for r in page.records if r.op is Op.UPSERT)


@pytest.mark.parametrize("way", [by_key, by_secret])
def test_a_session_is_opened_with_the_first_request_and_kept(salesforce, way):
    connector = way(salesforce)
    assert len(ids(connector.pull("Account", None))) == 7
    connector.count("Account")
    assert salesforce.requests.count(TOKEN_REQUEST) == 1
    assert connector.deep_link("Account", "001").startswith(salesforce.url)


def test_a_key_in_a_file(salesforce, tmp_path):
    path = tmp_path / "app.key"
    path.write_text(salesforce.door.private_key)
    assert by_key(salesforce, private_key=None, private_key_file=path).check().account.startswith("00D")


@pytest.mark.parametrize("way", [by_key, by_secret])
@pytest.mark.fault("F16", "F27")
def test_a_session_that_ends_in_the_middle_is_replaced_and_nothing_is_lost(salesforce, way):
    pages = way(salesforce).pull("Account", None)
    found = [next(pages)]
    salesforce.expire_sessions()
    found += list(pages)
    assert ids(found) == sorted(account_id(number) for number in range(1, 8))
    assert salesforce.requests.count(TOKEN_REQUEST) == 2


def test_a_given_token_that_expired_asks_for_another_one(salesforce):
    salesforce.expire_sessions()
    with pytest.raises(FixSetup) as caught:
        settings_for(salesforce).check()
    assert caught.value.code == "unauthorized"
    assert TOKEN_REQUEST not in salesforce.requests


def test_a_session_refused_again_right_after_sign_in_is_not_asked_for_ever(salesforce):
    salesforce.faults.add(Fault("GET *", "401", times=1000))
    with pytest.raises(FixSetup):
        by_secret(salesforce).check()
    assert salesforce.requests.count(TOKEN_REQUEST) == 2


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"client_secret": "guess"}, "client_secret"),
        ({"client_id": "guess"}, "client_id"),
    ],
)
def test_a_refused_sign_in_names_the_setting_to_correct(salesforce, wrong, remedy):
    with pytest.raises(FixSetup, match=remedy) as caught:
        by_secret(salesforce, **wrong).check()
    assert "guess" not in str(caught.value)


def test_a_user_the_app_does_not_know_is_said_to_need_approval(salesforce):
    with pytest.raises(FixSetup, match="Pre-authorize"):
        by_key(salesforce, username="somebody@else.example").check()


def test_another_key_is_refused(salesforce):
    with pytest.raises(FixSetup) as caught:
        by_key(salesforce, private_key=Door(set(), 1).private_key).check()
    assert caught.value.code == "sign_in_refused"


def test_a_key_that_is_none_is_named_without_being_shown(salesforce):
    text = "-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n"
    with pytest.raises(FixSetup) as caught:
        by_key(salesforce, private_key=text).check()
    assert caught.value.code == "bad_private_key"
    assert "not a key" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_key_file_that_is_missing_or_empty(salesforce, tmp_path, content):
    path = tmp_path / "app.key"
    if content is not None:
        path.write_text(content)
    with pytest.raises(FixSetup) as caught:
        by_key(salesforce, private_key=None, private_key_file=path).check()
    assert caught.value.code == "no_private_key"


def test_a_sign_in_server_in_trouble_is_tried_again(salesforce):
    salesforce.faults.add(Fault(TOKEN_REQUEST, "503", times=2))
    assert by_secret(salesforce).count("Account") == 7
    salesforce.faults.add(Fault(TOKEN_REQUEST, "503", times=100))
    with pytest.raises(RetryLater):
        by_secret(salesforce).check()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"token": "t"},
        {"token": "t", "client_secret": "s", "instance_url": "https://a.example"},
        {"client_id": "c", "client_secret": "s"},
        {"client_id": "c", "private_key": "k"},
        {"token": "t", "instance_url": "http://a.example"},
        {"token": "t", "instance_url": "https://a.example", "leave_out": ["Leads"]},
        {"token": "t", "instance_url": "https://a.example", "objects": ["X; DROP"]},
        {"token": "t", "instance_url": "https://a.example", "api_version": "59"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings):
    with pytest.raises(ValidationError):
        Salesforce.model_validate(settings)


def test_an_address_is_cut_to_its_host():
    given = Salesforce.model_validate(
        {"token": "t", "instance_url": "https://acme.my.salesforce.com/lightning/page/home"}
    )
    assert given.instance_url == "https://acme.my.salesforce.com"

"""Signing in to HubSpot: a private app's token, or an OAuth app whose access tokens are renewed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.errors import FixSetup
from connectors.hubspot import HubSpot
from connectors.oauth import RefreshedToken
from connectors.transport import Patience
from partnerhub.simulator.hubspot import HubSpotSimulator
from tests.connectors.conformance.hubspot_rig import NOW, empty_world, settings_for

EXCHANGE = "POST /oauth/v1/token"


@pytest.fixture
def hubspot():
    with HubSpotSimulator(empty_world()) as simulator:
        for number in range(1, 8):
            properties = {"name": f"Company {number}"}
            simulator.store.put("companies", number, properties, created_at=NOW, updated_at=NOW)
        yield simulator


def oauth(simulator, **others):
    form = {name: value for name, value in simulator.oauth_form.items() if name != "grant_type"}
    return settings_for(
        simulator, token="", oauth_url=f"{simulator.url}/oauth/v1/token", **{**form, **others}
    )


def ids(pages):
    return sorted(int(record.source_id) for page in pages for record in page.records)


def test_an_oauth_app_signs_in_once_for_all_streams(hubspot):
    connector = oauth(hubspot)
    assert ids(connector.pull("companies", None)) == [1, 2, 3, 4, 5, 6, 7]
    connector.count("contacts")
    assert hubspot.requests.count(EXCHANGE) == 1


def test_an_access_token_that_dies_in_the_middle_is_renewed_once_and_nothing_is_lost(hubspot):
    pages = oauth(hubspot).pull("companies", None)
    first = next(pages)
    hubspot.issued.clear()
    assert ids([first, *pages]) == [1, 2, 3, 4, 5, 6, 7]
    assert hubspot.requests.count(EXCHANGE) == 2


@pytest.mark.fault("F16")
def test_an_access_token_is_renewed_before_it_expires(hubspot):
    now = [0.0]
    form = {name: value for name, value in hubspot.oauth_form.items() if name != "grant_type"}
    sign_in = RefreshedToken("HubSpot", f"{hubspot.url}/oauth/v1/token", form, Patience(clock=lambda: now[0]))
    first = sign_in.token()
    now[0] = 1400
    assert sign_in.token() == first
    now[0] = 1500
    assert sign_in.token() != first


def test_a_token_somebody_else_renewed_meanwhile_is_not_thrown_away(hubspot):
    form = {name: value for name, value in hubspot.oauth_form.items() if name != "grant_type"}
    sign_in = RefreshedToken("HubSpot", f"{hubspot.url}/oauth/v1/token", form, Patience())
    present = sign_in.token()
    sign_in.renew("an older one")
    assert sign_in.token() == present


def test_a_token_refused_right_after_its_renewal_is_not_asked_for_ever(hubspot, monkeypatch):
    monkeypatch.setattr(hubspot, "issue_token", lambda: "never accepted")
    with pytest.raises(FixSetup) as caught:
        oauth(hubspot).check()
    assert caught.value.code == "unauthorized"
    assert hubspot.requests.count(EXCHANGE) == 2


@pytest.mark.fault("F17")
def test_a_refresh_token_that_is_revoked_needs_a_person_and_no_secret_shows(hubspot):
    connector = oauth(hubspot, refresh_token="revoked-secret")
    with pytest.raises(FixSetup, match="refresh_refused") as caught:
        connector.check()
    shown = f"{caught.value} {connector!r} {connector.model_dump_json()} {connector.client()._sign_in!r}"
    assert "revoked-secret" not in shown
    assert hubspot.oauth_form["client_secret"] not in shown


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "set token"),
        ({"refresh_token": "r", "client_id": "c"}, "client_secret"),
        ({"token": "t", "refresh_token": "r", "client_id": "c", "client_secret": "s"}, "either"),
        ({"token": "t", "oauth_url": "http://api.hubapi.com/oauth/v1/token"}, "https"),
    ],
)
def test_settings_that_name_no_way_in_are_refused(settings, word):
    with pytest.raises(ValidationError, match=word):
        HubSpot.model_validate(settings)

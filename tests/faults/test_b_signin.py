"""F16–F26: who signs in, what may be read and how often; nothing that cannot be seen counts as deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connectors.errors import FixSetup
from connectors.oauth import RefreshedToken
from connectors.transport import Pace, Patience
from partnerhub.config import load_config
from partnerhub.config.reload import reloaded
from tests.connectors.test_transport import Clock
from tests.faults.vendors import account, company, served

EXCHANGE = "POST /oauth/v1/token"


@pytest.fixture
def app(hubspot):
    """HubSpot, signed in to by an OAuth app."""
    form = {name: value for name, value in hubspot.simulator.oauth_form.items() if name != "grant_type"}
    hubspot.others |= {"token": "", "oauth_url": f"{hubspot.simulator.url}/oauth/v1/token", **form}
    return hubspot


# ---------------------------------------------------------------- tokens


def test_f16_a_token_that_expires_in_the_middle_is_renewed_once_for_all_who_ask(app):
    connector = app.connector()
    assert app.read(connector) == app.ids
    app.simulator.issued.clear()
    before = served(app.simulator, EXCHANGE)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: app.read(connector), range(4)))
    assert found == [app.ids] * 4
    assert served(app.simulator, EXCHANGE) - before == 1


def test_f16_a_session_of_salesforce_that_ends_between_two_pages_costs_none(salesforce):
    secret = {"token": None, "client_id": salesforce.simulator.door.client_id}
    salesforce.others |= {**secret, "client_secret": salesforce.simulator.door.client_secret}
    pages = salesforce.connector().pull("Account", None)
    first = next(pages)
    salesforce.simulator.expire_sessions()
    assert {r.source_id for page in (first, *pages) for r in page.records} == salesforce.ids


def test_f17_a_revoked_refresh_token_stops_its_source_after_one_call_and_no_other(small_hub, app, jira):
    app.others["refresh_token"] = "revoked"
    assert small_hub.states(app, jira) == ["needs_person", "complete"]
    assert small_hub.problems() == ["refresh_refused"]
    assert app.simulator.requests == [EXCHANGE]


def test_f18_a_refresh_token_that_changes_with_its_use_is_the_one_used_next(app):
    app.simulator.rotates_refresh_token = True
    form = {name: str(app.others[name]) for name in ("refresh_token", "client_id", "client_secret")}
    sign_in = RefreshedToken("HubSpot", str(app.others["oauth_url"]), form, Patience())
    for _ in range(3):
        sign_in.renew()
        assert sign_in.token()


def test_f19_a_401_that_a_new_token_does_not_mend_is_for_a_person_after_one_renewal(app, monkeypatch):
    monkeypatch.setattr(app.simulator, "issue_token", lambda: "never accepted")
    with pytest.raises(FixSetup) as caught:
        app.read()
    assert (caught.value.code, served(app.simulator, EXCHANGE)) == ("unauthorized", 2)


# ---------------------------------------------------------------- permissions


def test_f20_a_kind_of_record_that_may_no_longer_be_read_keeps_every_record(hub, vendor):
    hub.sync(vendor)
    vendor.breaks("403", times=10**6)
    assert hub.states(vendor) == ["skipped"]
    assert hub.states(vendor, full=True) == ["skipped"]
    assert hub.holds(vendor) == vendor.ids
    assert len(hub.problems()) == 1
    hub.settles(vendor)
    assert hub.problems() == []


def test_f21_a_field_that_may_no_longer_be_read_stops_its_stream_by_name_and_empties_nothing(hub, salesforce):
    account(salesforce.simulator, 1, Partner_Tier__c="Gold")
    hub.sync(salesforce)
    salesforce.simulator.store.hide_field("Account", "Partner_Tier__c")
    salesforce.simulator.store.advance(timedelta(hours=1))
    account(salesforce.simulator, 2, Name="Edited")
    (result,) = hub.sync(salesforce)
    assert (result.state, "Partner_Tier__c" in result.error.happened) == ("skipped", True)
    rows = hub.query("SELECT payload FROM raw_current JOIN raw_record USING (raw_id)")
    assert sum(b'"Partner_Tier__c":"Gold"' in bytes(row[0]) for row in rows) == 1


def test_f22_records_that_a_sharing_rule_hides_are_not_visible_and_not_deleted(hub, salesforce):
    for number in range(8, 101):
        account(salesforce.simulator, number)
    hub.sync(salesforce)
    hidden = sorted(salesforce.ids)[:5]
    salesforce.simulator.store.hide_rows(*hidden)
    hub.sync(salesforce)
    assert set(hub.held("salesforce", "Account").values()) == {"upsert"}
    hub.sync(salesforce, full=True)
    held = hub.held("salesforce", "Account")
    assert ({held[one] for one in hidden}, len(held)) == ({"not_visible"}, 100)
    salesforce.simulator.store.hidden_rows.clear()
    hub.sync(salesforce, full=True)
    hub.settles(salesforce)


# ---------------------------------------------------------------- quotas


def test_f23_a_day_used_up_in_the_middle_is_incomplete_until_a_stated_time(hub, hubspot, jira):
    hubspot.breaks("429_daily", nth=4, times=10**6)
    results = hub.sync(hubspot, jira)
    assert [result.state for result in results] == ["incomplete", "complete"]
    assert (len(hub.holds(hubspot)), hub.problems()) == (4, ["daily_limit"])
    ((resumes_at,),) = hub.query("SELECT resumes_at FROM stream_run WHERE source = 'hubspot'")
    assert resumes_at.startswith("2026-09-01T22:00:00"), "midnight where the account lives"
    hub.settles(hubspot, jira)
    assert hub.query("SELECT read FROM stream_run WHERE run_id = 'run-2' AND source = 'hubspot'") == [(3,)]


def test_f23_calls_of_salesforce_kept_for_others_end_the_run_in_time(hub, salesforce):
    salesforce.simulator.daily_limit = 100
    salesforce.simulator.calls = 84
    salesforce.others["reserve_percent"] = 15
    assert hub.states(salesforce) == ["incomplete"]
    assert salesforce.simulator.calls <= 86
    salesforce.simulator.daily_limit = 100_000
    hub.settles(salesforce)


def test_f24_a_source_keeps_to_its_share_whatever_there_is_to_read():
    clock = Clock()
    pace = Pace(per_second=9, burst=10, patience=clock.patience())
    for _ in range(100):
        pace.take()
    assert clock.now == pytest.approx(10.0)


def test_f25_a_secret_in_a_file_is_read_anew_by_the_next_run(tmp_path):
    (tmp_path / "token").write_text("first", encoding="utf-8")
    (tmp_path / "partnerhub.yaml").write_text(
        "sources:\n  crm:\n    connector: hubspot\n    token: ${FILE:token}\n", encoding="utf-8"
    )
    config = load_config(tmp_path / "partnerhub.yaml")
    (tmp_path / "token").write_text("second", encoding="utf-8")
    tokens = [one.connector("crm").token.get_secret_value() for one in (config, reloaded(config))]  # type: ignore[attr-defined]
    assert tokens == ["first", "second"]


def test_f26_credentials_of_another_account_write_nothing(hub, hubspot):
    hub.sync(hubspot)
    company(hubspot.simulator, 99)
    hubspot.simulator.portal_id += 1
    before = hub.count("raw_record")
    assert hub.states(hubspot, full=True) == ["needs_person"]
    assert (hub.count("raw_record"), hub.problems()) == (before, ["other_account"])

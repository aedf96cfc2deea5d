"""Pages about published tables: every table there is, measured at a time that is said, with contract and lineage."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.web.browsing import client, link_for
from tests.web.partner_rig import ACME, browsing, partner_hub, put
from tests.web.sync_rig import SettingsOf
from warehouse.commands.measure_fill import measure_fill
from warehouse.database import Database
from warehouse.marts import MARTS
from warehouse.marts.views import make_views

WHEN = "2026-10-01T04:10:00.000000Z"
VIEW = "stg_crm__companies"


@pytest.fixture
def data(small):
    hub, url = small
    put(hub, "stream_column",
        ("view_name", "name", "position", "source", "stream", "kind", "type", "custom", "path", "cleaner", "since_at"),
        [
            (VIEW, "record_key", 0, "crm", "companies", "organization", "text", None, None, None, WHEN),
            (VIEW, "source_id", 1, "crm", "companies", "organization", "text", None, None, None, WHEN),
            (VIEW, "name", 2, "crm", "companies", "organization", "text", None, "properties.name", "line", WHEN),
            (VIEW, "custom_segment", 3, "crm", "companies", "organization", "text", "segment", "seg", None, WHEN),
        ],
    )  # fmt: skip
    with hub.database.session() as connection:
        make_views(connection)
    with browsing(url, hub, "data", settings=SettingsOf()) as browser:
        yield browser


def measured(hub):
    return measure_fill(hub.database, WHEN)


def row_of(page, column):
    return found_in(rf'<tr id="{column}".*?</tr>', page)


def found_in(page_part, page):
    found = re.search(page_part, page, re.DOTALL)
    assert found
    return found.group(0)


def test_every_published_table_is_listed_and_has_a_page_with_all_its_columns(data):
    listed = data.get("/data").text
    for mart in MARTS:
        assert f'href="/data/tables/{mart.name}"' in listed
        page = data.get(f"/data/tables/{mart.name}").text
        assert all(f'<tr id="{column.name}"' in page for column in mart.columns)
    assert f'href="/data/tables/{VIEW}"' in listed


def test_rows_and_fill_are_those_of_the_last_measure_and_say_when_it_was(data, small):
    hub, _ = small
    assert "not counted" in data.get("/data/tables/dim_partner").text
    measured(hub)
    page = data.get("/data/tables/dim_partner").text
    assert "1 October 2026, 04:10 UTC" in page
    assert "50 %" in row_of(page, "domain")  # Acme has one, Lone has none
    assert "100 %" in row_of(page, "name")
    hub.stage("organization", "crm/companies/9", name="Later", domain="later.example")
    hub.publish()
    assert "50 %" in row_of(data.get("/data/tables/dim_partner").text, "domain")


def test_a_column_leads_to_the_field_of_the_source_it_is_from(data):
    of_mart = row_of(data.get("/data/tables/dim_partner").text, "name")
    assert "<code>properties.name</code> by line" in of_mart
    assert "crm / companies" in of_mart
    assert "<code>seg</code>" in row_of(data.get(f"/data/tables/{VIEW}").text, "custom_segment")


def test_the_contract_is_there_to_be_taken_with_the_owner_the_settings_name(data):
    page = data.get("/data/tables/dim_partner").text
    taken = data.get("/data/tables/dim_partner/contract.yaml")
    contract = yaml.safe_load(taken.text)
    assert (contract["name"], contract["team"]["name"]) == ("dim_partner", "Partner operations")
    assert f"contract {contract['version']}" in page
    assert "Partner operations" in page
    assert yaml.safe_load(data.get(f"/data/tables/{VIEW}/contract.yaml").text)["version"] == "1.0.0"


def test_personal_columns_are_marked_and_questions_come_with_sql_that_runs(data, small):
    hub, _ = small
    page = data.get("/data/tables/dim_partner").text
    assert "personal" in row_of(page, "email")
    assert "personal" not in row_of(page, "city")
    asked = re.findall(
        r"<pre tabindex=\"0\"><code>(SELECT .*?)</code>", data.get(f"/data/tables/{VIEW}").text
    )
    with hub.database.session() as connection:
        assert connection.query(asked[0].replace("modified_at", "source_id"))


def test_a_word_finds_tables_and_columns_and_a_fragment_is_only_what_was_found(data):
    found = data.get("/data", params={"q": "reviewed met"}).text
    assert 'href="/data/tables/dim_partner#reviewed_on"' not in found
    found = data.get("/data", params={"q": "last reviewed"}, headers={"hx-request": "true"}).text
    assert 'href="/data/tables/dim_partner#reviewed_on"' in found
    assert "<html" not in found
    assert "No table and no column says “zzz”" in data.get("/data", params={"q": "zzz"}).text


def test_the_field_catalog_says_where_a_field_goes_how_it_is_cleaned_and_whose_word_counts(data):
    page = data.get("/data/fields").text
    row = found_in(r"<tr>(?:(?!</tr>).)*properties\.city.*?</tr>", page)
    assert "organization.city" in row
    assert 'href="/data/tables/dim_partner#city"' in row
    assert re.search(r'data-label="Cleaned by">line<.*data-label="Has the last word">crm<', row, re.DOTALL)
    assert "properties.name" not in data.get("/data/fields", params={"q": "city"}).text


def test_who_may_know_of_one_organization_only_is_told_no_counts(data, small):
    hub, url = small
    measured(hub)
    secret = link_for(url, "portal@x.example", "data", only=[hub.id_of(ACME)])
    with client(url) as browser:
        browser.post(f"/sign-in/{secret}")
        page = browser.get("/data/tables/dim_partner").text
    assert "not counted" in page
    assert " %" not in page


def test_a_table_that_is_none_is_not_found(data):
    answer = data.get("/data/tables/organization")
    assert answer.status_code == 404
    assert "/data" in answer.text


def test_measuring_again_replaces_the_measure_on_either_engine(database_url):
    hub = partner_hub(database_url)
    assert measured(hub) == len(MARTS)
    measure_fill(Database(database_url), "2026-10-02T04:10:00.000000Z")
    assert set(hub.rows("column_fill", "measured_at")) == {("2026-10-02T04:10:00.000000Z",)}
    with browsing(database_url, hub, "data") as browser:
        assert "2 October 2026, 04:10 UTC" in browser.get("/data/tables/dim_partner").text
        assert browser.get("/api/changes", params={"limit": 2}).json()["more"]

"""The values of a partner's page: where each is from, what a person changes, and the record of a former day."""

from __future__ import annotations

import pytest

from tests.web.partner_rig import ACME, SHEET, Page, browsing, put

LANDED = ("source", "stream", "source_id", "op", "content_hash", "run_id", "landed_at")


# ---------------------------------------------------------------- values and their sources


def test_every_value_says_where_it_is_from_and_who_disagrees(page):
    tier = page.value("tier")
    assert "Gold" in tier
    assert "HubSpot company 1" in tier
    assert "1 disagrees" in tier
    assert "<strong>Silver</strong>" in tier
    assert "list.xlsx" in tier or "Spreadsheet list 1" in tier
    assert page.value("segment") == ""
    assert "Care" in page.value("custom-segment")


def test_blank_fields_take_no_room(page):
    assert "Legal name" not in page.text()


def test_an_amount_is_one_value_with_its_currency(page):
    shown = page.value("annual-value")
    assert "1,200.00 EUR" in shown
    assert "900.00 GBP" in shown
    assert 'id="value-currency"' not in page.text()


def test_the_value_of_another_source_is_taken_and_seen_at_once(page, partners):
    answer = page.post(act="use", field="tier", record=SHEET)
    assert (answer.status_code, answer.history[0].status_code) == (200, 303)
    assert "Tier is now <strong>Silver</strong>, set by a person" in " ".join(answer.text.split())
    assert "pinned" in page.value("tier")
    assert ("tier", "Silver", "ana@hub.example") in partners.rows("pin", "field", "value", "actor")
    assert "Acme" in {name for (name,) in partners.rows("organization", "name")}


def test_taking_an_amount_takes_its_currency_along(page):
    page.post(act="use", field="annual_value", record=SHEET)
    assert "900.00 GBP" in page.value("annual-value").partition("Others say")[0]


def test_a_value_pinned_by_hand_stands_until_it_is_unpinned(page):
    page.post(act="pin", field="tier", value=" Platinum ", reason="agreed on the phone")
    assert "Platinum" in page.value("tier").partition("Others say")[0]
    page.post(act="unpin", field="tier")
    assert "Platinum" not in page.value("tier")
    assert "Gold" in page.value("tier")


def test_an_amount_is_pinned_as_people_write_it(page):
    page.post(act="pin", field="annual_value", value="2,500.50 USD")
    assert "2,500.50 USD" in page.value("annual-value")
    refused = page.post(act="pin", field="annual_value", value="a lot")
    assert (refused.status_code, "This is no amount" in refused.text) == (409, True)


def test_a_value_nobody_says_any_more_is_not_taken(page, partners):
    assert page.post(act="use", field="tier", record="crm/companies/99").status_code == 409
    assert partners.rows("pin") == []


def test_a_field_nobody_can_pin_is_refused(page, partners):
    assert page.post(act="pin", field="record_count", value="7").status_code == 409
    assert page.post(act="pin", field="name", value="").status_code == 409
    assert partners.rows("pin") == []


def test_history_shows_what_a_value_was_and_who_set_it(page):
    page.post(act="pin", field="tier", value="Platinum")
    page.post(act="unpin", field="tier")
    history = page.text("/values", field="tier").partition("What it was")[2]
    assert history.count("<td>Gold</td>") == 2
    assert history.index("Gold") < history.index("Platinum")
    assert "ana@hub.example set it to <strong>Platinum</strong>" in history


def test_the_history_of_an_amount_keeps_the_currency_of_its_day(page):
    page.post(act="pin", field="annual_value", value="70 GBP")
    history = page.text("/values", field="annual_value").partition("What it was")[2]
    assert "70.00 GBP" in history
    assert "1,200.00 EUR" in history


def test_custom_fields_have_a_history_too_and_unknown_ones_have_no_page(page):
    page.post(act="pin", field="custom.segment", value="Schools")
    history = page.text("/values", field="custom.segment").partition("What it was")[2]
    assert "Schools" in history
    assert "Care" in history
    assert page.client.get(f"{page.address}/values?field=nonsense").status_code == 404


def test_setting_a_value_is_remembered_as_an_act_and_in_the_audit_log(page, partners):
    page.post(act="pin", field="tier", value="Platinum", reason="agreed")
    ((kind, subject, reason),) = partners.rows("steward_act", "kind", "subject", "reason")
    assert (kind, subject, reason) == ("pin", "tier of Acme is Platinum", "agreed")
    assert "value.pin" in {verb for (verb,) in partners.rows("audit_entry", "verb")}


def test_who_may_not_correct_sees_no_forms_and_changes_nothing(small):
    hub, url = small
    with browsing(url, hub, "auditor") as client:
        page = Page(client, hub.id_of(ACME))
        assert "Use this value" not in page.text()
        assert "Others say" in page.text()
        assert page.post(act="pin", field="tier", value="x").status_code == 403
    assert hub.rows("pin") == []


def test_a_value_and_whoever_disagrees_lead_to_what_arrived_for_those_who_may_look(small):
    hub, url = small
    records = ("raw_id", "source", "stream", "source_id", "op", "content_hash", "run_id", "landed_at")
    put(
        hub,
        "raw_record",
        records,
        [(1, "crm", "companies", "1", "upsert", b"x", "r", "2026-10-01T00:00:00.000000Z")],
    )
    with browsing(url, hub) as client:
        panel = Page(client, hub.id_of(ACME)).value("tier")
        assert 'href="/records/crm/companies/1"' in panel
        assert 'href="/records/sheet/list/1"' in panel
        assert "As it arrived" in panel
        assert client.get("/records/crm/companies/1").status_code == 200


# ---------------------------------------------------------------- as it was known


def test_the_record_is_shown_as_it_was_known_on_a_day(page, partners):
    partners.stage("organization", ACME, ["domain:acme.example"], name="Acme Renamed", tier="Bronze")
    partners.runs = 60 * 24 * 3
    with partners.database.session() as connection, connection.transaction():
        later = "2026-10-04T00:00:00.000000Z"
        connection.execute("UPDATE organization_version SET recorded_to_at = ? WHERE name = 'Acme'", (later,))
        connection.execute(
            "INSERT INTO organization_version (organization_id, recorded_from_at, name, tier, records_json, run_id)"
            " VALUES (?, ?, 'Acme Renamed', 'Bronze', '[]', 'r')",
            (partners.id_of(ACME), later),
        )
    then = page.text(as_of="2026-10-03")
    assert "As the hub knew it at the end of 3 October 2026" in then
    assert "<h1>Acme</h1>" in then
    assert "Gold" in then
    assert "Bronze" not in then
    assert "<h1>Acme Renamed</h1>" in page.text(as_of="2026-10-04")
    assert f'href="{page.address}">Back to now' in then


def test_records_that_left_since_are_still_listed_for_the_day_they_belonged(page, partners):
    with partners.database.session() as connection, connection.transaction():
        connection.execute(
            "UPDATE organization_link SET ended_at = '2026-10-05T00:00:00.000000Z' WHERE record = ?", (SHEET,)
        )
    assert "ACME Ltd" in page.text(as_of="2026-10-04")
    assert "ACME Ltd" not in page.text(as_of="2026-10-06").partition("Records that belonged")[2]


def test_a_meeting_that_arrived_later_is_left_out_and_counted(page, partners):
    for number, day in ((1, 2), (2, 9)):
        partners.mail(
            f"mail/I/{number}",
            "ann@acme.example",
            "me@hub.example",
            kind="meeting",
            subject=f"Visit {number}",
        )
        landed = f"2026-10-{day:02}T10:00:00.000000Z"
        put(partners, "raw_record", LANDED, [("mail", "I", str(number), "upsert", b"x", "r", landed)])
    partners.publish()
    then = page.text(as_of="2026-10-03")
    assert "Visit 1" in then
    assert "Visit 2" not in then
    assert "1 thing that had happened by then came to be known later" in then


def test_before_it_was_known_the_page_says_since_when(page):
    text = page.text(as_of="2026-01-01")
    assert "The hub did not know of it then" in text
    assert "?as_of=2026-10-01" in text


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "' OR 1=1", "\x00"])
def test_a_day_that_is_none_is_told_and_the_page_shows_now(small, day):
    hub, url = small
    with browsing(url, hub) as client:
        assert "is no day" in Page(client, hub.id_of(ACME)).text(as_of=day)

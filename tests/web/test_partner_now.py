"""The page of a partner now: what is behind its schedule, the time there, conversations, closeness, slides."""

from __future__ import annotations

import pytest

from partnerhub.web.local_time import local_time
from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import ACME, Page, browsing, put
from tests.web.test_partner_page import everything_about_acme

NOW = "2026-11-22T16:00:00.000000Z"
LONG_AGO = "2026-01-01T06:00:00.000000Z"
SINCE = "2026-02-01T00:00:00.000000Z"


def run(hub, source, state="complete", at=LONG_AGO):
    columns = ("run_id", "source", "stream", "state", "started_at", "finished_at")
    put(hub, "stream_run", columns, [(f"r-{source}", source, "companies", state, at, at)])


def test_a_source_behind_its_schedule_is_told_with_since_when_and_who_must_act(small):
    hub, url = small
    run(hub, "crm")
    with browsing(url, hub, due=lambda: {"crm": SINCE}) as client:
        text = Page(client, hub.id_of(ACME)).text()
    banner = text.partition('class="alert alert-warning behind"')[2].partition("</details>")[0]
    assert "HubSpot is older than agreed" in banner
    assert "a person must act" in banner
    assert "1 January 2026, 06:00 UTC" in banner
    assert "partnerhub sync crm" in banner


def test_a_source_within_its_schedule_or_without_one_has_no_banner(small):
    hub, url = small
    run(hub, "crm")
    run(hub, "sheet")
    with browsing(url, hub, due=lambda: {"crm": "2025-01-01T00:00:00.000000Z"}) as client:
        assert "older than agreed" not in Page(client, hub.id_of(ACME)).text()


@pytest.mark.parametrize(("place", "words"), [
    ({"country": "DE", "city": "Leipzig"}, "17:00"),
    ({"country": "JP"}, "01:00"),
    ({"country": "US", "region": "WA", "city": "Seattle"}, "08:00"),
    ({"country": "US", "city": "New York"}, "11:00"),
    ({"country": "ES", "region": "Madrid"}, "17:00"),
])  # fmt: skip
def test_the_time_there_is_told_where_the_place_leaves_one_answer(place, words):
    assert local_time(place, NOW).words == words


@pytest.mark.parametrize("place", [
    {}, {"city": "Leipzig"}, {"country": "US", "city": "Seattle"}, {"country": "US", "region": "TX"}, {"country": "ES"},
    {"country": "US", "region": "TX", "city": "New York"}, {"country": "nowhere"},
])  # fmt: skip
def test_no_time_is_told_where_there_may_be_two(place):
    assert local_time(place, NOW) is None


def test_another_day_and_out_of_hours_are_said(small):
    hub, url = small
    there = local_time({"country": "JP"}, NOW)
    assert (there.day, there.office_hours) == ("Mon", False)
    with browsing(url, hub) as client:
        page = Page(client, hub.id_of(ACME))
        page.post(act="pin", field="country", value="JP")
        assert 'title="Asia/Tokyo"' in page.text()


def test_a_conversation_is_one_entry_until_a_long_silence(page, partners):
    for number, day in enumerate((1, 2, 3, 28)):
        partners.mail(f"mail/I/{number}", "ann@acme.example", "me@hub.example", subject=f"Rollout {number}",
                      thread="t1", direction="in", happened_at=DAY.format(day))  # fmt: skip
    partners.publish()
    timeline = page.text().partition('id="timeline"')[2].partition('class="partner-right"')[0]
    assert "3 mails" in timeline
    assert timeline.count('class="moment"') == 2
    assert "2 earlier of this conversation" in timeline


def test_how_close_we_are_to_each_person_has_its_formula_one_click_away(page, partners):
    everything_about_acme(partners)
    text = page.text()
    formula = page.text("/readings/people")
    assert "Ann Lee" in formula
    assert "halved for every 30 days" in formula
    assert "no contact" in text


def test_a_quoted_slide_is_a_card_with_the_title_of_its_slide(page, partners):
    everything_about_acme(partners)
    with partners.database.session() as connection, connection.transaction():
        connection.execute(
            "UPDATE staged_passage SET record = 'crm/documents/1#p', document_record = 'crm/documents/1'"
        )
        connection.execute(
            "INSERT INTO staged_passage (record, source, stream, source_id, raw_id, rules, document_record, place,"
            " extractor, sha256, text) SELECT 'crm/documents/1#slide 2 / Title 1~a', source, stream, source_id,"
            " raw_id, rules, document_record, 'slide 2 / Title 1', extractor, 'y', 'Where we stand' FROM staged_passage"
        )
        connection.execute(
            "UPDATE staged_document SET custom_json = replace(CAST(custom_json AS TEXT), 'decks/d/1#p',"
            " 'crm/documents/1#p')" if connection.dialect == "sqlite" else
            "UPDATE staged_document SET custom_json = replace(custom_json::text, 'decks/d/1#p',"
            " 'crm/documents/1#p')::json"
        )  # fmt: skip
    card = page.text().partition('<figure class="slide">')[2].partition("</figure>")[0]
    assert '<p class="slide-title">Where we stand</p>' in card
    assert "Tier: Gold and growing" in card
    assert "Slide 2, read as Tier: Gold" in card

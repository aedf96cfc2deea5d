"""What a partner's page loads later, each a page of its own: what is in common, places on a map, slides as drawings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from tests.web.partner_rig import ACME, LONE, Page, browsing, put
from warehouse.database import Database
from warehouse.queries.mail_sight import Level
from warehouse.queries.overlaps import overlaps
from warehouse.queries.places import addresses, stated_in
from warehouse.viewer import OPERATOR, Viewer

CLIENT, OTHER = "crm/companies/8", "sheet/list/9"
PART = {"hx-request": "true"}
RAW = ("raw_id", "source", "stream", "source_id", "op", "content_hash", "payload", "run_id", "landed_at")


def deal_between(hub, number, *parties, role="Reseller", **values):
    """An open deal of some organizations; the first of them by a role."""
    record = hub.stage("deal", f"crm/deals/{number}", name=f"Deal {number}", status="open", **values)
    for place, party in enumerate(parties):
        hub.stage(
            "relation", f"{record}#party{place}", kind="party", from_record=record, to_record=party,
            role=None if place else role,
        )  # fmt: skip


def with_customer(hub):
    """Acme resells to a customer of no program, where Lone is active, too."""
    hub.stage("organization", "list/rows/8", name="Bodega")
    deal_between(hub, 1, ACME, "list/rows/8", amount_minor=50_000, currency="EUR")
    deal_between(hub, 2, ACME, "list/rows/8", amount_minor=70_000, currency="USD")
    deal_between(hub, 3, LONE, "list/rows/8", amount_minor=10_000, currency="EUR")
    hub.publish()


def test_a_customer_in_common_stands_with_the_part_they_play_and_open_value_by_currency(page, partners):
    with_customer(partners)
    text = page.text("/overlaps")
    for shown in ("Bodega", "Reseller", "2 open, 500.00 EUR and 700.00 USD", "Deal 1", "timeline?at="):
        assert shown in text, shown
    assert "1,200.00" not in text


def test_the_open_pipeline_says_the_part_they_play_in_each_deal(page, partners):
    with_customer(partners)
    text = page.text("/readings/pipeline")
    assert "Their part" in text
    assert text.count("<td>Reseller</td>") == 2


def test_another_partner_at_the_same_customer_is_named_with_its_deal(page, partners):
    with_customer(partners)
    found = page.client.get(f"/api{page.address}/overlaps").json()
    assert [each["name"] for each in found["partners"]] == ["Lone"]
    assert found["partners"][0]["customers"][0]["name"] == "Bodega"
    assert found["partners"][0]["open"]["amounts"] == [
        {"currency": "EUR", "amount_minor": 10_000, "deals": 1}
    ]


def test_somebody_known_at_two_organizations_is_in_common(page, partners):
    record = partners.stage("person", "crm/contacts/1", name="Ann Lee")
    for number, at, until in ((1, ACME, None), (2, LONE, "2026-08-01")):
        partners.stage(
            "relation", f"crm/jobs/{number}", kind="works_at", from_record=record, to_record=at, until=until
        )
    partners.publish()
    assert "Ann Lee" in page.text("/overlaps")
    assert "1 Aug 2026" in page.text("/overlaps")


def test_who_may_know_of_one_organization_sees_nothing_of_others_in_what_is_in_common(small):
    hub, url = small
    with_customer(hub)
    with Database(url).session() as connection:
        alone = Viewer("x", frozenset({hub.id_of(ACME)}))
        seen = overlaps(alone, connection, hub.id_of(ACME))
        assert overlaps(OPERATOR, connection, hub.id_of(ACME)).customers
    assert (seen.customers, seen.partners, seen.people) == ((), (), ())


def test_without_anything_in_common_it_says_what_would_fill_it(small):
    hub, url = small
    with browsing(url, hub) as client:
        part = client.get(f"/partners/{hub.id_of(LONE)}/overlaps", headers=PART).text
    assert "deals of the CRM" in part
    assert "<html" not in part


# ---------------------------------------------------------------- places


def test_a_town_is_on_the_map_and_in_the_table_with_who_says_so(page, partners):
    partners.stage("organization", ACME, name="Acme", city="Leeds", country="GB", street="1 Mill Lane")
    partners.publish()
    text = page.text("/places")
    assert 'class="map-dot map-dot-city"' in text
    assert "<title>Leeds, United Kingdom</title>" in text
    for shown in ("1 Mill Lane", "the middle of the town", "HubSpot"):
        assert shown in text, shown


def test_a_town_nobody_knows_stands_in_the_middle_of_its_country_and_says_so(small):
    hub, url = small
    hub.stage("organization", LONE, name="Lone", city="Nowhere-upon-Sea", country="GB")
    hub.publish()
    with browsing(url, hub) as client:
        text = Page(client, hub.id_of(LONE)).text("/places")
        assert "the middle of the country" in text
        assert "map-dot-country" in text


def test_a_place_without_a_country_is_listed_and_not_drawn(small):
    hub, url = small
    hub.stage("organization", LONE, name="Lone", city="Leeds")
    hub.publish()
    with browsing(url, hub) as client:
        text = Page(client, hub.id_of(LONE)).text("/places")
    assert "not on the map: no country is known" in text
    assert '<svg class="map"' not in text


@pytest.mark.parametrize(
    ("custom", "point"),
    [
        ({"BillingLatitude": "53.8", "BillingLongitude": -1.5}, (53.8, -1.5)),
        ({"lat": 1.5, "lng": 2.5}, (1.5, 2.5)),
        ({"latitude": 0, "longitude": 0}, None),
        ({"latitude": 91, "longitude": 0}, None),
        ({"flat": "3", "longitude": "4"}, None),
    ],
)
def test_coordinates_a_source_gives_are_read_where_they_are_a_point(custom, point):
    assert stated_in(custom) == point


def test_coordinates_of_a_source_win_over_those_of_the_town(small):
    hub, url = small
    custom = {"latitude": "53.9", "longitude": "-1.7"}
    hub.stage("organization", LONE, name="Lone", city="Leeds", country="GB", custom_json=custom)
    hub.publish()
    with browsing(url, hub) as client:
        (place,) = client.get(f"/api/partners/{hub.id_of(LONE)}/places").json()["places"]
    assert (place["latitude"], place["longitude"], place["how"]) == (53.9, -1.7, "source")


def test_coordinates_are_found_in_the_record_as_it_landed_though_no_field_of_ours_keeps_them(page, partners):
    payload = json.dumps({"Id": "9", "BillingLatitude": 53.7, "BillingLongitude": -1.6}).encode()
    put(
        partners,
        "raw_record",
        RAW,
        [(9, "crm", "companies", "2", "upsert", b"x", payload, "r", "2026-09-01")],
    )
    partners.stage("organization", LONE, name="Lone", city="Leeds", country="GB", raw_id=9)
    partners.publish()
    (place,) = page.client.get(f"/api/partners/{partners.id_of(LONE)}/places").json()["places"]
    assert (place["latitude"], place["longitude"], place["how"]) == (53.7, -1.6, "source")


def test_the_places_of_one_organization_are_those_of_its_own_records_only(page, partners):
    with partners.database.session() as connection:
        assert addresses(OPERATOR, connection, partners.id_of(LONE)) == []
        assert [each.city for each in addresses(OPERATOR, connection, partners.id_of(ACME))] == ["Leeds"]


def test_the_map_of_a_list_has_its_filters_and_a_dot_leads_to_the_list_of_a_town(page, partners):
    partners.stage("organization", ACME, name="Acme", city="Leeds", country="GB", tier="Gold")
    partners.stage("organization", LONE, name="Lone", city="Berlin", country="DE")
    partners.publish()
    text = page.client.get("/partners/map?tier=Gold").text
    assert "Leeds, United Kingdom: 1 partner" in text
    assert "Berlin" not in text
    link = "/partners?tier=Gold&city=Leeds&country=GB"
    assert text.count(link.replace("&", "&amp;")) == 2
    listed = page.client.get(link).text
    assert "Acme" in listed
    assert "Lone" not in listed


def test_a_town_under_two_names_is_one_dot_and_one_line_whose_list_holds_all_of_it(page, partners):
    partners.stage("organization", ACME, name="Acme", city="München", country="DE")
    partners.stage("organization", LONE, name="Lone", city="Munich", country="DE")
    partners.publish()
    text = page.client.get("/partners/map").text
    (line,) = re.findall(r'<th scope="row"><a href="([^"]+)">[^<]*</a>([^/]*)</span>', text)
    assert "also written M" in line[1]
    assert "2 partners" in text
    listed = page.client.get(unescape(line[0])).text
    assert "Acme" in listed
    assert "Lone" in listed


# ---------------------------------------------------------------- slides


def with_deck(hub, drawn=True, **said):
    """A deck about Acme whose second slide says its tier in a text box at a known place."""
    place = "slide 2 / Text 1"
    slide = {
        "number": 2, "title": "Where <we> stand", "passages": [
            {"place": place, "kind": "text", "text": "Tier: Gold\nand growing"},
            {"place": "slide 2 / notes / x", "kind": "notes", "text": "Say it softly"},
        ],
        "drawn": [{"kind": "text", "place": place, "box": [50, 150, 900, 200]},
                  {"kind": "picture", "place": "slide 2 / Picture 1", "box": [50, 400, 300, 200]}] if drawn else [],
    }  # fmt: skip
    payload = json.dumps({"size": [1000, 750], "slides": [{"number": 1, "passages": []}, slide]}).encode()
    put(hub, "raw_record", RAW, [(7, "crm", "documents", "1", "upsert", b"x", payload, "r", "2026-09-01")])
    value = {"label": "Tier", "passage": f"crm/documents/1#{place}~abc", "slide": 2, "value": "Gold", **said}
    record = hub.stage(
        "document", "crm/documents/1", title="Review", raw_id=7, created_at="2026-09-01T09:00:00.000000Z",
        custom_json={"said": {"tier": value}},
    )  # fmt: skip
    hub.stage("relation", f"{record}#about", kind="about", from_record=record, to_record=ACME)
    hub.publish()
    return hub.rows("fact", "fact_id", "entity")[0][0]


def test_a_slide_is_drawn_from_where_its_shapes_stand_with_the_quoted_line_marked(page, partners):
    fact = with_deck(partners)
    text = page.text(f"/documents/{fact}/slides/2")
    assert '<rect class="slide-part slide-part-text is-quoted" x="50.0" y="150.0"' in text
    assert text.count('class="slide-mark"') == 1
    assert '<rect class="slide-part slide-part-picture" x="50.0" y="400.0"' in text
    assert "Slide 2, Where <we> stand. Marked: Tier Gold" in text


def test_what_a_slide_says_is_text_never_markup(small):
    hub, url = small
    fact = with_deck(hub)
    with browsing(url, hub) as client:
        raw = client.get(f"/partners/{hub.id_of(ACME)}/documents/{fact}/slides/2", headers=PART).text
    assert "Where &lt;we&gt; stand" in raw
    assert "<we>" not in raw
    assert "Say it softly" not in raw
    assert "style=" not in raw


def test_a_deck_that_landed_before_positions_were_read_keeps_its_words(small):
    hub, url = small
    fact = with_deck(hub, drawn=False)
    with browsing(url, hub) as client:
        address = f"/partners/{hub.id_of(ACME)}/documents/{fact}/slides/2"
        assert client.get(address, headers=PART).status_code == 204
        whole = client.get(address).text
        assert "Tier: Gold" in whole
        assert "only its words are shown" in whole
        assert f'hx-get="{address}"' in client.get(f"/partners/{hub.id_of(ACME)}").text


def test_a_slide_is_not_there_for_another_organization_or_another_number(small):
    hub, url = small
    fact = with_deck(hub)
    with browsing(url, hub) as client:
        for organization, number in ((LONE, 2), (ACME, 3)):
            address = f"/partners/{hub.id_of(organization)}/documents/{fact}/slides/{number}"
            assert client.get(address).status_code == 404
            assert client.get(f"/api{address}").status_code == 404
        told = client.get(f"/api/partners/{hub.id_of(ACME)}/documents/{fact}/slides/2").json()
    assert told["quoted"] == [{"field": "Tier", "value": "Gold", "place": "slide 2 / Text 1"}]


def test_a_deck_on_a_mail_is_drawn_only_for_who_may_read_that_mail(small, monkeypatch):
    from warehouse.queries import slides

    hub, url = small
    fact = with_deck(hub)
    monkeypatch.setattr(slides, "levels", lambda *_: {fact: Level.SUBJECT})
    with Database(url).session() as connection:
        assert slides.slide_of(replace(OPERATOR), connection, hub.id_of(ACME), fact, 2) is None

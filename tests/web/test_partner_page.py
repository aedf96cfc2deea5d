"""The page of one partner over a real warehouse: what it shows of everything that hangs on a partner."""

from __future__ import annotations

import gzip
import json
import re
from uuid import UUID

import pytest

from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import ACME, LONE, Page, browsing, put

AT = "2026-09-01T09:00:00.000000Z"
MERGED = str(UUID(int=4))


def signal(hub, **values):
    row = {"signal_id": "1", "organization_id": hub.id_of(ACME), "rule": "unanswered", "level": "urgent",
           "sentence": "Ann waits.", "opened_at": AT, **values}  # fmt: skip
    row["evidence_json"] = json.dumps(values.get("evidence_json", []))
    put(hub, "signal", tuple(row), [tuple(row.values())])


# ---------------------------------------------------------------- readings, signals, next action


def test_what_is_most_urgent_is_the_next_action_with_its_evidence(small):
    hub, url = small
    evidence = [{"at": "2026-09-01", "place": "slide 2", "quote": "<b>Tier: Gold", "record": "decks/d/1"}]
    signal(hub, evidence_json=evidence)
    signal(hub, signal_id="2", rule="overdue", level="info", sentence="It is late.")
    signal(hub, signal_id="3", rule="silence", sentence="Was silent.", closed_at=AT)
    with browsing(url, hub) as client:
        raw = client.get(f"/partners/{hub.id_of(ACME)}").text
    assert '<h2 id="next">Answer them</h2>' in raw
    assert "<q>&lt;b&gt;Tier: Gold</q>" in raw
    assert '<a href="/records/decks/d/1"><code>decks/d/1</code></a>, slide 2' in raw
    assert "It is late." in raw
    assert "Was silent." not in raw


@pytest.mark.parametrize("name", ["strength", "pipeline", "engagement", "risks"])
def test_each_reading_has_a_page_with_its_formula(small, name):
    hub, url = small
    with browsing(url, hub) as client:
        page = Page(client, hub.id_of(ACME))
        assert f'href="{page.address}/readings/{name}"' in page.text()
        assert "Acme" in page.text(f"/readings/{name}")
        part = client.get(f"{page.address}/readings/{name}", headers={"hx-request": "true"}).text
        assert "<html" not in part
        assert "<h1>" in part
        assert client.get(f"{page.address}/readings/nothing").status_code == 404


# ---------------------------------------------------------------- what else hangs on it


def test_people_deals_work_documents_and_promises_stand_beside(page, partners):
    everything_about_acme(partners)
    text = page.text()
    for shown in (
        "Ann Lee", "Head of Care", "left 1 Aug 2026", "Rollout", "500.00 EUR · Proposal", "Fix the login",
        "https://tracker.example/browse/SUP-1", "Review Q3", "Tier: Gold and growing", "Slide 2, read as Tier: Gold",
        "Frame contract", "renews 1 Dec 2027", "Training for two", "overdue",
    ):  # fmt: skip
        assert shown in text, shown
    assert "javascript:" not in text


def standing(text):
    return re.sub(
        r"<[^>]+>", " ", text.partition('<dl class="partner-standing">')[2].partition("</dl>")[0]
    ).split()


def test_stage_last_review_and_next_renewal_have_their_place_said_or_not(page, partners, frozen_clock):
    partners.stage("organization", ACME, ["domain:acme.example"], name="Acme", stage="Onboarding",
                   reviewed_on="2026-09-19", modified_at=DAY.format(4))  # fmt: skip
    partners.publish()
    text = page.text()
    said = " ".join(standing(text))
    assert "Stage Onboarding HubSpot" in said
    assert "Last review 19 Sep 2026 , 12 days ago HubSpot" in said
    assert "Next renewal not known, say it" in said
    assert '<a href="#value-stage">' in text
    assert f'href="{page.address}/values?field=renews_on"' in text


def test_a_renewal_nobody_says_of_the_partner_is_that_of_its_next_agreement(page, partners, frozen_clock):
    everything_about_acme(partners)
    assert "Next renewal 1 Dec 2027 , in 1 year of “Frame contract”" in " ".join(standing(page.text()))


def test_what_nobody_says_can_be_said(page):
    assert 'name="value" type="date"' in page.text("/values", field="renews_on")
    page.post(act="pin", field="renews_on", value="2026-11-13")
    assert "Next renewal 13 Nov 2026" in " ".join(standing(page.text()))


def everything_about_acme(hub):
    for number, name, until in ((1, "Ann Lee", None), (2, "Bob Ray", "2026-08-01")):
        record = hub.stage("person", f"crm/contacts/{number}", name=name, title="Head of Care")
        works = {"from_record": record, "to_record": ACME, "until": until}
        hub.stage("relation", f"{record}#works", kind="works_at", **works)
    said = {"tier": {"label": "Tier", "passage": "decks/d/1#p", "place": "x", "slide": 2, "value": "Gold"}}
    facts: dict[str, dict[str, object]] = {
        "deal": {"name": "Rollout", "stage": "Proposal", "status": "open", "amount_minor": 50_000, "currency": "EUR",
                 "created_at": AT},
        "work_item": {"title": "Fix the login", "created_at": AT,
                      "custom_json": {"link": "https://tracker.example/browse/SUP-1"}},
        "document": {"title": "Review Q3", "created_at": AT, "custom_json": {"said": said, "slides": 5}},
        "agreement": {"title": "Frame contract", "renews_on": "2027-12-01", "created_at": AT},
        "commitment": {"title": "Training for two", "due_on": "2026-09-02", "created_at": AT},
    }  # fmt: skip
    for kind, values in facts.items():
        record = hub.stage(kind, f"crm/{kind}s/1", **values)
        hub.stage("relation", f"{record}#about", kind="about", from_record=record, to_record=ACME)
    bad = hub.stage(
        "work_item", "crm/work_items/2", title="Bad link", custom_json={"link": "javascript:alert(1)"}
    )
    hub.stage("relation", f"{bad}#about", kind="about", from_record=bad, to_record=ACME)
    columns = ("record", "source", "stream", "source_id", "raw_id", "rules", "document_record", "place", "extractor",
               "sha256", "text")  # fmt: skip
    put(hub, "staged_passage", columns, [("decks/d/1#p", "decks", "d", "1", 1, "r", "crm/documents/1", "slide 2 / Text",
                                          "x", "x", "Tier: Gold and growing")])  # fmt: skip
    hub.publish()


def test_the_timeline_shows_the_newest_twenty_and_leads_to_all(page, partners):
    for number in range(25):
        at = DAY.format(number + 1)
        partners.mail(
            f"mail/I/{number}",
            "ann@acme.example",
            "me@hub.example",
            subject=f"Visit {number:02}",
            kind="meeting",
            happened_at=at,
        )
    partners.publish()
    text = page.text()
    assert [number for number in range(25) if f"Visit {number:02}" in text] == list(range(5, 25))
    assert f'href="{page.address}/timeline"' in text


def test_a_source_record_leads_to_its_page_at_the_source(small):
    hub, url = small
    with browsing(url, hub) as client:
        text = Page(client, hub.id_of(ACME)).text()
    assert 'href="https://app.hubspot.com/contacts/4711/record/0-2/1"' in text
    assert 'rel="noopener noreferrer external"' in text


def test_sources_say_how_much_of_them_is_read_and_when(page, partners):
    put(partners, "raw_current", ("source", "stream", "source_id", "raw_id", "op", "content_hash", "quarantine"), [
        ("crm", "companies", "1", 1, "upsert", b"x", "bad_date"),
        ("sheet", "list", "1", 2, "upsert", b"x", None),
    ])  # fmt: skip
    run = ("run_id", "source", "stream", "state", "started_at", "finished_at")
    put(
        partners,
        "stream_run",
        run,
        [("r", "crm", "companies", "complete", AT, AT), ("r", "sheet", "list", "failed", AT, AT)],
    )
    text = page.text()
    assert "0/1 read" in text
    assert "1 quarantined: bad date" in text
    assert "chip-failed" in text.partition("Spreadsheet")[0].rpartition("<li>")[2]
    assert "chip-fine" in text.partition(">HubSpot<")[0].rpartition("<li>")[2]


# ---------------------------------------------------------------- the page itself


def test_a_partner_nothing_is_known_of_says_what_will_appear(page, partners):
    empty = Page(page.client, partners.id_of(LONE)).text()
    for shown in (
        "Nothing has happened yet",
        "Nobody is known there yet",
        "No contact",
        "Nothing open",
        "None known",
    ):
        assert shown in empty


def test_a_merged_id_leads_to_its_survivor_and_so_does_each_page_below_it(page, partners):
    put(
        partners,
        "redirect",
        ("from_id", "started_at", "entity", "to_id"),
        [(MERGED, AT, "organization", partners.id_of(ACME))],
    )
    found = page.client.get(f"/partners/{MERGED}", follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (308, page.address)
    assert "1 former id" in page.text()
    for part in ("places", "overlaps", "documents/some/slides/2", "records", "timeline?at=some+fact"):
        found = page.client.get(f"/partners/{MERGED}/{part}", follow_redirects=False)
        assert (found.status_code, found.headers["location"]) == (308, f"{page.address}/{part}")


def test_an_organization_that_is_no_partner_says_so(page, partners):
    with partners.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM partnership")
    assert "Not on the partner list" in page.text()


def test_what_a_source_says_is_shown_and_never_run(small):
    hub, url = small
    evil = "<script>alert(1)</script>"
    hub.stage("organization", ACME, name=evil, tier='"><img src=x>', website="javascript:alert(1)")
    hub.publish()
    with browsing(url, hub) as client:
        for rest in ("", "/values?field=tier", "/readings/risks", "?as_of=2026-10-02", f"?changed={evil}"):
            raw = client.get(f"/partners/{hub.id_of(ACME)}{rest}").text
            assert "<script>" not in raw
            assert "<img" not in raw
            assert 'href="javascript' not in raw
            assert " style=" not in raw


def test_the_page_is_small(small):
    hub, url = small
    everything_about_acme(hub)
    with browsing(url, hub) as client:
        assert len(gzip.compress(client.get(f"/partners/{hub.id_of(ACME)}").content)) < 50_000

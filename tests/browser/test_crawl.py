"""Every page, over a hub whose every text is an attack: nothing runs, nothing breaks out, everybody can read it."""

from __future__ import annotations

import pytest

from tests.browser.browsers import context_of, enter
from tests.browser.crawling import STILL, crawl, pages_of
from tests.browser.hostile import MARK

pytestmark = [pytest.mark.slow, pytest.mark.browser]

NO_PAGES = {
    "/": "leads to the list",
    "/runs/{run_id}/events": "told while a sync runs",
    "/static/{mark}/{name:path}": "stylesheets, scripts, icons",
    "/partners/assigned/{act}": "after an act, in a journey of its own",
    "/sync/asked/{job}": "after an act, until its run has a page",
    "/healthz": "text for machines",
    "/readyz": "text for machines",
    "/metrics": "text for machines",
    "/sign-in": "seen signed out, below",
    "/sign-in/{secret}": "seen signed out, below",
}
NOT_LINKED_YET = {"/mail/visibility", "/partners/{organization_id}/records"}
"""Nothing of this hub leads to them: the first has no entry yet, the second is for a partner with many records."""


@pytest.fixture(scope="module")
def seen(browser, hub):
    with context_of(browser, hub.base, **STILL) as (page, complaints):
        enter(page, hub.account("admin", "steward", "manager", "ops", "data", "auditor")[1])
        starts = (
            attacked_by_name(hub),
            with_mail(hub),
            with_slide(hub),
            with_reply(hub),
            with_question(page, hub),
        )
        yield crawl(page, hub.app, complaints.said, *starts) + signed_out(browser, hub)


def attacked_by_name(hub):
    """A partner whose very name would become markup: the list begins with those of the story, whose names are plain."""
    (found, *_) = hub.query(
        "SELECT p.organization_id FROM partnership p JOIN organization o ON o.organization_id = p.organization_id"
        f" WHERE o.name LIKE '%<% {MARK}%' ORDER BY o.name"
    )
    return f"/partners/{found[0]}"


def with_mail(hub):
    """A timeline on which a mail stands."""
    (found, *_) = hub.query("SELECT organization_id FROM timeline WHERE kind = 'email' ORDER BY fact_id")
    return f"/partners/{found[0]}/timeline"


def with_slide(hub):
    """A slide something was quoted from."""
    (found, *_) = hub.query(
        "SELECT t.organization_id, t.fact_id FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
        ' JOIN staged_document d ON d.record = f.record WHERE d.custom_json LIKE \'%"said":{"%\' ORDER BY t.fact_id'
    )
    return f"/partners/{found[0]}/documents/{found[1]}/slides/2"


def with_reply(hub):
    """A reply to a mail."""
    (found, *_) = hub.query(
        "SELECT organization_id, fact_id FROM timeline WHERE kind = 'email' ORDER BY fact_id"
    )
    return f"/partners/{found[0]}/reply/{found[1]}"


def with_question(page, hub):
    """A question about a value, whose words are an attack, too."""
    page.goto(f"{attacked_by_name(hub)}/ask?field=name")
    page.get_by_label("Whom").fill("owner@partner.example")
    page.get_by_label("In your words").fill(f"<img src=x onerror=alert('{MARK}')>")
    page.get_by_role("button", name="Ask", exact=True).click()
    return page.url.partition("?")[0].removeprefix(hub.base)


def signed_out(browser, hub):
    with context_of(browser, hub.base, **STILL) as (page, complaints):
        page.goto("/sign-in")
        link = hub.account("manager")[1]
        return [
            found
            for address in ("/sign-in", "/sign-in?next=/partners?q=a", link)
            for found in crawl(page, hub.app, complaints.said, address)
        ]


def faults(seen, *kinds):
    return {each.address: each.wrong[kind] for each in seen for kind in kinds if kind in each.wrong}


def test_links_lead_to_every_page(seen, hub):
    known = {route.path for route in pages_of(hub.app)}
    assert known - {each.route for each in seen} - NO_PAGES.keys() - NOT_LINKED_YET == set()
    assert [each.address for each in seen if each.route == "nowhere"] == []


def test_every_link_is_answered(seen):
    assert faults(seen, "status") == {}


def test_attacks_are_shown_as_text_and_never_become_markup(seen):
    shown = {each.route for each in seen if MARK in each.text}
    assert {"/partners", "/partners/{organization_id}"} <= shown
    assert faults(seen, "planted") == {}


def test_nothing_is_refused_by_the_policy_and_nothing_leaves_the_hub(seen):
    assert faults(seen, "complaints") == {}


def test_every_page_has_one_headline(seen):
    assert faults(seen, "headings") == {}


def test_no_page_scrolls_sideways_on_a_small_phone_or_a_desk(seen):
    assert faults(seen, "overflow at 320", "overflow at 1440") == {}


def test_axe_finds_nothing_serious_in_the_light(seen):
    assert faults(seen, "axe") == {}


def test_axe_finds_nothing_serious_in_the_dark(seen):
    assert faults(seen, "axe in the dark") == {}

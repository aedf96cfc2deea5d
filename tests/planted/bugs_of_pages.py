"""Planted bugs of pages: what a source says becomes part of the page, and a browser sees it."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

CRAWL: Final = "tests/browser/test_crawl.py::"

BUGS_OF_PAGES: Final = (
    Bug(
        "word-lost-in-a-merge",
        7,
        "warehouse/queries/next_words.py",
        "return self.followed and self.rule == rule",
        "return not self.followed and self.rule == rule",
        "tests/web/test_next_action.py::test_what_was_set_aside_follows_the_partner_through_a_merge",
    ),
    Bug(
        "name-as-markup",
        6,
        "partnerhub/web/templates/partner_head.html",
        "<h1>{{ organization.name }}</h1>",
        "<h1>{{ organization.name|safe }}</h1>",
        CRAWL + "test_attacks_are_shown_as_text_and_never_become_markup",
    ),
    Bug(
        "values-as-markup",
        6,
        "partnerhub/web/templates/partner_about.html",
        '<span class="property-value">{{ one.value.value }}</span>',
        '<span class="property-value">{{ one.value.value|safe }}</span>',
        CRAWL + "test_attacks_are_shown_as_text_and_never_become_markup",
    ),
    Bug(
        "wide-foot",
        6,
        "partnerhub/web/static/hub.css",
        ".hub-foot { padding",
        ".hub-foot { min-width: 500px; padding",
        CRAWL + "test_no_page_scrolls_sideways_on_a_small_phone_or_a_desk",
    ),
)

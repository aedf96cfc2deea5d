"""Planted bugs of pages: what a source says becomes part of the page, and a browser sees it."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

CRAWL: Final = "tests/browser/test_crawl.py::"
PARTS: Final = "tests/web/test_partner_parts.py::"
ASSIGNING: Final = "tests/web/test_partner_assigning.py::"

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
        "register-of-everybody",
        6,
        "warehouse/queries/commitments.py",
        "(seen, tuple(values)), *tests_of",
        '("1 = 1", ()), *tests_of',
        "tests/web/test_commitments.py::test_whoever_sees_some_partners_only_sees_what_is_promised_with_no_other[sqlite]",
    ),
    Bug(
        "one-town-twice",
        6,
        "partnerhub/web/place_words.py",
        "None if is_town else each.city",
        "each.city",
        PARTS + "test_a_town_under_two_names_is_one_dot_and_one_line_whose_list_holds_all_of_it[sqlite]",
    ),
    Bug(
        "known-where-it-is-not",
        6,
        "warehouse/queries/partner_list.py",
        'f"NOT {FROM_SOURCE}"',
        "FROM_SOURCE",
        "tests/web/test_partner_list.py::test_filters_narrow_down_and_values_of_one_add_up",
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
    Bug(
        "others-in-common",
        6,
        "warehouse/queries/overlaps.py",
        'seen = [row for row in shared if viewer.may_see(row["organization_id"])]',
        "seen = shared",
        PARTS + "test_who_may_know_of_one_organization_sees_nothing_of_others_in_what_is_in_common",
    ),
    Bug(
        "town-over-source",
        8,
        "partnerhub/web/place_words.py",
        'how = "source" if each.stated else point.how if point else ""',
        'how = point.how if point else ""',
        PARTS + "test_coordinates_of_a_source_win_over_those_of_the_town",
    ),
    Bug(
        "place-dropped",
        6,
        "partnerhub/web/world.py",
        'return Point(middle[0], middle[1], "country") if middle else None',
        "return None",
        PARTS + "test_a_town_nobody_knows_stands_in_the_middle_of_its_country_and_says_so",
    ),
    Bug(
        "slide-as-markup",
        6,
        "partnerhub/web/templates/slide_parts.html",
        "{% if slide.title %}, {{ slide.title }}{% endif %}",
        "{% if slide.title %}, {{ slide.title|safe }}{% endif %}",
        PARTS + "test_what_a_slide_says_is_text_never_markup",
    ),
    Bug(
        "slide-of-a-closed-mail",
        11,
        "warehouse/queries/slides.py",
        "[fact_id])[fact_id] < Level.EVERYTHING",
        "[fact_id])[fact_id] < Level.PRIVATE",
        PARTS + "test_a_deck_on_a_mail_is_drawn_only_for_who_may_read_that_mail",
    ),
    Bug(
        "shapes-outside-their-group",
        8,
        "connectors/pptx_reader/shapes.py",
        "            self.frame = outer.inside(transform_of(element))\n",
        "            self.frame = outer\n",
        "tests/connectors/test_pptx_reader.py::test_a_shape_in_a_group_stands_where_the_group_puts_it",
    ),
    Bug(
        "preview-that-acts",
        6,
        "partnerhub/web/routes/partner_assigning.py",
        "    if confirmed:\n",
        "    if not confirmed:\n",
        ASSIGNING + "test_before_anything_happens_it_is_said_what_would_change[sqlite]",
    ),
    Bug(
        "assigned-and-half-undone",
        8,
        "warehouse/commands/undo.py",
        'for detail in act.detail["pins"]:',
        'for detail in act.detail["pins"][:1]:',
        ASSIGNING + "test_assigning_changes_all_by_one_act_that_is_taken_back_whole[sqlite]",
    ),
    Bug(
        "deleted-since-is-gone",
        8,
        "warehouse/queries/known_then.py",
        "for row in gone_since(connection, past) if",
        "for row in () if",
        "tests/web/test_partner_then.py::"
        "test_a_mail_and_a_call_deleted_since_stand_on_the_timeline_of_their_day[sqlite]",
    ),
)

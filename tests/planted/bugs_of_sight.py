"""Planted bugs of pages and acts: a past day with facts of today, a hit without its place, acts nobody wrote down."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

THEN: Final = "tests/web/test_partner_then.py::"
ACTS: Final = "tests/web/test_api_acts.py::"
AUDITED: Final = "tests/cli/stewards/test_audited.py::"

BUGS_OF_SIGHT: Final = (
    Bug(
        "newest-version-then",
        8,
        "pipelines/recall.py",
        "AND r.landed_at <= ?\nGROUP BY",
        "AND r.landed_at <= max(?, '9')\nGROUP BY",
        THEN + "test_a_deal_is_shown_with_the_amount_and_stage_of_that_day",
    ),
    Bug(
        "tie-of-later",
        8,
        "warehouse/queries/hung_then.py",
        "tied = [row for row in known if (row.fact_id, row.anchor) not in late]",
        "tied = known",
        THEN + "test_a_deal_hangs_on_a_partner_from_when_its_source_said_so",
    ),
    Bug(
        "merged-since-counts",
        8,
        "warehouse/queries/hung_then.py",
        "    if past.is_same:\n",
        "    if past.is_same or tied:\n",
        THEN + "test_what_came_in_by_a_merge_was_the_other_ones_before[sqlite]",
    ),
    Bug(
        "signal-of-today",
        8,
        "partnerhub/web/partner_then.py",
        "signals(*then.of, moment=then.moment)",
        "signals(*then.of)",
        THEN + "test_the_next_action_is_that_of_the_signal_that_was_open_then",
    ),
    Bug(
        "title-of-today",
        8,
        "warehouse/queries/known_then.py",
        "    if recall:\n        call_as_then",
        "    if False:\n        call_as_then",
        THEN + "test_a_title_is_that_of_the_day",
    ),
    Bug(
        "hit-without-place",
        6,
        "partnerhub/web/routes/timeline.py",
        "position = (found[0], found[1] + BEHIND) if found else position_of(before)",
        "position = position_of(before)",
        "tests/web/test_search.py::test_a_mail_that_is_found_leads_to_its_place_on_the_timeline_and_names_its_partner",
    ),
    Bug(
        "act-not-written-down",
        6,
        "warehouse/commands/acts.py",
        "    did(connection, said.now, said.actor, deed_of(connection, act, act_id))\n",
        "",
        AUDITED + "test_each_act_of_a_steward_is_one_entry_under_the_name_of_the_machines_user",
    ),
    Bug(
        "command-signs-as-it-says",
        6,
        "warehouse/commands/audit.py",
        "    if not isinstance(actor, ByCommand):\n",
        "    if actor:\n",
        AUDITED + "test_whoever_speaks_for_somebody_else_is_named_beside_them",
    ),
    Bug(
        "one-failure-stops-all",
        5,
        "partnerhub/stewardship/alike.py",
        '            data = {"error": error.happened, "do": error.do}\n',
        "            raise error\n",
        ACTS + "test_one_that_was_answered_meanwhile_stops_none_of_the_others",
    ),
    Bug(
        "preview-writes",
        6,
        "partnerhub/web/routes/review_alike.py",
        "said, dry_run=True)",
        "said, dry_run=False)",
        ACTS + "test_chosen_ones_are_previewed_first_and_nothing_is_written",
    ),
    Bug(
        "act-without-twin",
        6,
        "partnerhub/web/routes/api_stewarding.py",
        '@router.post("/conflicts", tags=["Values"])',
        '@router.put("/conflicts", tags=["Values"])',
        ACTS + "test_every_act_of_a_page_has_its_twin_in_the_documented_api",
    ),
    Bug(
        "added-without-a-look",
        7,
        "partnerhub/web/routes/partner_adding.py",
        "    if likely and not agreed:\n",
        "    if likely and agreed:\n",
        ACTS + "test_whoever_adds_a_partner_by_hand_is_shown_who_may_be_meant_and_adds_it_all_the_same",
    ),
    Bug(
        "never-before-known",
        6,
        "pipelines/golden/finding.py",
        "                make_all(connection)\n",
        "                pass\n",
        "tests/web/test_finding_made.py::test_until_it_is_known_the_list_does_not_say_never",
    ),
    Bug(
        "blocked-mail-looked-into",
        11,
        "connectors/imap/connector.py",
        "gone = left_out(session, uids, self._blocked, self._patience)",
        "gone: set[int] = set()",
        "tests/connectors/test_imap_blocked.py::test_of_a_blocked_mail_only_its_people_are_asked_of_the_server",
    ),
    Bug(
        "blocked-mail-counts-as-a-gap",
        1,
        "connectors/imap/connector.py",
        " - sum(self._left_out.values())",
        "",
        "tests/pipelines/test_mail_in_two_folders.py::test_what_is_blocked_is_no_gap_and_nothing_of_it_is_written",
    ),
)

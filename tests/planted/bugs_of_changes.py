"""Bugs in what others are told of: the feed of changes, webhooks, pages about tables."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

WEBHOOKS: Final = "tests/alerting/test_webhooks_of_changes.py::"
DATA: Final = "tests/web/test_data_pages.py::"
FEED: Final = "tests/warehouse/test_changes.py::"
API: Final = "tests/web/test_changes_api.py::"

BUGS_OF_CHANGES: Final = (
    Bug(
        "a-line-for-every-poll",
        11,
        "warehouse/changes/logged.py",
        "entry.happened_at[:DAY] == now[:DAY]",
        "entry.happened_at == now",
        API + "test_a_program_that_asks_all_day_is_one_line_in_the_audit_log_and_one_where_it_began_anew",
    ),
    Bug(
        "bare-sequence",
        1,
        "warehouse/changes/turn.py",
        "    take_turn(connection)\n"
        '    found = connection.one(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}")\n',
        '    del table, column\n    found = connection.one("SELECT pg_current_xact_id()::text::bigint")\n',
        FEED + "test_who_commits_first_but_came_later_makes_no_reader_miss_who_came_before",
    ),
    Bug(
        "page-ends-too-late",
        1,
        "warehouse/changes/feed.py",
        "        positions[name] = chosen.position\n",
        "        positions[name] = found[name][1]\n",
        FEED + "test_pages_of_any_size_tell_the_same_in_the_same_order",
    ),
    Bug(
        "ids-out-of-reach-told",
        11,
        "warehouse/changes/reading.py",
        "return each is not None and (not of_organizations or viewer.may_see(each))",
        "return each is not None",
        FEED + "test_an_id_out_of_reach_is_not_told_beside_one_within",
    ),
    Bug(
        "rebuild-opens-deals-again",
        2,
        "pipelines/golden/deal_history.py",
        "if values is None or (values == stands and ends is None):",
        "if values is None:",
        FEED + "test_a_rebuild_tells_nothing_as_nothing_changed",
    ),
    Bug(
        "webhook-skips-what-it-did-not-take",
        1,
        "pipelines/changes/push.py",
        "    if reason is not None:\n        cursor = (",
        "    if reason is None:\n        cursor = (",
        WEBHOOKS + "test_what_was_not_taken_is_sent_again_from_there_in_the_same_order",
    ),
    Bug(
        "webhook-never-given-up",
        6,
        "pipelines/changes/push.py",
        "if failure.over or failures >= GIVE_UP else",
        "if failure.over and failures >= GIVE_UP else",
        WEBHOOKS
        + "test_who_fails_is_tried_later_and_later_and_given_up_with_an_incident_that_ends_when_it_goes_on",
    ),
    Bug(
        "webhook-redirect-followed",
        11,
        "pipelines/changes/sending.py",
        "            retries=False,\n            redirect=False,\n",
        "            retries=3,\n",
        WEBHOOKS + "test_an_answer_that_is_no_success_is_followed_nowhere_and_gone_ends_it_at_once",
    ),
    Bug(
        "values-sent-unasked",
        11,
        "warehouse/changes/feed.py",
        "return said if values else",
        "return said if said else",
        WEBHOOKS + "test_a_body_names_kind_and_time_and_holds_no_values_unless_they_are_asked_for",
    ),
    Bug(
        "restored-history-goes-on",
        1,
        "warehouse/changes/feed.py",
        "if found.feed != feed or behind or ahead:",
        "if behind or ahead:",
        FEED + "test_a_cursor_from_before_a_backup_was_restored_says_to_export_first",
    ),
    Bug(
        "counts-of-others-told",
        11,
        "partnerhub/web/routes/data.py",
        "return found if caller.viewer.organizations is None else {}",
        "return found",
        DATA + "test_who_may_know_of_one_organization_only_is_told_no_counts",
    ),
    Bug(
        "nothing-new-written",
        3,
        "pipelines/changes/push.py",
        "    if known != standing(connection, endpoint.name):",
        "    if known:",
        WEBHOOKS + "test_a_pass_that_finds_nothing_new_writes_nothing",
    ),
    Bug(
        "lineage-lost-in-silence",
        6,
        "pipelines/openlineage/telling.py",
        '"failures": known.failures + 1 if failure else 0',
        '"failures": 0',
        "tests/pipelines/test_openlineage.py::"
        "test_what_an_address_does_not_take_ends_no_run_and_is_an_incident_until_it_does",
    ),
)

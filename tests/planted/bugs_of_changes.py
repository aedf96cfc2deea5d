"""Bugs in what others are told of: the feed of changes, webhooks, pages about tables."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

FEED: Final = "tests/warehouse/test_changes.py::"

BUGS_OF_CHANGES: Final = (
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
)

"""Bugs in what tells which staged rows other rules leave as they are."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import PIPELINES, Bug

ALIKE: Final = PIPELINES + "test_stage_alike.py::"
AS_IN_AN_EMPTY_HUB: Final = (
    ALIKE + "test_what_stands_after_other_rules_is_what_they_make_of_an_empty_hub[sqlite-700]"
)

BUGS_OF_STAGING: Final = (
    Bug(
        "all-published-by-other-rules",
        9,
        "pipelines/stage/alike.py",
        "(*row[:at], *row[at + 1 :],",
        "(*row,",
        ALIKE + "test_other_rules_publish_the_records_alone_of_which_they_say_something_else[sqlite]",
    ),
    Bug(
        "keys-are-not-compared",
        9,
        "pipelines/stage/alike.py",
        "    for key in done.keys:\n",
        "    for key in done.keys[:0]:\n",
        ALIKE + "test_the_digest_tells_a_row_by_itself_its_keys_and_its_participants[changed4]",
    ),
    Bug(
        "changed-and-left-alone",
        9,
        "pipelines/stage/alike.py",
        "if digest in held}",
        "if record in stood}",
        AS_IN_AN_EMPTY_HUB,
    ),
    Bug(
        "by-the-rules-of-before",
        9,
        "pipelines/stage/alike.py",
        "    for kind, rows in done.rows.items():\n        records =",
        "    for kind, rows in list(done.rows.items())[:0]:\n        records =",
        AS_IN_AN_EMPTY_HUB,
    ),
    Bug(
        "end-of-a-row-in-a-text",
        9,
        "warehouse/row_digests.py",
        '.split(b"\\n")',
        '.replace(b"],[", b"],\\n[").split(b"\\n")',
        "tests/warehouse/test_row_digests.py::test_a_text_that_looks_like_the_end_of_a_row_is_no_end_of_it",
    ),
    Bug(
        "all-digests-between",
        10,
        "warehouse/bulk.py",
        "        if rows == most:\n            return None\n",
        "",
        "tests/warehouse/test_bulk.py::"
        "test_digests_far_apart_are_not_read_with_all_that_lies_between[sqlite]",
    ),
)

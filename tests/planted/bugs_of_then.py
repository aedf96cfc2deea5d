"""Bugs in what records said at a moment: before-images of staged rows, and the views of streams read off them."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

IMAGES: Final = "tests/pipelines/test_staged_past.py::"
THEN: Final = "tests/warehouse/test_staged_then.py::"
BY_IMAGES: Final = "tests/warehouse/test_marts_by_images.py::"
MARTS_THEN: Final = "tests/warehouse/test_marts_then.py::"

BUGS_OF_THEN: Final = (
    Bug(
        "what-it-said-forgotten",
        8,
        "pipelines/stage/past.py",
        "if record not in wanted or said(row) != said(wanted[record]):",
        "if record not in wanted:",
        IMAGES + "test_a_record_that_says_something_else_leaves_what_it_said",
    ),
    Bug(
        "image-of-nothing-new",
        2,
        "pipelines/stage/past.py",
        'UNTOLD: Final = frozenset({"raw_id", "rules"})',
        'UNTOLD: Final = frozenset({"rules"})',
        IMAGES + "test_a_version_that_changes_nothing_staged_leaves_none",
    ),
    Bug(
        "image-of-a-new-record",
        2,
        "pipelines/stage/past.py",
        'if record.partition("#")[0] in known:',
        "if record:",
        IMAGES + "test_a_record_that_could_not_be_read_at_first_was_not_there",
    ),
    Bug(
        "readable-before-it-was",
        8,
        "pipelines/stage/past.py",
        'if record.partition("#")[0] in known:',
        "if not record:",
        IMAGES + "test_a_record_that_could_not_be_read_at_first_was_not_there",
    ),
    Bug(
        "name-of-a-person-forgotten",
        8,
        "pipelines/golden/past.py",
        '    "person": Past("person_past",',
        '    "people": Past("person_past",',
        BY_IMAGES + "test_a_person_who_is_called_otherwise_was_called_what_they_were",
    ),
    Bug(
        "name-guessed",
        8,
        "warehouse/marts/kept.py",
        """({kept_since("person_past_since")} <= {MOMENT}""",
        """(1 = 1""",
        MARTS_THEN + "test_before_names_were_kept_a_person_who_changed_since_has_none",
    ),
    Bug(
        "name-of-the-redacted-kept",
        11,
        "warehouse/commands/forget_past.py",
        '    for name in ("person", "person_past"):',
        '    for name in ("person",):',
        BY_IMAGES + "test_what_is_redacted_stands_in_no_image_and_no_version",
    ),
    Bug(
        "records-of-a-deal-of-now",
        8,
        "warehouse/marts/images.py",
        'STAGED_DEALS: Final = rows_then("deal", ("deleted_at",))',
        'STAGED_DEALS: Final = "SELECT b.record, b.raw_id, b.deleted_at FROM {base(staged_deal)} b"',
        BY_IMAGES + "test_a_deal_that_opened_at_another_day_and_was_deleted_is_told_as_it_was",
    ),
    Bug(
        "words-of-mail-in-an-image",
        11,
        "pipelines/stage/past.py",
        "left_out = OWN | WORDS if is_mail(kind, values) else OWN",
        "left_out = OWN",
        THEN + "test_no_words_of_a_mail_stand_in_an_image_or_in_a_view_as_of_then",
    ),
    Bug(
        "name-of-a-file-of-mail-shown-then",
        11,
        "warehouse/marts/staged_then.py",
        "WHERE b.kind = '{kind}' AND b.was_there\"\n    )\n\n\ndef is_of_stream",
        "WHERE b.kind = '{kind}' AND 1 = 0\"\n    )\n\n\ndef is_of_stream",
        THEN + "test_no_words_of_a_mail_stand_in_an_image_or_in_a_view_as_of_then",
    ),
    Bug(
        "redacted-in-an-image-of-a-record",
        11,
        "warehouse/commands/forget_past.py",
        'connection.execute(FORGET_STAGED, (kind.kind_name, record, f"{record}#", f"{record}$"))',
        'connection.execute(FORGET_STAGED, (kind.kind_name, record, "", ""))',
        THEN + "test_what_is_redacted_stands_in_no_image",
    ),
    Bug(
        "past-of-records-derived",
        9,
        "pipelines/rebuild/tables.py",
        '    "staged_past": "what staged records said before they changed, and when they did",\n',
        "",
        "tests/pipelines/test_rebuild.py::test_after_changes_merges_splits_pins_and_deletions_every_row_comes_out_again",
    ),
    Bug(
        "field-listed-before-it-was-there",
        8,
        "warehouse/marts/kept.py",
        '"stream_column": Kept(f"b.since_at <= {MOMENT}")',
        '"stream_column": Kept("1 = 1")',
        THEN + "test_lineage_names_the_fields_a_stream_had_then",
    ),
    Bug(
        "guessed-before-images-were-kept",
        8,
        "warehouse/marts/staged_then.py",
        "TOLD: Final = f\"({LANDED} OR {kept_since('staged_past_since')} <= {MOMENT})\"",
        'TOLD: Final = "(1 = 1)"',
        THEN + "test_of_a_moment_before_images_were_kept_what_arrived_anew_until_then_is_null",
    ),
    Bug(
        "record-of-later-shown-then",
        8,
        "warehouse/marts/staged_then.py",
        "WHERE NOT {changed}) AND {KNOWN}\\n",
        "WHERE NOT {changed})\\n",
        THEN + "test_what_came_later_was_not_there_and_what_came_back_was_gone_in_between",
    ),
    Bug(
        "name-of-a-field-taken-for-a-parameter",
        8,
        "warehouse/marts/mart.py",
        'MARKS: Final = frozenset("?%")',
        "MARKS: Final = frozenset[str]()",
        THEN + "test_of_every_moment_each_view_says_what_it_said_then[postgresql]",
    ),
    Bug(
        "stream-without-a-function",
        8,
        "warehouse/marts/views.py",
        "for mart in marts if is_kept(mart)}",
        "for mart in MARTS if is_kept(mart)}",
        THEN + "test_the_reader_asks_for_a_stream_of_then_by_a_function_also_under_a_long_name",
    ),
    Bug(
        "since-when-forgotten",
        8,
        "warehouse/migrations/versions/0039_staged_past.py",
        '    remember_since(SINCE, "raw_record")\n',
        "",
        "tests/warehouse/test_since_when_kept.py::"
        "test_a_hub_that_holds_records_remembers_since_when_it_keeps_what_they_said[sqlite-True]",
    ),
)

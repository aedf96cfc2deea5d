"""Planted bugs of databases: a warehouse that moves, and what a role or an engine may not do otherwise."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

MOVING: Final = "tests/warehouse/test_moving.py::"

BUGS_OF_MOVING: Final = (
    Bug(
        "others-write-while-it-moves",
        1,
        "warehouse/moving.py",
        'connection.execute("BEGIN IMMEDIATE")',
        'connection.execute("BEGIN")',
        MOVING + "test_of_the_source_not_one_byte_changes_and_nobody_else_writes_to_it_meanwhile",
    ),
    Bug(
        "half-a-hub-opens",
        1,
        "warehouse/moving.py",
        "    stand_at(target, UNFINISHED + latest_revision())",
        "    stand_at(target, latest_revision())",
        MOVING + "test_a_killed_copy_is_opened_by_nobody_and_is_whole_when_begun_anew",
    ),
    Bug(
        "moved-numbers-begin-anew",
        2,
        "warehouse/moving.py",
        "        set_sequences(connection)\n        moved",
        "        moved",
        MOVING + "test_numbers_go_on_after_the_highest_that_came",
    ),
    Bug(
        "moved-rows-only-counted",
        1,
        "warehouse/moving.py",
        "if (found.rows, found.digest) != (expected.rows, expected.digest):",
        "if found.rows != expected.rows:",
        MOVING + "test_rows_that_come_out_otherwise_are_noticed_and_nothing_counts",
    ),
    Bug(
        "password-told-with-a-mistake",
        11,
        "partnerhub/cli/failures.py",
        'command = shown(" ".join(word for word in sys.argv[1:] if word != "--json"))',
        'command = " ".join(word for word in sys.argv[1:] if word != "--json")',
        "tests/cli/test_migrate_db.py::test_no_refusal_shows_the_password[a mistake of ours]",
    ),
    Bug(
        "readers-enter-golden",
        11,
        "warehouse/marts/views.py",
        'connection.execute(f"GRANT USAGE ON SCHEMA marts TO {READER}")',
        'connection.execute(f"GRANT USAGE ON SCHEMA marts, golden TO {READER}")',
        "tests/warehouse/test_marts.py::test_the_reader_role_may_enter_no_schema_of_ours_but_the_marts",
    ),
    Bug(
        "rows-sent-again-written-again",
        2,
        "warehouse/bulk.py",
        "DO UPDATE SET {assignments} WHERE {differs}",
        "DO UPDATE SET {assignments}",
        "tests/warehouse/test_bulk.py::test_rows_sent_again_as_they_stand_are_not_written",
    ),
    Bug(
        "changed-rows-taken-for-standing",
        1,
        "warehouse/bulk.py",
        "[row for row, stands in zip(sent.values(), found, strict=True) if row != stands]",
        "[]",
        "tests/warehouse/test_bulk.py::test_rows_sent_again_as_they_stand_are_not_written",
    ),
    Bug(
        "changed-rows-in-no-order-taken-for-standing",
        1,
        "warehouse/bulk.py",
        "[row for key, row in sent.items() if standing.get(key) != row]",
        "[row for key, row in sent.items() if key not in standing]",
        "tests/warehouse/test_bulk.py::test_of_rows_in_no_order_only_a_new_and_a_changed_one_travel",
    ),
    Bug(
        "times-compared-by-the-second",
        1,
        "warehouse/bulk.py",
        'HH24:MI:SS.US"Z"',
        'HH24:MI:SS".000000Z"',
        "tests/warehouse/test_bulk.py::test_times_and_json_that_stand_do_not_travel_and_a_microsecond_more_does",
    ),
    Bug(
        "new-rows-lost-to-another-writer",
        1,
        "warehouse/bulk.py",
        "return () if copied_as_new(connection, name, columns, rows) else rows",
        "return () if copied_as_new(connection, name, columns, rows) else ()",
        "tests/warehouse/test_bulk.py::test_new_rows_of_which_another_writer_was_first_with_one_are_all_written",
    ),
    Bug(
        "standing-rows-locked",
        2,
        "warehouse/bulk.py",
        "rows = [\n            row\n            for start in range(0, len(rows), COMPARED",
        "_ = [\n            row\n            for start in range(0, len(rows), COMPARED",
        "tests/warehouse/test_bulk.py::test_a_row_sent_as_it_stands_does_not_wait_for_who_is_changing_it",
    ),
    Bug(
        "ids-far-apart-told-in-part",
        1,
        "warehouse/bulk.py",
        "if len(found) < most:  # else there may be more\n            only_these",
        "if found:\n            only_these",
        "tests/warehouse/test_bulk.py::test_ids_asked_for_at_once_are_told_wherever_they_lie",
    ),
    Bug(
        "migration-loses-rows",
        1,
        "warehouse/migrations/versions/0030_identity_schema.py",
        """op.execute(f'ALTER TABLE {former}."{name}" SET SCHEMA {to}')""",
        """op.execute(f'ALTER TABLE {former}."{name}" SET SCHEMA {to}'), op.execute(f'DELETE FROM {to}.{name}')""",
        "tests/warehouse/test_every_migration.py",
    ),
    Bug(
        "index-without-a-query",
        10,
        "warehouse/tables/index_reasons.py",
        '"left_id = ?"',
        '"right_id = ?"',
        "tests/warehouse/test_index_reasons.py::test_each_index_answers_the_query_it_is_there_for",
    ),
    Bug(
        "restored-among-newer-tables",
        9,
        "warehouse/backup.py",
        "        downgrade(url, revision)\n",
        "        pass\n",
        "tests/warehouse/test_backup.py::test_a_backup_from_before_an_upgrade_comes_back_over_the_newer_tables",
    ),
)

"""Bugs in what is pulled, landed and staged."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import PIPELINES, Bug

BUGS_OF_SYNCS: Final = (
    Bug(
        "lost",
        1,
        "pipelines/land/versions.py",
        'f"malformed-{digest.hex()}"',
        '"malformed"',
        PIPELINES + "test_hostile.py::test_every_version_that_arrived_is_in_raw_once",
    ),
    Bug(
        "lost-staging",
        1,
        "pipelines/stage/transform.py",
        "result.done.add(waiting, output, problem.code)",
        "result.done.add(waiting, output, None)",
        PIPELINES
        + "test_promises.py::test_poisoned_record_is_set_aside_with_its_reason_and_its_neighbors_are_published",
    ),
    Bug(
        "lost-content",
        1,
        "pipelines/land/versions.py",
        "version.source_id in poorer and",
        "not poorer and",
        PIPELINES + "test_backfill.py::test_a_full_read_keeps_the_text_of_mail_that_policy_alone_would_leave",
    ),
    Bug(
        "twice",
        2,
        "pipelines/land/versions.py",
        "return held.op not in GONE and held.content_hash == version.content_hash",
        "return False",
        PIPELINES + "test_land.py::test_same_page_again_writes_no_version",
    ),
    Bug(
        "ahead",
        3,
        "pipelines/land/page.py",
        "    with connection.transaction():\n        if place.lease:",
        "    if page.cursor is not None:\n        with connection.transaction():\n"
        "            store_cursor(connection, place.source, place.stream, page.cursor, place.run_id, now)\n"
        "    with connection.transaction():\n        if place.lease:",
        PIPELINES + "test_promises.py::test_cursor_never_stands_for_rows_that_were_not_stored",
    ),
    Bug(
        "dead-holder",
        3,
        "pipelines/leases.py",
        "    if alive is False or (alive is None and locked):",
        "    if alive is None and locked:",
        PIPELINES + "test_killed.py::test_sync_after_a_kill_resumes_and_nothing_is_lost_or_doubled",
    ),
    Bug(
        "backwards",
        4,
        "pipelines/land/versions.py",
        "return arriving is not None and held is not None and arriving < held",
        "return False",
        PIPELINES + "test_promises.py::test_late_old_version_changes_no_published_value",
    ),
    Bug(
        "one-stops-all",
        5,
        "pipelines/land/session.py",
        "            return Ended(connector.source, stream, error, None)",
        "            raise",
        PIPELINES + "test_land.py::test_failing_stream_leaves_its_neighbors_alone",
    ),
    Bug(
        "endless",
        5,
        "pipelines/land/session.py",
        "in guarded(pages, one_maker=one_maker)",
        "in pages",
        PIPELINES + "test_hostile.py::test_endless_reading_is_stopped_with_a_clear_error",
        patience_seconds=60,
    ),
    Bug(
        "silent-gap",
        6,
        "pipelines/land/runs.py",
        "in_source is not None and in_hub < in_source",
        "False",
        PIPELINES + "test_land.py::test_gap_against_the_source_s_own_count_is_reported",
    ),
    Bug(
        "silent-deletion",
        6,
        "pipelines/stage/mass_change.py",
        "return went or emptied or (moved and kind in CHANGES_GUARDED)",
        "return moved and kind in CHANGES_GUARDED",
        PIPELINES
        + "test_mass_change.py::test_most_records_gone_at_once_wait_for_a_person_while_new_ones_are_taken_in",
    ),
    Bug(
        "rebuild-doubt",
        9,
        "pipelines/stage/compared.py",
        "    if kind not in COMPARED or not records:",
        "    if records:",
        PIPELINES + "test_one_fact.py",
    ),
    Bug(
        "rebuild-quarantine",
        9,
        "pipelines/stage/transform.py",
        "            return pack(place.rules.stager(decode(content), context))",
        "            return None",
        PIPELINES
        + "test_incremental_equals_full.py::test_syncing_change_by_change_equals_computing_everything",
    ),
    Bug(
        "unbounded",
        10,
        "pipelines/land/arrivals.py",
        "super().__init__(maxsize=PLACES)",
        "super().__init__()",
        PIPELINES + "test_promises.py::test_pages_in_memory_stay_few_however_many_there_are",
    ),
    Bug(
        "waiting-walks-the-stream",
        10,
        "pipelines/stage/waiting.py",
        '"raw_current c INDEXED BY raw_current_pending"',
        '"raw_current c"',
        PIPELINES + "test_cost_of_changes.py::test_changes_cost_the_same_over_eight_times_as_many_records",
    ),
    Bug(
        "rate-cut-off",
        5,
        "partnerhub/cli/progress.py",
        "        del widths[column]",
        "        pass",
        "tests/cli/test_progress.py::test_rate_and_time_left_stand_whole_on_a_terminal_of_any_usual_width",
    ),
    Bug(
        "leaks",
        11,
        "pipelines/land/session.py",
        "stream=stream, code=code,",
        "stream=stream, code=str(error),",
        "tests/test_canary.py",
    ),
    Bug(
        "lost-field-emptied",
        6,
        "pipelines/stage/transform.py",
        "payload = place.gone.completed(connection, names, waiting.source_id, decode(content))",
        "payload = decode(content)",
        PIPELINES
        + "test_lost_fields.py::test_no_value_leaves_the_golden_record_because_its_property_was_renamed",
    ),
    Bug(
        "lost-field-untold",
        6,
        "pipelines/land/writer.py",
        "if fields is not None:",
        "if False:",
        PIPELINES
        + "test_lost_fields.py::test_a_renamed_property_is_told_with_the_new_one_that_holds_the_same_values",
    ),
    Bug(
        "merged-record-loses-field",
        6,
        "pipelines/stage/gone.py",
        "elif name in self.twins and",
        "elif name not in self.twins and",
        "tests/cli/test_simulator_goes_on.py::test_no_partner_lost_its_roles_by_the_rename",
    ),
    Bug(
        "index-lost",
        2,
        "pipelines/stage/first_load.py",
        "        raise\n    found.put_back()\n",
        "        raise\n",
        PIPELINES
        + "test_first_load.py::test_index_is_away_while_many_records_are_staged_and_the_same_afterwards",
    ),
    Bug(
        "index-lost-by-kill",
        2,
        "warehouse/indexes.py",
        '        connection.execute("INSERT INTO hub_state (name, value) VALUES (?, ?)", (AWAY + index, found[0]))\n',
        "",
        PIPELINES + "test_first_load.py::test_migrating_after_a_kill_puts_the_index_back",
    ),
    Bug(
        "index-away-when-asked",
        9,
        "pipelines/stage/first_load.py",
        "if any(waiting.staged_before for waiting in chunk) and indexes.away(connection):",
        "if False:",
        PIPELINES + "test_first_load.py::test_record_staged_before_is_compared_with_the_index_in_its_place",
    ),
)

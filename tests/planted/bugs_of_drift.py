"""Bugs about fields that change their kind, databases that restart and schedules that were missed."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

FIELDS: Final = "tests/faults/test_d_fields.py::"
RESTARTS: Final = "tests/faults/test_e_restarts.py::"
SCHEDULES: Final = "tests/faults/test_e_schedules.py::"
SQLITE: Final = "[sqlite]"

BUGS_OF_DRIFT: Final = (
    Bug(
        "f46-new-field-untold",
        5,
        "pipelines/stage/drifted.py",
        "    if not fills:\n        return None\n",
        "    if fills:\n        return None\n",
        FIELDS + "test_f46_a_new_field_is_told_with_how_many_records_fill_it" + SQLITE,
    ),
    Bug(
        "f48-odd-value-empties",
        1,
        "pipelines/stage/shapes.py",
        "        if instead and left_empty(instead, output):\n",
        "        if instead and not output:\n",
        FIELDS + "test_f48_a_field_of_another_type_keeps_its_last_value_and_stops_nothing_else",
    ),
    Bug(
        "f48-readable-is-broken",
        5,
        "pipelines/stage/drifted.py",
        'severity="warning" if fills else "finding"',
        'severity="warning"',
        FIELDS + "test_f48_a_type_that_the_rules_can_read_is_read_and_told" + SQLITE,
    ),
    Bug(
        "f48-accepted-in-vain",
        5,
        "warehouse/commands/let_go.py",
        "SET standing = 'accepted', accepted_at",
        "SET standing = 'strange', accepted_at",
        FIELDS + "test_f48_a_type_that_was_accepted_is_read_as_it_comes_and_never_told_again" + SQLITE,
    ),
    Bug(
        "f48-drift-unlisted",
        5,
        "warehouse/queries/drift.py",
        "    found += retyped(connection.records(RETYPED), of_kinds)\n",
        "",
        FIELDS + "test_f48_a_list_of_what_drifted_says_what_waits_and_what_was_accepted" + SQLITE,
    ),
    Bug(
        "f48-told-for-ever",
        6,
        "pipelines/stage/field_notes.py",
        'if name not in kept and facts[3] == "open"]',
        "if not name]",
        FIELDS + "test_f48_what_is_mended_at_the_source_is_told_no_more" + SQLITE,
    ),
    Bug(
        "f48-learned-anew",
        6,
        "pipelines/stage/shapes.py",
        "        if (name, shape) in self.strange:\n            return True\n",
        "",
        FIELDS + "test_f48_the_kept_value_comes_back_when_all_that_is_derived_is_made_again" + SQLITE,
    ),
    Bug(
        "f48-mixed-is-strange",
        5,
        "pipelines/stage/shapes.py",
        "        if self.learning or fresh:\n",
        "        if not self.since:\n",
        FIELDS + "test_f48_what_a_first_reading_holds_is_usual_however_mixed" + SQLITE,
    ),
    Bug(
        "f74-ends-with-the-server",
        3,
        "pipelines/land/session.py",
        "if not lost(error) or tried == TRIES - 1:",
        "if error:",
        RESTARTS + "test_f74_f76_a_sync_whose_connection_the_server_ends_midway_goes_on_within_the_same_run",
    ),
    Bug(
        "f74-page-counted-twice",
        2,
        "pipelines/land/session.py",
        "if not (again and writer.was_committed(connection, message)):",
        "if True:",
        RESTARTS + "test_f74_a_page_that_was_committed_when_the_answer_was_lost_is_counted_once",
    ),
    Bug(
        "f74-lost-lease-unseen",
        4,
        "pipelines/leases.py",
        "    if not touched:\n        raise LeaseLost(",
        "    if touched is None:\n        raise LeaseLost(",
        RESTARTS + "test_f74_a_source_that_another_process_took_over_meanwhile_is_left_to_it",
    ),
    Bug(
        "f74-half-a-listing",
        1,
        "pipelines/land/writer.py",
        "                self.cut[stream] = restarted(self.source)\n            del self.full_reads[stream]\n",
        "                continue\n            del self.full_reads[stream]\n",
        RESTARTS + "test_f74_a_listing_that_a_restart_cut_takes_nothing_back_and_is_made_again",
    ),
    Bug(
        "f74-hole-after-failover",
        1,
        "pipelines/land/books.py",
        "        return pages < result.pages or",
        "        return",
        RESTARTS + "test_f74_what_the_server_forgot_although_it_had_confirmed_it_is_read_again",
    ),
    Bug(
        "f74-waits-for-ever",
        9,
        "warehouse/reconnecting.py",
        "if monotonic() > deadline or",
        "if",
        RESTARTS + "test_f74_a_server_that_stays_away_ends_the_sync_by_name",
    ),
    Bug(
        "f74-step-given-up",
        3,
        "pipelines/failures.py",
        "for _ in range(TRIES - 1):",
        "for _ in range(0):",
        RESTARTS + "test_f74_a_step_that_derives_is_begun_again_when_the_server_is_back",
    ),
    Bug(
        "f74-lock-not-taken-again",
        4,
        "pipelines/leases.py",
        "        take_again(connection, lease)\n    except LeaseLost:",
        "        clock(connection)\n    except LeaseLost:",
        RESTARTS + "test_f74_a_lease_whose_session_was_ended_is_locked_again_and_given_back",
    ),
    Bug(
        "f85-schedule-stands-still",
        3,
        "pipelines/defs/build.py",
        "default_status=dg.DefaultScheduleStatus.RUNNING,",
        "default_status=dg.DefaultScheduleStatus.STOPPED,",
        SCHEDULES + "test_f85_each_schedule_runs_once_for_all_that_it_missed",
    ),
    Bug(
        "f85-gap-untold",
        5,
        "warehouse/queries/health.py",
        "    late = is_late(facts, due)\n",
        "    late = False\n",
        SCHEDULES + "test_f85_the_gap_is_told_until_a_sync_has_come_through" + SQLITE,
    ),
    Bug(
        "f85-nobody-looked-untold",
        5,
        "warehouse/queries/watching.py",
        "is_silent=bool(due) and (waited is None or waited > SILENT_AFTER.total_seconds()),",
        "is_silent=bool(due) and waited is None,",
        SCHEDULES + "test_f85_who_asks_before_anybody_looked_is_told_that_nobody_did",
    ),
    Bug(
        "f85-days-skipped",
        1,
        "connectors/salesforce/objects.py",
        "literal(moment(position.since) - self.overlap)",
        "literal(moment(position.since) + 500 * self.overlap)",
        SCHEDULES + "test_f85_one_sync_brings_what_changed_while_the_machine_was_off[sqlite-salesforce]",
    ),
)

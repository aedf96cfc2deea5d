"""Bugs that would let a fault of the matrix pass: each turns the test of that fault red."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

TRANSPORT: Final = "tests/faults/test_a_transport.py::"
SIGN_IN: Final = "tests/faults/test_b_signin.py::"
LIMITS: Final = "tests/faults/test_b_limits.py::"
PAGING: Final = "tests/faults/test_c_paging.py::"
WINDOWS: Final = "tests/faults/test_c_windows.py::"
MEANING: Final = "tests/faults/test_d_meaning.py::"
MACHINE: Final = "tests/faults/test_e_machine.py::"
DOCUMENTS: Final = "tests/faults/test_f_documents.py::"
SQLITE: Final = "[sqlite]"

BUGS_OF_FAULTS: Final = (
    Bug(
        "f01-stated-wait-is-a-try",
        5,
        "connectors/transport/waiting.py",
        "unasked += not _failure(state).after",
        "unasked += 1",
        TRANSPORT + "test_f01_a_wait_that_was_asked_for_is_kept_and_is_no_failed_try",
    ),
    Bug(
        "f07-cut-page-is-empty",
        1,
        "connectors/transport/answers.py",
        '        kind = "html_instead_of_json" if',
        '        return {must_list: []} if must_list else {}\n        kind = "html_instead_of_json" if',
        TRANSPORT + "test_f07_a_body_that_stays_cut_is_never_the_end_of_the_data",
    ),
    Bug(
        "f08-html-blames-nobody",
        5,
        "connectors/transport/waiting.py",
        "if last.code in LASTING:",
        "if not last.code:",
        TRANSPORT + "test_f08_html_that_stays_is_for_a_person_who_is_told_that_something_stands_between",
    ),
    Bug(
        "f09-shape-unchecked",
        1,
        "connectors/transport/answers.py",
        "or (must_list and not isinstance(document.get(must_list), list))",
        "",
        TRANSPORT + "test_f09_an_error_in_the_body_of_a_200_is_no_empty_page",
    ),
    Bug(
        "f10-timeouts-confused",
        10,
        "connectors/transport/waiting.py",
        "urllib3.Timeout(connect=self.connect_timeout, read=self.read_timeout)",
        "urllib3.Timeout(self.connect_timeout, self.read_timeout)",
        TRANSPORT + "test_f10_a_server_that_accepts_and_says_nothing_is_left_after_the_timeout[jira]",
    ),
    Bug(
        "f10-drip-for-ever",
        10,
        "connectors/transport/answers.py",
        "if clock() > until:",
        "if False:",
        TRANSPORT + "test_f10_a_byte_now_and_then_does_not_hold_a_reading_for_ever[jira]",
        patience_seconds=90,
    ),
    Bug(
        "f12-token-elsewhere",
        7,
        "connectors/jira/client.py",
        "urllib3.PoolManager(retries=False, maxsize=4,",
        "urllib3.PoolManager(maxsize=4,",
        TRANSPORT + "test_f12_no_redirect_carries_the_token_elsewhere[jira]",
        patience_seconds=60,
    ),
    Bug(
        "f13-bomb-unpacked",
        10,
        "connectors/transport/answers.py",
        "if size > LARGEST_BODY:",
        "if size < 0:",
        TRANSPORT + "test_f13_an_answer_that_swells_is_given_up_and_its_stream_alone",
    ),
    Bug(
        "f15-same-token-for-ever",
        10,
        "connectors/transport/paging.py",
        "if mark in self._seen:",
        "if False:",
        TRANSPORT + "test_f15_the_same_page_for_ever_ends_with_every_vendor[asana]",
        patience_seconds=90,
    ),
    Bug(
        "f16-every-thread-renews",
        10,
        "connectors/oauth.py",
        "if not refused or refused == self._token:",
        "if refused:",
        SIGN_IN + "test_f16_a_token_that_expires_in_the_middle_is_renewed_once_for_all_who_ask",
    ),
    Bug(
        "f20-forbidden-is-complete",
        5,
        "pipelines/land/runs.py",
        '(SkipStream, "skipped")',
        '(SkipStream, "complete")',
        SIGN_IN + "test_f20_a_kind_of_record_that_may_no_longer_be_read_keeps_every_record",
    ),
    Bug(
        "f22-hidden-is-deleted",
        1,
        "pipelines/land/removal.py",
        "op = Op.NOT_VISIBLE.value",
        "op = Op.DELETE.value",
        SIGN_IN + "test_f22_records_that_a_sharing_rule_hides_are_not_visible_and_not_deleted",
    ),
    Bug(
        "f23-cut-short-is-complete",
        5,
        "pipelines/land/runs.py",
        '(WaitForQuota, "incomplete")',
        '(WaitForQuota, "complete")',
        SIGN_IN + "test_f23_a_day_used_up_in_the_middle_is_incomplete_until_a_stated_time",
    ),
    Bug(
        "f23-hour-tried-again",
        5,
        "connectors/jira/limits.py",
        "if QUOTA in reason:",
        "if not reason:",
        LIMITS + "test_f23_an_hours_points_used_up_at_jira_end_the_run_until_the_next_hour" + SQLITE,
    ),
    Bug(
        "f25-secret-of-yesterday",
        5,
        "partnerhub/config/reload.py",
        "sources={**config.sources, **now.sources}",
        "sources={**now.sources, **config.sources}",
        SIGN_IN + "test_f25_a_secret_in_a_file_is_read_anew_by_the_next_run",
    ),
    Bug(
        "f26-any-account",
        2,
        "pipelines/land/writer.py",
        "if found and found[0] != account:",
        "if found is None:",
        SIGN_IN + "test_f26_credentials_of_another_account_write_nothing",
    ),
    Bug(
        "f27-greater-for-at-least",
        1,
        "connectors/salesforce/objects.py",
        'f"{shape.stamp} >= {position.stamp}",',
        'f"{shape.stamp} > {position.stamp}",',
        "tests/connectors/test_salesforce.py::"
        "test_thousands_of_rows_with_one_stamp_are_all_read_although_every_locator_dies",
    ),
    Bug(
        "f30-tie-break-dropped",
        1,
        "connectors/salesforce/objects.py",
        """ OR Id > '{position.id}')",""",
        ')",',
        "tests/connectors/test_salesforce.py::"
        "test_thousands_of_rows_with_one_stamp_are_all_read_although_every_locator_dies",
    ),
    Bug(
        "f31-paged-into-the-cap",
        1,
        "connectors/hubspot/objects.py",
        '"filterGroups": [{"filters": filters}],',
        '"filterGroups": [{"filters": filters[:1]}],',
        PAGING + "test_f31_a_search_cap_is_never_reached",
    ),
    Bug(
        "f31-edge-of-a-half",
        1,
        "connectors/salesforce/windows.py",
        '[f"{self.stamp} >= {literal(self.start)}"]',
        '[f"{self.stamp} > {literal(self.start)}"]',
        WINDOWS + "test_f31_halves_cost_few_requests_and_no_wait",
    ),
    Bug(
        "f31-second-half-unasked",
        1,
        "connectors/salesforce/objects.py",
        "last = not address and not windows.passed()",
        "last = not address",
        WINDOWS + "test_f31_a_reading_that_ended_between_two_halves_goes_on_behind_the_last_record",
    ),
    Bug(
        "f33-no-look-back",
        1,
        "connectors/salesforce/objects.py",
        "literal(moment(position.since) - self.overlap)",
        "literal(moment(position.since))",
        PAGING + "test_f33_a_record_that_appears_late_with_an_older_stamp_comes_with_the_next_sync" + SQLITE,
    ),
    Bug(
        "f35-own-clock",
        1,
        "connectors/transport/answers.py",
        'return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)',
        "return datetime.now(UTC)",
        PAGING + "test_f35_a_wrong_clock_on_this_machine_moves_no_cursor",
    ),
    Bug(
        "f36-cursor-follows-2099",
        1,
        "connectors/hubspot/positions.py",
        'return Position("done", since=self.next, full_at=self.full_at)',
        'return Position("done", since="2099-01-01T00:00:00.000000Z", full_at=self.full_at)',
        PAGING + "test_f36_a_record_of_2099_is_kept_and_hides_no_later_edit" + SQLITE,
    ),
    Bug(
        "f38-zone-forgotten",
        1,
        "connectors/jira/search.py",
        'f"(updated >= -{minutes}m{fixed})"',
        """f'updated >= "{bound:%Y-%m-%d %H:%M}"'""",
        PAGING + "test_f38_an_account_in_any_zone_gets_all_104_issues_of_the_last_hour[Pacific/Pago_Pago]",
    ),
    Bug(
        "f43-any-cursor-will-do",
        3,
        "pipelines/land/cursors.py",
        "if checksum != checksum_of(source, stream, text):",
        "if False:",
        PAGING + "test_f43_a_cursor_that_is_not_ours_is_refused_with_the_repair",
    ),
    Bug(
        "f43-future-is-nothing-new",
        1,
        "connectors/hubspot/positions.py",
        "if moment(stamp) > now + CLOCK_SLACK:",
        "if False:",
        PAGING + "test_f43_a_cursor_of_the_future_is_refused_and_not_read_as_nothing_new" + SQLITE,
    ),
    Bug(
        "f54-ids-folded",
        1,
        "pipelines/land/versions.py",
        "    source_id = record.source_id\n",
        "    source_id = record.source_id.lower()\n",
        MEANING + "test_f54_f55_ids_that_differ_at_all_are_two_records_on_every_database",
    ),
    Bug(
        "f59-unreadable-passed-over",
        1,
        "pipelines/land/endless.py",
        "yield page._replace(cursor=None, last=False)",
        "yield page",
        MEANING + "test_f59_a_page_that_is_mostly_unreadable_stops_its_stream_and_moves_no_cursor" + SQLITE,
    ),
    Bug(
        "f70-full-disk-unnamed",
        5,
        "pipelines/land/session.py",
        "self.fatal = named(error) or error",
        "self.fatal = error",
        MACHINE + "test_f70_a_full_disk_keeps_what_was_committed_and_says_that_it_is_full",
    ),
    Bug(
        "f89-old-uids-under-new-validity",
        1,
        "connectors/imap/connector.py",
        '        if place.get("uidvalidity") != folder.uidvalidity:\n            place = {}\n',
        "",
        DOCUMENTS + "test_f89_a_new_uidvalidity_doubles_and_loses_nothing" + SQLITE,
    ),
    Bug(
        "f92-message-id-is-identity",
        1,
        "connectors/imap/identity.py",
        'return f"{known}~{digest.hexdigest()[:24]}"',
        "return known",
        DOCUMENTS + "test_f92_mails_with_one_message_id_or_none_stay_as_many_as_they_are" + SQLITE,
    ),
    Bug(
        "f99-bomb-unpacked",
        10,
        "connectors/pptx_reader/container.py",
        "        preflight(archive.infolist(), len(content), limits)\n",
        "        pass\n",
        DOCUMENTS
        + "test_f99_f100_f101_hostile_decks_are_set_aside_for_their_reason_and_cost_no_other"
        + SQLITE,
    ),
    Bug(
        "place-without-room-is-our-bug",
        11,
        "warehouse/exports/destination.py",
        "    except OSError as error:\n        raise NoPlace(",
        "    except NotADirectoryError as error:\n        raise NoPlace(",
        "tests/warehouse/test_export_places.py::"
        "test_a_disk_without_room_is_told_in_words_and_the_former_export_stands" + SQLITE,
    ),
    Bug(
        "empty-list-is-everybody",
        11,
        "partnerhub/cli/exporting.py",
        "if value is not None and not value.strip():",
        "if value is not None and value.isspace():",
        "tests/cli/test_export_command.py::"
        "test_what_a_variable_nobody_set_leaves_empty_is_refused_and_does_not_mean_everything",
    ),
)

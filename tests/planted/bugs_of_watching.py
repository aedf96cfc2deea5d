"""Planted bugs of watching: a failure that hides, an alert too many or too few, a number that tells a name."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import PIPELINES, Bug

HEALTH: Final = "tests/warehouse/test_health.py::"
ALERTING: Final = "tests/alerting/test_incidents.py::"
CHANNELS: Final = "tests/alerting/test_channels.py::"
DIGEST: Final = "tests/alerting/test_digest.py::"

BUGS_OF_WATCHING: Final = (
    Bug(
        "question-mailed-outside",
        11,
        "pipelines/alerts/asked.py",
        "if email is None or not address or not ours:",
        "if email is None or not address:",
        "tests/alerting/test_asked.py::test_nobody_outside_gets_a_mail",
    ),
    Bug(
        "digest-twice-a-day",
        5,
        "pipelines/alerts/daily.py",
        "for channel, send in by.items() if channel not in arrived}",
        "for channel, send in by.items() if channel}",
        DIGEST + "test_two_that_ask_at_once_send_one_digest_a_day",
    ),
    Bug(
        "digest-forgets-a-week-of-quarantine",
        5,
        "pipelines/alerts/digest.py",
        "> LASTS.total_seconds():",
        "> 10 * LASTS.total_seconds():",
        DIGEST + "test_quarantine_that_nobody_minds_for_a_week_is_something_to_do",
    ),
    Bug(
        "credential-end-untold",
        5,
        "pipelines/alerts/incidents.py",
        'ENDING: Final = frozenset({"soon", "over"})',
        'ENDING: Final = frozenset({"over"})',
        ALERTING + "test_a_credential_is_told_of_two_weeks_before_its_end_and_is_over_once_it_is_renewed",
    ),
    Bug(
        "running-hides-failure",
        5,
        "warehouse/queries/health.py",
        "    if state in ENDED_BADLY:\n",
        "    if state in ENDED_BADLY and not facts.is_running:\n",
        HEALTH + "test_run_at_work_does_not_hide_that_the_last_one_failed",
    ),
    Bug(
        "late-is-healthy",
        5,
        "warehouse/queries/health.py",
        "    if late:\n        return FAILED",
        "    if late and failure[0]:\n        return FAILED",
        HEALTH + "test_schedule_that_passed_twice_without_a_success_is_late",
    ),
    Bug(
        "alert-for-retries",
        5,
        "pipelines/alerts/incidents.py",
        'if each.who == "person"',
        'if each.who != "nobody"',
        ALERTING + "test_what_goes_on_by_itself_alerts_nobody",
    ),
    Bug(
        "recovery-while-retrying",
        5,
        "pipelines/alerts/incidents.py",
        'AILING: Final = frozenset({"yellow", "red"})',
        'AILING: Final = frozenset({"red"})',
        ALERTING + "test_incident_is_not_over_while_the_hub_only_tries_again",
    ),
    Bug(
        "alert-again-and-again",
        5,
        "pipelines/alerts/deliver.py",
        "  AND a.delivered_at IS NOT NULL) ORDER BY i.opened_at",
        "  AND a.delivered_at IS NULL) ORDER BY i.opened_at",
        ALERTING + "test_incident_is_told_once_with_its_first_error_and_once_when_it_is_over",
    ),
    Bug(
        "failed-alert-forgotten",
        5,
        "pipelines/alerts/deliver.py",
        "now, None if failure else now, failure",
        "now, now, failure",
        ALERTING + "test_message_that_did_not_arrive_is_sent_at_the_next_pass",
    ),
    Bug(
        "address-told",
        7,
        "pipelines/alerts/channels.py",
        'f"The address cannot be reached ({type(error).__name__})."',
        'f"The address cannot be reached ({error})."',
        ALERTING + "test_no_address_and_no_secret_stand_in_the_warehouse_or_in_a_log",
    ),
    Bug(
        "redirect-followed",
        7,
        "pipelines/alerts/channels.py",
        "retries=False, redirect=False",
        "retries=2, redirect=True",
        CHANNELS + "test_answer_other_than_success_is_no_delivery_and_is_followed_nowhere",
    ),
    Bug(
        "gap-is-green",
        6,
        "pipelines/steps.py",
        'if state in {"complete", "incomplete"} and open_asks(connection, run_id):',
        "if False:",
        PIPELINES + "test_asks.py::test_a_gap_makes_a_green_sync_need_a_person_and_names_the_next_command",
    ),
    Bug(
        "copies-are-a-gap",
        6,
        "pipelines/land/runs.py",
        "and in_hub < in_source and not counts_copies",
        "and in_hub < in_source",
        PIPELINES + "test_mail_in_two_folders.py",
    ),
    Bug(
        "metrics-tell-errors",
        7,
        "warehouse/queries/metrics.py",
        '[Metric(place(each.source, each.stream), each.who == "person") for each in health]',
        '[Metric((*place(each.source, each.stream), ("why", each.happened)), 1) for each in health]',
        "tests/web/test_watching.py::test_nothing_of_a_record_or_a_person_is_in_them",
    ),
    Bug(
        "asked-taken-twice",
        2,
        "warehouse/commands/ask_run.py",
        "WHERE job_id = ? AND state = 'waiting'\n",
        "WHERE job_id = ?\n",
        PIPELINES + "test_asked_runs.py::test_two_who_take_at_the_same_moment_get_it_once[sqlite]",
    ),
    Bug(
        "asked-lost-with-its-taker",
        1,
        "pipelines/supervision/asked.py",
        '            ask_run.put_back(connection, job["job_id"])\n',
        "            pass\n",
        PIPELINES + "test_asked_runs.py::test_what_a_killed_taker_never_began_is_taken_again[sqlite]",
    ),
    Bug(
        "asked-and-stuck-where-it-cannot-start",
        1,
        "pipelines/supervision/asked.py",
        "        except OSError as error:\n            words = NOT_STARTED",
        "        except PermissionError as error:\n            words = NOT_STARTED",
        PIPELINES + "test_asked_runs.py::test_what_cannot_be_started_is_told_with_what_to_do[sqlite]",
    ),
    Bug(
        "standing-by-ends-with-a-failing-warehouse",
        1,
        "pipelines/supervision/asked.py",
        "                self.take_or_watch(done)\n            except Exception as error:",
        "                self.take_or_watch(done)\n            except OSError as error:",
        PIPELINES
        + "test_asked_runs.py::test_who_stands_by_while_the_warehouse_fails_still_tells_how_its_run_ended[sqlite]",
    ),
    Bug(
        "asked-long-ago-and-run",
        6,
        "pipelines/supervision/asked.py",
        'elif job["created_at"] < ago(now, EXPIRES):',
        'elif job["created_at"] < "":',
        PIPELINES + "test_asked_runs.py::test_what_nobody_took_within_an_hour_is_not_begun_any_more[sqlite]",
    ),
    Bug(
        "asked-beside-a-run-at-work",
        2,
        "warehouse/commands/ask_run.py",
        "        if still_runs(holder) is not False:\n",
        "        if still_runs(holder) is None:\n",
        PIPELINES
        + "test_asked_runs.py::test_a_source_that_is_being_read_is_refused_with_the_run_to_watch[sqlite]",
    ),
    Bug(
        "half-a-line-of-lineage",
        6,
        "pipelines/openlineage/telling.py",
        "            os.ftruncate(file, os.fstat(file).st_size - written)\n",
        "",
        PIPELINES + "test_openlineage.py::test_a_line_for_which_the_disk_has_no_room_leaves_no_half_of_it",
    ),
)

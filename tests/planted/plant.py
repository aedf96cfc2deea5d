"""Planted bugs: each breaks one promise on purpose, in a copy of the tree; the test that proves it must go red.

Run on demand, as `make planted` (`ARGS="lost twice"` for some). One line a bug; exits 1 when a test stayed green.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED: Final = (
    "connectors",
    "mappings",
    "pipelines",
    "warehouse",
    "partnerhub",
    "tests",
    "pyproject.toml",
    "dagster.yaml",
)
NO_TESTS_RAN: Final = 5
PIPELINES: Final = "tests/pipelines/"


class Bug(NamedTuple):
    """One bug: `old` becomes `new` in `file`; then `test` fails, or hangs beyond all patience."""

    name: str
    promise: int
    file: str
    old: str
    new: str
    test: str
    patience_seconds: int = 600


BUGS: Final = (
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
        "result.done.append(Done(waiting, output, problem.code))",
        "result.done.append(Done(waiting, output, None))",
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
        "twice-published",
        2,
        "pipelines/golden/organization_steps.py",
        "elif differs(each, before, rules):",
        "elif each.values is not None:",
        PIPELINES + "test_golden.py",
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
        " and still_runs(holder) is not False",
        "",
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
        "in guarded(connector.pull(stream, cursor, full=self.settings.full))",
        "in connector.pull(stream, cursor, full=self.settings.full)",
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
        "pipelines/land/removal.py",
        "not confirmed and len(gone) > GUARD_COUNT",
        "False",
        PIPELINES + "test_land.py::test_mass_deletion_is_refused_until_confirmed",
    ),
    Bug(
        "new-id",
        7,
        "partnerhub/identity/assign.py",
        "return living[0].entity_id",
        "return living[-1].entity_id",
        "tests/identity/test_assign.py",
    ),
    Bug(
        "no-redirect",
        7,
        "partnerhub/identity/assign.py",
        "    changes.opened[entity_id] = chosen\n",
        "",
        "tests/identity/test_assign.py",
    ),
    Bug(
        "bridge",
        7,
        "partnerhub/identity/linkage.py",
        'return "bridge" if thread else None',
        "return None",
        "tests/identity/test_grouping.py",
    ),
    Bug(
        "two-countries",
        7,
        "partnerhub/identity/forest.py",
        'return "country"',
        "return None",
        "tests/identity/test_grouping.py",
    ),
    Bug(
        "two-numbers",
        7,
        "partnerhub/identity/forest.py",
        'return "registry"',
        "return None",
        "tests/identity/test_grouping.py",
    ),
    Bug(
        "no-limit",
        7,
        "partnerhub/identity/forest.py",
        "self.size(a) + self.size(b) > self.policy.largest_group",
        "False",
        "tests/identity/test_grouping.py",
    ),
    Bug(
        "retraining-moves-ids",
        7,
        "pipelines/resolve/assignment.py",
        "for record in records[1:]]",
        "for record in records[2:]]",
        "tests/pipelines/test_retraining.py",
    ),
    Bug(
        "retraining-unasked",
        7,
        "pipelines/resolve/retraining.py",
        "found = ask_about_differences(connection, run_id, now, policy)",
        "found: set[Review] = set()",
        "tests/pipelines/test_retraining.py",
    ),
    Bug(
        "another-former-id",
        7,
        "partnerhub/identity/assign.py",
        'standing.merged.get(minted.entity_id, "")',
        '""',
        "tests/identity/test_assign.py",
    ),
    Bug(
        "score-outranks-person",
        7,
        "pipelines/resolve/assignment.py",
        'if verdict == "different"',
        'if verdict == "never"',
        PIPELINES
        + "test_promises.py::test_person_s_verdict_outranks_every_score_even_through_a_third_record",
    ),
    Bug(
        "origin",
        8,
        "partnerhub/identity/survivorship.py",
        'Choice(value, best["record"], best["raw_id"], rule_between',
        'Choice(value, best["record"], having[-1]["raw_id"], rule_between',
        PIPELINES
        + "test_promises.py::test_every_golden_value_leads_to_its_record_its_raw_version_and_its_run",
    ),
    Bug(
        "rebuild",
        9,
        "pipelines/golden/copies.py",
        " for kind in KINDS if kind.work == phase)",
        " for kind in KINDS)",
        PIPELINES
        + "test_incremental_equals_full.py::test_syncing_change_by_change_equals_computing_everything",
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
        "touches-all",
        9,
        "pipelines/golden/publish.py",
        "everything = rules_changed(connection, settings)",
        "everything = True",
        PIPELINES + "test_change_by_key.py",
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
        "leaks",
        11,
        "pipelines/land/session.py",
        "stream=stream, code=code,",
        "stream=stream, code=str(error),",
        "tests/test_canary.py",
    ),
    Bug(
        "signal-for-ever",
        0,
        "pipelines/signals/evaluate.py",
        'counts["closed"] += 1\n            rows.append((*before[:-1], now))',
        'counts["closed"] += 1',
        PIPELINES + "test_signals.py::test_a_signal_opens_with_its_evidence_and_closes_itself",
    ),
    Bug(
        "signal-deaf-to-answers",
        0,
        "pipelines/signals/rules/unanswered.py",
        "touch.at > mail.at\n        and ",
        "touch.at < mail.at\n        and ",
        PIPELINES
        + "test_signal_rules_of_conversations.py::test_unanswered_is_over_once_we_answer_in_any_channel",
    ),
    Bug(
        "signal-once-off-for-good",
        0,
        "pipelines/signals/evaluate.py",
        "if before is None or before[-1] is not None:",
        "if before is None:",
        PIPELINES + "test_signals.py::test_what_opens_again_is_the_same_signal",
    ),
    Bug(
        "signal-blind-to-time",
        0,
        "pipelines/signals/evaluate.py",
        "return json.dumps([moment[:10], ",
        "return json.dumps([",
        PIPELINES + "test_signals.py::test_time_alone_opens_signals",
    ),
    Bug(
        "signal-by-the-wrong-clock",
        0,
        "pipelines/signals/evaluate.py",
        "moment = settings.clock or now",
        "moment = now",
        PIPELINES + "test_signals.py::test_a_stated_clock_is_today_and_the_moment_signals_open_and_close_at",
    ),
    Bug(
        "signal-quotes-a-name",
        0,
        "pipelines/signals/facts.py",
        'quote or passage(touch.text or "") or touch.title',
        "quote or touch.title",
        PIPELINES + "test_signals.py::test_what_a_tool_says_is_quoted_and_not_what_it_is_called",
    ),
    Bug(
        "promise-kept-by-what-was-before",
        0,
        "pipelines/signals/rules/promise_forgotten.py",
        "moved >= written - timedelta(days=1)",
        "True",
        PIPELINES + "test_signal_promises.py::test_a_task_that_was_over_before_the_promise_does_not_keep_it",
    ),
    Bug(
        "signal-closed-by-a-broken-rule",
        5,
        "pipelines/signals/evaluate.py",
        " and (before[1], before[2]) not in found.unknown",
        "",
        PIPELINES + "test_signals.py::test_a_rule_that_breaks_leaves_its_signals_and_all_others_alone",
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
        "no-next-command",
        6,
        "partnerhub/cli/stream_errors.py",
        "if not named_once:",
        "if named_once:",
        "tests/cli/test_simulator_breaks.py::test_a_broken_vendor_is_told_with_the_next_command_and_leaves_the_others_alone[hubspot]",
    ),
    Bug(
        "one-pair-different",
        7,
        "warehouse/commands/judge.py",
        "wanted = dict.fromkeys(across(lefts, rights), DIFFERENT)",
        "wanted = dict.fromkeys(across(lefts[:1], rights[:1]), DIFFERENT)",
        "tests/cli/test_stewards.py::test_two_partners_that_are_different_are_so_in_all_their_records",
    ),
    Bug(
        "undo-keeps-verdict",
        7,
        "warehouse/commands/undo.py",
        'f"DELETE FROM decision WHERE {where}"',
        'f"DELETE FROM decision WHERE 1 = 0 AND {where}"',
        PIPELINES + "test_decisions.py::test_an_undone_merge_gives_back_ids_history_and_where_facts_were",
    ),
    Bug(
        "judged-by-itself",
        7,
        "pipelines/resolve/evaluation.py",
        "DELETE FROM decision WHERE entity = 'organization'",
        "DELETE FROM decision WHERE entity = 'nothing'",
        "tests/cli/test_stewards.py::test_decisions_judge_the_rules_as_if_they_had_not_been_made",
    ),
    Bug(
        "former-employer-forgotten",
        7,
        "pipelines/golden/affiliations.py",
        "if ended and begun:",
        "if ended and not begun:",
        PIPELINES + "test_one_person.py::test_a_person_who_moves_keeps_one_identity_and_both_affiliations",
    ),
    Bug(
        "forgotten-migration",
        0,
        "warehouse/tables/ops.py",
        "    trigger: str\n",
        "    trigger: str\n    extra: str | None = None\n",
        "tests/warehouse/test_migrations.py::test_migrated_tables_are_those_the_program_declares",
    ),
)


def main(names: list[str]) -> int:
    """Try the named bugs, or all."""
    stayed_green = 0
    for bug in BUGS:
        if names and bug.name not in names:
            continue
        said = tried(bug)
        stayed_green += not said.startswith("red")
        sys.stdout.write(f"{bug.promise:>2}  {bug.name:<22} {said:<12} {bug.test}\n")
        sys.stdout.flush()
    return 1 if stayed_green else 0


def tried(bug: Bug) -> str:
    """`red` when the test fails with the bug; else what happened instead."""
    with tempfile.TemporaryDirectory(prefix="planted") as folder:
        copy = copied(Path(folder))
        path = copy / bug.file
        text = path.read_text(encoding="utf-8")
        if text.count(bug.old) != 1:
            return f"found {text.count(bug.old)}x"
        path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", bug.test]
        try:
            ran = subprocess.run(
                command, cwd=copy, capture_output=True, check=False, timeout=bug.patience_seconds
            )
        except subprocess.TimeoutExpired:
            return "red (hangs)"
    if ran.returncode == 1:
        return "red"
    return "no test" if ran.returncode >= NO_TESTS_RAN - 1 else "STAYED GREEN"


def copied(folder: Path) -> Path:
    """The tree without what can be made again."""
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / name)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

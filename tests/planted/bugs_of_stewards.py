"""Bugs in what stewards see and say, and in whom a free text names."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import PIPELINES, Bug

STEWARDS: Final = "tests/cli/stewards/"
NAMED: Final = PIPELINES + "test_named_in_texts.py::"

BUGS_OF_STEWARDS: Final = (
    Bug(
        "list-added-without-a-word",
        9,
        "partnerhub/web/routes/list_checking.py",
        'unsaid := [row for row in doubtful if row["row"] not in agreed]',
        'unsaid := [row for row in doubtful if row["row"] in agreed]',
        "tests/web/test_list_checking.py::test_a_row_that_may_be_known_already_needs_a_word_of_its_own",
    ),
    Bug(
        "list-twins-overlooked",
        9,
        "pipelines/resolve/checked_list.py",
        "if 1 < len(held) <= (MOST_SHARING",
        "if 1000 < len(held) <= (MOST_SHARING",
        "tests/web/test_list_checking.py::test_two_rows_that_mean_the_same_are_not_both_added_without_a_word",
    ),
    Bug(
        "longer-name-overlooked",
        6,
        "partnerhub/identity/spotting/clear.py",
        'if levels["family"] != "0":',
        'if levels["family"] == "never":',
        NAMED + "test_a_namesake_or_a_longer_name_that_comes_later_takes_the_fact_off_again",
    ),
    Bug(
        "two-owners-joined",
        6,
        "partnerhub/identity/forest.py",
        "if disagree(self.owners, a, b):",
        "if disagree(self.owners, a, a):",
        PIPELINES + "test_two_owners.py::test_two_accounts_of_two_owners_are_a_question",
    ),
    Bug(
        "handed-over-parted",
        6,
        "pipelines/resolve/owners.py",
        "(links.get(record, record), source), set()",
        "(record, source), set()",
        PIPELINES + "test_two_owners.py::test_an_account_that_is_handed_over_stays_with_its_partner",
    ),
    Bug(
        "stranger-s-mail-taken",
        6,
        "pipelines/golden/mentions.py",
        "and not any(strangers)",
        "and True",
        NAMED + "test_an_address_outranks_a_name_and_a_stranger_s_company_speaks_for_itself",
    ),
    Bug(
        "waiting-name-forgotten",
        9,
        "pipelines/golden/facts.py",
        "if named := touch_named(connection):",
        "if (named := touch_named(connection)) and False:",
        NAMED + "test_the_partner_who_comes_later_gets_what_waited",
    ),
    Bug(
        "undo-keeps-relation",
        7,
        "warehouse/commands/undo.py",
        'if entry := act.detail.get("entry"):',
        'if (entry := act.detail.get("entry")) and False:',
        STEWARDS + "test_families.py::test_an_undo_takes_the_relation_and_the_verdict_back",
    ),
    Bug(
        "relation-doubled",
        2,
        "warehouse/commands/relate.py",
        "entry = None if is_stated(related, known, lefts, rights, certain=certain) else",
        "entry =",
        STEWARDS + "test_families.py::test_a_relation_a_source_states_is_not_entered_beside_it",
    ),
    Bug(
        "queue-keeps-one-side",
        9,
        "pipelines/golden/questions.py",
        'for side in ("left_id", "right_id"):',
        'for side in ("left_id",):',
        PIPELINES + "test_questions.py",
    ),
    Bug(
        "the-dead-hold-persons",
        7,
        "pipelines/resolve/assignment.py",
        "        guarded = still_there(staged, deleted, merges)\n        shared,",
        "        guarded = staged\n        shared,",
        PIPELINES
        + "test_persons_in_doubt.py::test_a_deleted_person_holds_nobody_together_and_stays_with_the_founder",
    ),
    Bug(
        "a-former-parent-guards",
        7,
        "pipelines/resolve/assignment.py",
        "AND r.kind IN ('parent_of', 'branch_of') AND r.deleted_at IS NULL",
        "AND r.kind IN ('parent_of', 'branch_of')",
        PIPELINES + "test_gone.py::test_a_branch_nobody_states_any_more_keeps_nobody_apart",
    ),
    Bug(
        "persons-unasked",
        9,
        "pipelines/resolve/assignment.py",
        "musts, doubts = sharing(shared) + by_name, at_one_address + of_one_name",
        "musts, doubts = sharing(shared) + by_name, []",
        PIPELINES + "test_persons_in_doubt.py",
    ),
    Bug(
        "two-names-one-mailbox",
        9,
        "partnerhub/identity/mailboxes.py",
        "if len(set(parts.values())) <= 1:",
        "if parts is not None:",
        PIPELINES + "test_persons_in_doubt.py::test_one_mailbox_of_two_names_is_two_persons_and_a_question",
    ),
    Bug(
        "namesakes-not-looked-at-anew",
        9,
        "pipelines/stage/compared.py",
        '    + f" UNION {OF_ONE_RARE_NAME}",\n',
        ",\n",
        PIPELINES
        + "test_persons_in_doubt.py::test_a_namesake_of_somebody_who_left_is_asked_about_unless_the_name_is_common",
    ),
    Bug(
        "two-numbers-unasked",
        9,
        "pipelines/resolve/assignment.py",
        "wanted |= doubted(evidence.doubts, place) | unmet(evidence.problem.musts, place)",
        "wanted |= doubted(evidence.doubts, place)",
        PIPELINES
        + "test_persons_in_doubt.py::test_two_numbers_of_which_one_person_has_one_keep_two_apart_and_are_asked_about",
    ),
)

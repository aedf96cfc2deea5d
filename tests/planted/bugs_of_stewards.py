"""Bugs in what stewards see and say, and in whom a free text names."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import PIPELINES, Bug

STEWARDS: Final = "tests/cli/stewards/"
NAMED: Final = PIPELINES + "test_named_in_texts.py::"

BUGS_OF_STEWARDS: Final = (
    Bug(
        "longer-name-overlooked",
        6,
        "partnerhub/identity/spotting/clear.py",
        'if levels["family"] != "0":',
        'if levels["family"] == "never":',
        NAMED + "test_a_namesake_or_a_longer_name_that_comes_later_takes_the_fact_off_again",
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
)

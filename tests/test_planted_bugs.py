"""Planted bugs go along with the code: each is to be found once where it is planted, and names a test that is there."""

from __future__ import annotations

import pytest

from tests.conftest import REPOSITORY
from tests.planted.bug import Bug
from tests.planted.plant import BUGS


def test_no_two_planted_bugs_have_one_name() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_to_be_found_once_and_its_test_is_there(bug: Bug) -> None:
    assert (REPOSITORY / bug.file).read_text(encoding="utf-8").count(bug.old) == 1
    file, _, name = bug.test.partition("::")
    assert not name or f"def {name.partition('[')[0]}(" in (REPOSITORY / file).read_text(encoding="utf-8")

"""The page on security against the tests: every proof it names is there, and SECURITY.md says how to report a hole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from partnerhub.access import passwords, secrets
from partnerhub.access.sign_in import IDLE, LINK_LASTS, LONGEST
from partnerhub.web.app import MOST_BYTES, SIGN_IN_TRIES
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "operate" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([\d., –]+) \| [^|]+ \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
POINT = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}")


def rows() -> Iterator[tuple[str, str, str]]:
    """Points, file and test of each row of the table."""
    yield from ROW.findall(PAGE)


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("points", "path", "name"), list(rows()))
def test_the_test_that_proves_a_point_is_there(points: str, path: str, name: str) -> None:
    assert all(POINT.fullmatch(each.strip()) for each in re.split("[,–]", points))
    assert name in names_in(path)


def test_every_row_of_the_table_names_a_proof() -> None:
    table = PAGE.partition("| ASVS 5.0 |")[2]
    assert len(list(rows())) == len(re.findall(r"^\| \d", table, re.MULTILINE)) > 40


def test_limits_on_the_page_are_those_of_the_program() -> None:
    at_once, a_minute = SIGN_IN_TRIES
    for said in (
        f"for {LINK_LASTS.total_seconds() / 3600:.0f} hours",
        f"{IDLE.total_seconds() / 3600:.0f} hours without a request, {LONGEST.days} days at most",
        f"{passwords.SHORTEST} to {passwords.LONGEST} characters",
        f"{at_once} at once, {a_minute:.0f} a minute",
        f"{secrets.BYTES * 8} random bits",
        f"{secrets.KEY_DAYS} days unless said otherwise",
        f"{MOST_BYTES // 1_000_000} MB",
    ):
        assert said in PAGE
    assert passwords.HASHER.memory_cost == 64 * 1024


def test_how_to_report_a_hole_stands_at_the_top() -> None:
    text = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8")
    assert "## Reporting" in text.splitlines()[2]
    assert "docs/operate/security.md" in text

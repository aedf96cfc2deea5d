"""Every fault of the matrix is in the table, and every line of the table is kept by a test that carries its id."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.faults.reporting import Reporter, report_of
from tests.faults.table import FAULTS

TESTS = Path(__file__).resolve().parents[1]
REPORT = TESTS.parent / "docs" / "reliability-report.md"
MARKED = re.compile(r"\bmark\.fault\(([^)]*)\)|def test_((?:f\d{2,3}_)+)")


@cache
def carried() -> frozenset[str]:
    """The ids that tests carry by name or mark."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        for marks, named in MARKED.findall(path.read_text(encoding="utf-8")):
            found |= set(re.findall(r"F\d{2,3}", f"{named.upper()} {marks}"))
    return frozenset(found)


def test_every_fault_from_1_to_104_is_in_the_table_once_and_in_order():
    assert [fault.id for fault in FAULTS] == [f"F{number:02d}" for number in range(1, 105)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_shown_by_a_test_or_says_why_not(fault):
    assert fault.id in carried() or fault.missing or fault.elsewhere


def test_no_test_carries_an_id_that_is_in_no_table():
    assert carried() - {fault.id for fault in FAULTS} == set()


def test_the_gravest_outcome_of_a_tests_variants_is_reported(tmp_path):
    said = Reporter(tmp_path / "report.md")
    for outcome in ("passed", "failed", "passed"):
        report = pytest.TestReport(
            f"tests/a.py::test_f07_x[{outcome}]", ("", 0, ""), {}, outcome, None, "call"
        )  # type: ignore[arg-type]
        report.user_properties.append(("fault", "F07"))
        said.pytest_runtest_logreport(report)
    said.pytest_sessionfinish()
    assert "| `a.py test_f07_x` | failed |" in said.path.read_text()


def test_a_fault_without_a_test_is_reported_as_open():
    assert (
        "| F07 | 200 with truncated JSON, which the SDK turns into an empty page (S1) | no test ran | open |"
        in (report_of({}))
    )


@pytest.mark.parametrize(("outcome", "whole", "red"), [("passed", 1, 0), ("failed", 0, 1), ("skipped", 0, 1)])
def test_only_what_passed_in_all_its_tests_counts_as_shown(outcome, whole, red):
    said = report_of({"F07": {"tests/a.py::test_f07_x": "passed", "tests/a.py::test_f07_y": outcome}})
    assert f"{whole} are shown whole, 0 in part" in said
    assert f"{red} have a test that did not pass" in said


def test_the_report_in_the_documentation_tells_of_every_fault():
    told = set(re.findall(r"^\| (F\d{2,3}) \|", REPORT.read_text(encoding="utf-8"), re.MULTILINE))
    assert told == {fault.id for fault in FAULTS}

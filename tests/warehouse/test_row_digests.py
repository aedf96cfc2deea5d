"""Digests of rows: the same for the same values, and no other row's."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.row_digests import digests_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('],["\\\n'), max_size=8)
VALUE = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
ROWS = st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=6)


@given(ROWS)
def test_a_row_has_the_same_digest_alone_and_among_others(rows: list[tuple[Any, ...]]) -> None:
    assert digests_of(rows) == [digests_of([row])[0] for row in rows]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", None), ("a", "")),
        (("a", None), ("a", "null")),
        (("a", 1), ("a", "1")),
        (("a", 1), ("a", True)),
        (("a,b", "c"), ("a", "b,c")),
        (('a","b', "c"), ("a", 'b","c')),
        (("a", "b"), ("a", "b", None)),
    ],
)
def test_rows_that_differ_have_different_digests(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert digests_of([one]) != digests_of([other])


def test_a_text_that_looks_like_the_end_of_a_row_is_no_end_of_it() -> None:
    rows = [("x],[", "y"), ("x", "],[y"), ("x\n,", "y"), ("x", "y")]
    found = digests_of(rows)
    assert len(found) == len(set(found)) == len(rows)


def test_a_digest_is_the_same_in_every_release_so_that_no_upgrade_writes_all_rows_anew() -> None:
    assert (
        digests_of([("crm/companies/1", 7, None, True, "Łódź")])[0].hex()
        == "bbbb25bca03138c4913776c0fcd043a0"
    )


def test_many_rows_have_as_many_digests() -> None:
    found = digests_of([(number, f"Company {number}") for number in range(5_000)])
    assert all(before != after for before, after in pairwise(sorted(found)))
    assert digests_of([]) == []

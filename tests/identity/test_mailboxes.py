"""Whose an address is, by the names that are given with it."""

from __future__ import annotations

import pytest

from partnerhub.identity.mailboxes import MANY, mailbox


def owners(address: str, *names: str | None) -> tuple[set[frozenset[int]], int]:
    """Which of the names are one owner, by their place; and how many questions there are."""
    found = mailbox(address, {str(at): name for at, name in enumerate(names)})
    parts: dict[str, set[int]] = {}
    for at, owner in found.owner.items():
        parts.setdefault(owner, set()).add(int(at))
    return {frozenset(part) for part in parts.values()}, len(found.doubts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Miller", "Miller, Ann"),
        ("Ann Miller", "Ann Miller-Lee"),
        ("Ann Miller", "An Miler"),
        ("A. M.", "Ann Miller"),
        ("Ann Miller", None),
        ("Ivan Petrov", "Иван Петров"),
    ],
)
def test_one_person_is_written_in_many_ways(one: str, other: str | None) -> None:
    assert owners("x@acme.example", one, other) == ({frozenset({0, 1})}, 0)


def test_two_names_with_nothing_in_common_are_two_and_who_has_none_is_neither() -> None:
    assert owners("x@acme.example", "Ann Miller", "Bo Lee", None) == (
        {frozenset({0}), frozenset({1}), frozenset({2})},
        1,
    )


def test_a_name_between_two_makes_them_one() -> None:
    assert owners("x@acme.example", "Ann Miller", "Bo Lee", "Ann Lee") == ({frozenset({0, 1, 2})}, 0)


def test_three_names_are_a_desk_and_a_desk_asks_nobody() -> None:
    apart = {frozenset({0}), frozenset({1}), frozenset({2})}
    assert owners("x@acme.example", "Ann Miller", "Bo Lee", "Eva Smith") == (apart, 0)
    assert owners("info@acme.example", "Ann Miller", "Ann Lee", "Eva Smith") == (apart, 0)


def test_of_very_many_names_only_the_same_is_one_person() -> None:
    names = [f"Ann Number{at}" for at in range(MANY)] + ["Bo Lee", "Lee, Bo"]
    parts, questions = owners("x@acme.example", *names)
    assert (len(parts), questions) == (MANY + 1, 0)
    assert frozenset({MANY, MANY + 1}) in parts

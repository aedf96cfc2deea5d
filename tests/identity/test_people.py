from __future__ import annotations

from itertools import permutations

import pytest

from partnerhub.identity.people import Known, namesakes


def person(record: str, *addresses: str, name: str = "ann miller", at: str = "acme") -> Known:
    return Known(record, name, frozenset(addresses), frozenset({at}))


def joined(*people: Known) -> set[frozenset[str]]:
    found = {frozenset(pair) for pair in namesakes(people)}
    for order in permutations(people):
        assert {frozenset(pair) for pair in namesakes(order)} == found
    return found


def test_one_name_at_one_employer_is_one_person() -> None:
    assert joined(person("a"), person("b", "ann@acme.example")) == {frozenset("ab")}


@pytest.mark.parametrize(
    "other", [person("b", at="beta"), person("b", name="bo miller")], ids=["other employer", "other name"]
)
def test_nothing_less_joins(other: Known) -> None:
    assert joined(person("a"), other) == set()


def test_half_a_name_is_no_name() -> None:
    assert joined(person("a", name="ann"), person("b", name="ann")) == set()


def test_two_addresses_of_one_domain_are_two_people() -> None:
    assert joined(person("a", "ann@acme.example"), person("b", "ann.miller@acme.example")) == set()


def test_an_address_at_home_is_no_contradiction() -> None:
    assert joined(person("a", "ann@acme.example"), person("b", "ann@home.example")) == {frozenset("ab")}


def test_a_record_that_could_be_either_of_two_joins_neither() -> None:
    two = person("a", "ann@acme.example"), person("b", "ann.miller@acme.example")
    assert joined(*two, person("c")) == set()


def test_records_of_one_address_count_as_one() -> None:
    two = person("a", "ann@acme.example"), person("b", "ann@acme.example")
    assert joined(*two, person("c")) == {frozenset("ac")}

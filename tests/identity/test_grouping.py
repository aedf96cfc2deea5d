"""From pairs to groups."""

from __future__ import annotations

from itertools import permutations

from partnerhub.identity.grouping import Guarded, Must, Pair, Problem, group
from partnerhub.identity.policy import DEFAULT


def grouped(records, pairs=(), **known):
    found = group(Problem(list(records), [Pair(a, b, s) for a, b, s in pairs], **known), DEFAULT)
    return ["".join(sorted(g.records)) for g in found]


def test_one_strong_pair_does_not_join_two_groups_that_disagree():
    inside = [("a", "b", 9), ("a", "c", 9), ("b", "c", 9), ("x", "y", 9)]
    assert grouped("abcxy", [*inside, ("c", "x", 3)]) == ["abc", "xy"]


def test_a_person_outranks_scores_sources_and_numbers():
    must = [Must("a", "b", "merged_into"), Must("b", "c", "key:registry")]
    assert grouped("abc", [("a", "b", 20)], musts=must, cannot=frozenset({("a", "b")})) == ["a", "bc"]


def test_apart_holds_through_a_third_record():
    assert grouped("abc", [("a", "b", 9), ("b", "c", 8)], cannot=frozenset({("a", "c")})) == ["ab", "c"]


def test_two_numbers_of_one_registry_forbid_a_join_until_a_person_says_same():
    guarded = {r: Guarded(frozenset({("lei", r)})) for r in "ab"}
    assert grouped("ab", [("a", "b", 20)], guarded=guarded) == ["a", "b"]
    assert grouped("ab", musts=[Must("a", "b", "decision")], guarded=guarded) == ["ab"]


def test_a_branch_is_joined_by_no_score_not_even_through_a_third_record():
    strangers = frozenset({("a", "b")})
    assert grouped("abc", [("a", "c", 9), ("b", "c", 9)], strangers=strangers) == ["ac", "b"]


def test_a_bare_name_joins_the_organization_it_clearly_fits_and_never_ties_two():
    bare = {"m": Guarded(mention=True)}
    assert grouped("abm", [("a", "m", 5), ("b", "m", 1)], guarded=bare) == ["am", "b"]
    assert grouped("abm", [("a", "m", 5), ("b", "m", 5)], guarded=bare) == ["a", "b", "m"]


def test_the_order_of_pairs_and_records_changes_nothing():
    pairs = [("a", "b", 4.1), ("b", "c", 4.1), ("c", "d", 4.1), ("a", "d", -3)]
    results = {tuple(grouped("abcd", order)) for order in permutations(pairs)}
    assert len(results) == 1

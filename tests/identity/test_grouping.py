"""From pairs to groups."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerhub.identity.bridges import hangs_by_a_thread
from partnerhub.identity.grouping import Guarded, Must, Pair, Problem, group, partition
from partnerhub.identity.policy import DEFAULT, Policy

BARE = Guarded(mention=True)
CLIQUES = [("a", "b", 8), ("a", "c", 8), ("b", "c", 8), ("x", "y", 8), ("x", "z", 8), ("y", "z", 8)]


def solved(records, pairs=(), policy=DEFAULT, **known):
    return partition(Problem(list(records), [Pair(a, b, s) for a, b, s in pairs], **known), policy)


def grouped(records, pairs=(), policy=DEFAULT, **known):
    return ["".join(sorted(g.records)) for g in solved(records, pairs, policy, **known).groups]


def held(records, pairs=(), policy=DEFAULT, **known):
    return [(one.left, one.right, one.reason) for one in solved(records, pairs, policy, **known).held]


def test_one_strong_pair_does_not_join_two_groups_that_disagree():
    inside = [("a", "b", 9), ("a", "c", 9), ("b", "c", 9), ("x", "y", 9)]
    assert grouped("abcxy", [*inside, ("c", "x", 2)]) == ["abc", "xy"]


def test_a_person_outranks_scores_sources_and_numbers():
    must = [Must("a", "b", "merged_into"), Must("b", "c", "key:registry")]
    assert grouped("abc", [("a", "b", 20)], musts=must, cannot=frozenset({("a", "b")})) == ["a", "bc"]


def test_apart_holds_through_a_third_record_and_is_no_question():
    case = {"pairs": [("a", "b", 9), ("b", "c", 8)], "cannot": frozenset({("a", "c")})}
    assert grouped("abc", **case) == ["ab", "c"]
    assert held("abc", **case) == []


def test_two_numbers_of_one_registry_forbid_a_join_until_a_person_says_same():
    guarded = {r: Guarded(frozenset({("lei", r)})) for r in "ab"}
    assert grouped("ab", [("a", "b", 20)], guarded=guarded) == ["a", "b"]
    assert held("ab", [("a", "b", 20)], guarded=guarded) == [("a", "b", "registry")]
    assert grouped("ab", musts=[Must("a", "b", "decision")], guarded=guarded) == ["ab"]


def test_what_was_said_of_a_record_that_is_gone_holds_for_whom_it_stays_with():
    kept, told = [Must("a", "g", "kept")], frozenset({("b", "g")})
    assert grouped("abg", [("a", "b", 8)], musts=kept, cannot=told) == ["ag", "b"]
    assert grouped("abg", [("a", "b", 8)], musts=kept, cannot=frozenset({("a", "g")})) == ["ab", "g"]


def test_numbers_of_different_registries_say_nothing_against_each_other():
    guarded = {"a": Guarded(frozenset({("lei", "1")})), "b": Guarded(frozenset({("duns", "2")}))}
    assert grouped("ab", [("a", "b", 8)], guarded=guarded) == ["ab"]


def test_a_branch_is_joined_by_no_score_not_even_through_a_third_record():
    case = {"pairs": [("a", "c", 9), ("b", "c", 9)], "strangers": frozenset({("a", "b")})}
    assert grouped("abc", **case) == ["ac", "b"]
    assert held("abc", **case) == [("b", "c", "family")]


def test_groups_of_two_countries_wait_for_a_person_and_a_third_without_one_joins_either():
    guarded = {"a": Guarded(country="DE"), "b": Guarded(country="FR")}
    assert grouped("ab", [("a", "b", 8)], guarded=guarded) == ["a", "b"]
    assert held("abc", [("a", "b", 8), ("a", "c", 7), ("b", "c", 6)], guarded=guarded) == [
        ("a", "b", "country")
    ]
    assert grouped("abc", [("a", "c", 7), ("b", "c", 6)], guarded=guarded) == ["ac", "b"]


def test_what_two_people_of_one_system_look_after_waits_for_a_person():
    def at(system, *who):
        return Guarded(owners=(system, frozenset(who)))

    pairs = [("a", "b", 8), ("a", "c", 7), ("b", "c", 6)]
    guarded = {"a": at("crm", "dana"), "b": at("crm", "sam"), "c": at("desk", "kim")}
    assert grouped("abc", pairs, guarded=guarded) == ["ac", "b"]
    assert held("ab", pairs[:1], guarded=guarded) == [("a", "b", "owner")]
    assert grouped("ab", pairs[:1], guarded=guarded | {"b": at("crm", "sam", "dana")}) == ["ab"]
    decided = [Must("a", "b", "decision")]
    assert grouped("ab", guarded=guarded, musts=decided) == ["ab"]


def test_scores_stop_at_the_size_limit_and_what_grew_beyond_it_is_shown():
    small = Policy(largest_group=3)
    chain = [(a, b, 8) for a in "abcd" for b in "abcd" if a < b]
    assert sorted(map(len, grouped("abcd", chain, small))) == [1, 3]
    assert [reason for *_, reason in held("abcd", chain, small)] == ["size"]
    merged = [Must("a", other, "merged_into") for other in "bcd"]
    assert grouped("abcd", policy=small, musts=merged) == ["abcd"]
    assert held("abcd", policy=small, musts=merged) == [("a", "b", "size")]


def test_two_groups_that_only_one_pair_ties_wait_for_a_person():
    eager = Policy(unscored=0.0)
    assert grouped("abcxyz", [*CLIQUES, ("a", "x", 8)], eager) == ["abc", "xyz"]
    assert held("abcxyz", [*CLIQUES, ("a", "x", 8)], eager) == [("a", "x", "bridge")]


def test_two_groups_that_only_one_record_ties_wait_for_a_person():
    tied = [("m", other, 8) for other in "abcxyz"]
    assert grouped("abcmxyz", [*CLIQUES, *tied], Policy(unscored=0.0)) == ["abcm", "xyz"]


def test_two_groups_that_several_pairs_tie_are_one():
    assert grouped(
        "abcxyz", [*CLIQUES, *[(p, q, 8) for p, q in zip("abc", "xyz", strict=True)]], Policy(unscored=0.0)
    ) == ["abcxyz"]


@pytest.mark.parametrize("order", list(permutations([("a", 5.0), ("b", 1.0)])))
def test_a_bare_name_joins_the_organization_it_clearly_fits(order):
    assert grouped("abm", [(r, "m", s) for r, s in order], guarded={"m": BARE}) == ["am", "b"]


def test_a_bare_name_between_two_organizations_joins_neither_and_never_ties_them():
    assert grouped("abm", [("a", "m", 5), ("b", "m", 4.6)], guarded={"m": BARE}) == ["a", "b", "m"]


ACME = Guarded(names=("acme",))
ACME_ALONE = Guarded(mention=True, names=("acme",))


def test_a_bare_name_joins_none_of_two_that_bear_it_however_far_one_leads():
    pairs, named = [("a", "m", 8), ("b", "m", -3)], {"a": ACME, "b": ACME, "m": ACME_ALONE}
    assert grouped("abm", pairs, guarded=named) == ["a", "b", "m"]


def test_a_bare_name_joins_the_one_that_bears_it_before_one_that_resembles_it():
    pairs = [("a", "m", 5), ("b", "m", 1)]
    named = {"a": ACME, "b": Guarded(names=("acme group",)), "m": ACME_ALONE}
    assert grouped("abm", pairs, guarded=named) == ["am", "b"]


def test_two_records_of_one_organization_are_one_bearer_of_a_name():
    pairs, named = [("a", "b", 6), ("a", "m", 5), ("b", "m", 5)], {"a": ACME, "b": ACME, "m": ACME_ALONE}
    assert grouped("abm", pairs, guarded=named) == ["abm"]


def test_a_bare_name_told_apart_from_the_best_organization_may_fit_the_other():
    pairs, told = [("a", "m", 5), ("b", "m", 5)], frozenset({("a", "m")})
    assert grouped("abm", pairs, guarded={"m": BARE}, cannot=told) == ["a", "bm"]


def test_bare_names_join_an_organization_together_or_not_at_all():
    bare = {"m": BARE, "n": BARE}
    pairs = [("m", "n", 6), ("a", "m", 6), ("b", "n", 6)]
    assert grouped("abmn", pairs, guarded=bare) == ["a", "b", "mn"]


def test_bare_names_left_over_group_by_name_whatever_the_name_is_worth():
    names = {"m": "hospital", "n": "hospital", "o": "clinic"}
    bare = {record: Guarded(mention=True, name=name) for record, name in names.items()}
    assert grouped("mno", guarded=bare) == ["mn", "o"]
    assert grouped("mno", guarded=bare, cannot=frozenset({("m", "n")})) == ["m", "n", "o"]


def test_organizations_an_earlier_scorecard_kept_apart_are_not_joined_by_the_next_one():
    settled = {r: Guarded(settled=True) for r in "ab"}
    assert grouped("abc", [("a", "b", 8), ("a", "c", 8)], guarded=settled) == ["ac", "b"]
    assert held("abc", [("a", "b", 8)], guarded=settled) == [("a", "b", "settled")]


pairs_of = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda p: p[0] < p[1]),
    st.sampled_from([9.0, 6.0, 2.0, 0.5, -1.0, -4.0]),
    max_size=20,
)
guards_of = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(
        Guarded,
        mention=st.booleans(),
        country=st.sampled_from([None, "DE", "FR"]),
        owners=st.sampled_from([None, ("crm", frozenset({"dana"})), ("crm", frozenset({"sam"}))]),
        registry=st.sampled_from([frozenset(), frozenset({("lei", "1")}), frozenset({("lei", "2")})]),
    ),
)


@given(pairs_of, guards_of, st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_the_order_of_pairs_and_records_changes_nothing(pairs, guarded, rng):
    rows, records = [(a, b, s) for (a, b), s in pairs.items()], list("abcdefgh")
    expected = solved(records, rows, guarded=guarded)
    rng.shuffle(rows)
    rng.shuffle(records)
    assert solved(records, rows, guarded=guarded) == expected


@given(pairs_of, guards_of)
@settings(max_examples=400, deadline=None)
def test_no_group_made_by_scores_breaks_a_guard(pairs, guarded):
    policy = Policy(largest_group=5, unscored=-0.2)
    rows = [(a, b, s) for (a, b), s in pairs.items()]
    for records in grouped("abcdefgh", rows, policy, guarded=guarded):
        known = [guarded.get(record, Guarded()) for record in records]
        assert len(records) <= policy.largest_group
        assert len({k.country for k in known if k.country}) <= 1
        assert len({value for k in known for value in k.registry}) <= 1
        assert len({k.owners for k in known if k.owners}) <= 1
        whole = [one for one, k in zip(records, known, strict=True) if not k.mention]
        assert len(cut_off(whole, pairs)) < policy.thread


def cut_off(records, pairs):
    """The most records that come off when one record, or one pair, is taken away: by brute force."""
    strong = {pair for pair, score in pairs.items() if score >= 0 and set(pair) <= set(records)}
    missing = [(records, strong - {pair}) for pair in strong]
    missing += [([r for r in records if r != gone], strong) for gone in records]
    return max((lost(left, ties) for left, ties in missing), key=len, default=[])


def lost(records, ties):
    """The records outside of the largest connected part."""
    found = group(
        Problem(records, musts=[Must(a, b, "decision") for a, b in ties if {a, b} <= set(records)]), DEFAULT
    )
    largest = max((part.records for part in found), key=len, default=frozenset())
    return [record for record in records if record not in largest]


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda p: p[0] < p[1])))
def test_a_thread_is_found_wherever_taking_something_away_cuts_something_off(ties):
    pairs = {(str(a), str(b)): 1.0 for a, b in ties}
    records = sorted({one for pair in pairs for one in pair})
    if lost(records, set(pairs)) or not records:
        return
    near: dict[int, dict[int, int]] = {}
    for a, b in ties:
        near.setdefault(a, {})[b] = near.setdefault(b, {}).setdefault(a, 1)
    for least in (1, 2, 3):
        found = hangs_by_a_thread(map(int, records), near, lambda _: 1, least)
        assert found == (len(cut_off(records, pairs)) >= least)

"""Where nobody asks how records joined, whole parts join at once: the groups are those of joining pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerhub.identity.forest import Forest
from partnerhub.identity.grouping import (
    Guarded,
    Pair,
    Problem,
    Ranked,
    founders_of,
    join_by_scores,
    partition,
    scored_links,
)
from partnerhub.identity.linkage import Links, connected, divided, whole_parts
from partnerhub.identity.mentions import Called
from partnerhub.identity.policy import DEFAULT, Policy

RECORDS = "abcdef"
TRIANGLE = [Pair("a", "b", 8.0), Pair("a", "c", 8.0), Pair("b", "c", 1.0)]

mostly_tied = st.fixed_dictionaries(
    {pair: st.sampled_from([8.0, 8.0, 8.0, 2.0, 0.5, -1.0, None]) for pair in combinations(RECORDS, 2)}
).map(lambda found: [Pair(*pair, score) for pair, score in found.items() if score is not None])
apart = st.frozensets(st.sampled_from(list(combinations(RECORDS, 2))), max_size=2)
guards = st.dictionaries(
    st.sampled_from(RECORDS),
    st.builds(
        Guarded,
        mention=st.sampled_from([False, False, True]),
        name=st.sampled_from([None, "acme", "beta"]),
        names=st.sampled_from([(), ("acme",), ("beta", "acme")]),
        country=st.sampled_from([None, None, "DE", "FR"]),
        registry=st.sampled_from([frozenset()] * 4 + [frozenset({("lei", n)}) for n in "12"]),
        settled=st.sampled_from([False, False, False, True]),
        owners=st.sampled_from([None, None, ("crm", frozenset({"dana"})), ("crm", frozenset({"sam"}))]),
    ),
    max_size=4,
)
policies = st.builds(
    Policy,
    largest_group=st.sampled_from([3, 5, 100]),
    thread=st.sampled_from([0, 1, 3]),
    unscored=st.sampled_from([-1.0, 0.0]),
)
problems = st.builds(Problem, st.just(RECORDS), mostly_tied, cannot=apart, strangers=apart, guarded=guards)


def forest_of(problem: Problem, policy: Policy, *, told: bool) -> Forest:
    forest = Forest(problem.records, problem.guarded, policy, told=told)
    forest.keep_apart(problem.cannot, forest.apart)
    forest.keep_apart(problem.strangers, forest.strangers)
    return forest


def roots(problem: Problem, policy: Policy, *, told: bool) -> list[int]:
    forest = forest_of(problem, policy, told=told)
    join_by_scores(forest, scored_links(forest, problem.pairs), Called.of(forest, problem.guarded))
    return forest.root.tolist()


@given(problems, policies)
@settings(max_examples=400, deadline=None)
def test_joined_at_once_or_pair_by_pair_the_groups_are_the_same(problem, policy):
    assert roots(problem, policy, told=False) == roots(problem, policy, told=True)


plain_guards = guards.map(
    lambda known: {
        record: Guarded(frozenset(), one.mention, one.name, one.country, False, one.names)
        for record, one in known.items()
    }
)


@given(st.builds(Problem, st.just(RECORDS), mostly_tied, strangers=apart, guarded=plain_guards))
@settings(max_examples=100, deadline=None)
def test_records_known_by_rank_have_the_groups_of_records_known_by_name(problem):
    pairs = [pair for pair in problem.pairs if pair[:2] not in problem.strangers]
    problem = Problem(RECORDS, pairs, strangers=problem.strangers, guarded=problem.guarded)
    forest = Forest(RECORDS, problem.guarded, DEFAULT)
    known = [problem.guarded.get(record, Guarded()) for record in RECORDS]
    by_rank = [(RECORDS.index(a), RECORDS.index(b), round(score * 1000)) for a, b, score in pairs]
    strangers = np.array([[RECORDS.index(one) for one in pair] for pair in problem.strangers], np.int64)
    ranked = Ranked(
        np.array([one.mention for one in known]),
        [one.country for one in known],
        Called.of(forest, problem.guarded),
        Links.of(by_rank),
        (strangers.reshape(-1, 2)[:, 0], strangers.reshape(-1, 2)[:, 1]),
    )
    founders = founders_of(ranked, DEFAULT)
    groups = [frozenset(np.array(list(RECORDS))[founders == root]) for root in np.unique(founders)]
    assert groups == [group.records for group in partition(problem, DEFAULT).groups]


@pytest.mark.parametrize(
    ("pairs", "known", "policy", "whole"),
    [
        (TRIANGLE, {}, DEFAULT, True),
        (TRIANGLE[:2], {}, DEFAULT, False),
        ([*TRIANGLE[:2], Pair("b", "c", -1.0)], {}, DEFAULT, False),
        (TRIANGLE, {"guarded": {"a": Guarded(country="DE"), "c": Guarded(country="DE")}}, DEFAULT, True),
        (TRIANGLE, {"guarded": {"a": Guarded(country="DE"), "c": Guarded(country="FR")}}, DEFAULT, False),
        (TRIANGLE, {"strangers": frozenset({("b", "c")})}, DEFAULT, False),
        (TRIANGLE, {"strangers": frozenset({("b", "f")})}, DEFAULT, True),
        (TRIANGLE, {}, Policy(largest_group=2), False),
    ],
)
def test_only_what_is_tied_by_every_pair_and_restrained_by_nothing_joins_at_once(pairs, known, policy, whole):
    forest = forest_of(Problem(RECORDS, pairs, **known), policy, told=False)
    between, *_ = scored_links(forest, pairs)
    leader, inside = divided(forest, between, -400)
    assert whole_parts(forest, leader, inside, -400)[0] == whole


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_what_is_connected_has_its_smallest_for_a_leader(ties):
    one, other = np.array(ties, np.int64).reshape(-1, 2).T
    together = {number: {number} for number in range(31)}
    for a, b in ties:
        merged = together[a] | together[b]
        together |= dict.fromkeys(merged, merged)
    assert connected(31, one, other).tolist() == [min(together[number]) for number in range(31)]

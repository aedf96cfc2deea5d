"""Scores what the hub concluded against what the world knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType

from partnerhub.simulator.truth.model import Predicted, Sameness, Score, Truth

NOBODY: Mapping[str, str] = MappingProxyType({})


def score(truth: Truth, predicted: Predicted) -> Score:
    """Compare conclusions with the truth. Records the truth does not know (archived ones, say) count for nothing."""
    known, unknown = known_records(truth, predicted)
    expected = dict(truth.records) | {key: org for key, org in known.items() if key not in truth.records}
    found = same_value_pairs({key: predicted.records[key] for key in known if key in predicted.records})
    partner = {key for key, org in expected.items() if truth.roles[org] == "partner"}
    joined = {pair for pair in found if pair[0] in partner or pair[1] in partner}
    true = same_value_pairs({key: org for key, org in expected.items() if key in partner})
    meaning = meanings(known, predicted.records)
    facts = score_facts(truth, predicted, meaning)
    violations, missing = check_list(truth, known, predicted, meaning)
    twice = [(mail, copy) for mail, copy in truth.same_facts if {mail, copy} <= predicted.fact_ids.keys()]
    candidates = set(predicted.candidates)
    return Score(
        true_pairs=len(true),
        predicted_pairs=len(joined),
        wrong_pairs=sorted(pair for pair in joined if expected[pair[0]] != expected[pair[1]]),
        missed_pairs=sorted(true - joined),
        facts_right=len(facts["right"]),
        wrong_facts=facts["wrong"],
        unattached_facts=facts["unattached"],
        incomplete_facts=facts["incomplete"],
        attachable_facts=sum(bool(each.organizations) and not each.optional for each in truth.facts.values()),
        list_violations=violations,
        partners_missing=missing,
        unknown_records=unknown,
        same_facts=len(twice),
        split_facts=sorted(pair for pair in twice if not same_fact(predicted, *pair)),
        candidates_right=len(candidates & truth.candidates),
        candidates_wrong=sorted(candidates - truth.candidates),
        candidates_missed=sorted(truth.candidates - candidates),
        wrongly_one=wrongly_one(truth, predicted),
        people=sameness(truth.people, predicted.people, truth.namesakes),
        colleagues=sameness(truth.colleagues, predicted.colleagues),
    )


def sameness(
    true: Mapping[str, str], found: Mapping[str, str] | None, alike: Mapping[str, str] = NOBODY
) -> Sameness:
    """Compare who is one with who was joined; records the truth does not know count for nothing.

    alike: record → a label; joining two records of one label is no mistake, and leaving them apart is none either.
    """
    if found is None:
        return Sameness()
    expected = same_value_pairs(true)
    joined = same_value_pairs({key: value for key, value in found.items() if key in true})
    either = {pair for pair in joined - expected if pair[0] in alike and alike[pair[0]] == alike.get(pair[1])}
    joined -= either
    return Sameness(len(expected), len(joined), sorted(joined - expected), sorted(expected - joined))


def wrongly_one(truth: Truth, predicted: Predicted) -> list[tuple[str, str]]:
    """Pairs of facts the truth knows to be two and the hub holds as one."""
    group: dict[str, str] = {key: key for key in truth.facts}
    for one, copy in truth.same_facts:
        group[copy] = group.get(one, one)
    holders: dict[str, list[str]] = {}
    for key, fact_ids in predicted.fact_ids.items():
        for fact_id in fact_ids if key in group else ():
            holders.setdefault(fact_id, []).append(key)
    pairs = (pair for keys in holders.values() for pair in combinations(sorted(set(keys)), 2))
    return sorted(pair for pair in pairs if group[pair[0]] != group[pair[1]])


def same_fact(predicted: Predicted, mail: str, copy: str) -> bool:
    """Whether the hub holds two copies as one fact."""
    return set(predicted.fact_ids[mail]) == set(predicted.fact_ids[copy])


def known_records(truth: Truth, predicted: Predicted) -> tuple[dict[str, str], list[str]]:
    """World organization of every record the truth knows, and the keys of those it does not."""
    known = {key: truth.records[key] for key in truth.records}
    unknown = [key for key in predicted.records if key not in truth.records and key not in predicted.rows]
    for key, payload in predicted.rows.items():
        org = truth.organization_of_row(payload)
        if org is None:
            unknown.append(key)
        else:
            known[key] = org
    return known, sorted(unknown)


def same_value_pairs(values: Mapping[str, str]) -> set[tuple[str, str]]:
    """All pairs of keys with one value, each pair sorted."""
    groups: dict[str, list[str]] = {}
    for key, value in values.items():
        groups.setdefault(value, []).append(key)
    return {pair for members in groups.values() for pair in combinations(sorted(members), 2)}


def meanings(known: Mapping[str, str], records: Mapping[str, str]) -> dict[str, str]:
    """Which world organization each of the hub's ids stands for: that of most of its records."""
    votes: dict[str, Counter[str]] = {}
    for key, hub_id in records.items():
        if key in known:
            votes.setdefault(hub_id, Counter())[known[key]] += 1
    return {
        hub_id: min(count.items(), key=lambda item: (-item[1], item[0]))[0] for hub_id, count in votes.items()
    }


def score_facts(truth: Truth, predicted: Predicted, meaning: Mapping[str, str]) -> dict[str, list[str]]:
    """Fact keys by verdict. A fact that concerns two organizations and hangs on one of them is right but incomplete."""
    verdicts: dict[str, list[str]] = {"right": [], "wrong": [], "unattached": [], "incomplete": []}
    for key, (organizations, optional) in truth.facts.items():
        attached = {meaning.get(hub_id, f"unknown:{hub_id}") for hub_id in predicted.facts.get(key, ())}
        if attached - organizations:
            verdicts["wrong"].append(key)
        elif attached:
            verdicts["right"].append(key)
            if organizations - attached:
                verdicts["incomplete"].append(key)
        elif organizations and not optional:
            verdicts["unattached"].append(key)
    return verdicts


def check_list(
    truth: Truth, known: Mapping[str, str], predicted: Predicted, meaning: Mapping[str, str]
) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Records on the partner list that are no partner's (hub id, record, role), and partners that are not on it."""
    listed = set(predicted.partners)
    violations: list[tuple[str, str, str]] = [
        (hub_id, key, truth.roles[known[key]])
        for key, hub_id in predicted.records.items()
        if hub_id in listed and key in known and truth.roles[known[key]] != "partner"
    ]
    violations += [(hub_id, "", "unknown") for hub_id in listed if hub_id not in meaning]
    shown = {meaning[hub_id] for hub_id in listed if hub_id in meaning}
    partners = {org for org in known.values() if truth.roles[org] == "partner"}
    return sorted(violations), sorted(partners - shown)

"""Scores what the hub concluded against what the world knows: pairs of records, attached facts, the partner list.

The truth of an evaluation is a map from source record to organization of the world. CRM records and activities are
found by record key, mails by Message-ID, rows of the partner list by what stands in them (their key is derived).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from partnerhub.simulator.world.model import Mail, OrgRole, World

STREAM_OF_KIND = {
    "note": "notes",
    "call": "calls",
    "meeting": "meetings",
    "email": "emails",
    "task": "tasks",
    "ticket": "tickets",
}
MAY_STAY_UNATTACHED = frozenset({"newsletter", "bounce", "auto_reply"})
PAIR_PRECISION_GOAL, PAIR_RECALL_GOAL, FACTS_RIGHT_GOAL, UNATTACHED_LIMIT = 0.99, 0.95, 0.98, 0.05

RowContent = frozenset[tuple[str, str]]


class Fact(NamedTuple):
    """The truth about one fact: the organizations it concerns that the sources have records of.

    optional: leaving it unattached is fine (newsletters, bounces, automatic answers).
    """

    organizations: frozenset[str]
    optional: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a world, in terms of source records.

    records: record key of every live CRM company → world organization.
    rows: content of every row of the partner list → world organization.
    facts: `mail:<Message-ID without brackets>` or record key of an activity or deal → truth.
    same_facts: (mail key, activity key) of what is one fact seen in two systems.
    candidates: domains that wrote and were written to, and that no record carries.
    """

    records: Mapping[str, str]
    rows: Mapping[RowContent, str]
    roles: Mapping[str, OrgRole]
    facts: Mapping[str, Fact]
    same_facts: tuple[tuple[str, str], ...]
    candidates: frozenset[str]

    def organization_of_row(self, payload: Mapping[str, object]) -> str | None:
        """The world organization a row of the partner list speaks of, or None when no such row was written."""
        return self.rows.get(row_content(payload))


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the hub concluded.

    records: record key (`source/stream/source_id`) of every organization record → the hub's organization id.
    rows: record key of every spreadsheet record → its payload as landed. partners: ids on the partner list.
    facts: fact key, as in `Truth.facts` → ids it is attached to (empty when unattached).
    fact_ids: fact key → the hub's fact ids that hold it. candidates: domains on the list of candidates.
    """

    records: Mapping[str, str]
    rows: Mapping[str, Mapping[str, object]]
    partners: Collection[str]
    facts: Mapping[str, Collection[str]]
    fact_ids: Mapping[str, Collection[str]] = field(default_factory=dict)
    candidates: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How well conclusions and truth agree. Lists hold what went wrong, for a person to look at; shares are 0 to 1."""

    true_pairs: int
    predicted_pairs: int
    wrong_pairs: list[tuple[str, str]] = field(default_factory=list)
    missed_pairs: list[tuple[str, str]] = field(default_factory=list)
    facts_right: int = 0
    wrong_facts: list[str] = field(default_factory=list)
    unattached_facts: list[str] = field(default_factory=list)
    incomplete_facts: list[str] = field(default_factory=list)
    attachable_facts: int = 0
    list_violations: list[tuple[str, str, str]] = field(default_factory=list)
    partners_missing: list[str] = field(default_factory=list)
    unknown_records: list[str] = field(default_factory=list)
    same_facts: int = 0
    split_facts: list[tuple[str, str]] = field(default_factory=list)
    candidates_right: int = 0
    candidates_wrong: list[str] = field(default_factory=list)
    candidates_missed: list[str] = field(default_factory=list)

    @property
    def pair_precision(self) -> float:
        """Share of joined pairs that are right; 1 when nothing was joined."""
        return 1 - len(self.wrong_pairs) / self.predicted_pairs if self.predicted_pairs else 1.0

    @property
    def pair_recall(self) -> float:
        """Share of true pairs that were joined."""
        return 1 - len(self.missed_pairs) / self.true_pairs if self.true_pairs else 1.0

    @property
    def facts_right_share(self) -> float:
        """Share of attached facts that hang on organizations they concern, and on no other."""
        attached = self.facts_right + len(self.wrong_facts)
        return self.facts_right / attached if attached else 1.0

    @property
    def unattached_share(self) -> float:
        """Share of facts with a known organization that hang on nothing."""
        return len(self.unattached_facts) / self.attachable_facts if self.attachable_facts else 0.0

    @property
    def same_facts_share(self) -> float:
        """Share of facts seen in two systems that the hub holds as one; of those it saw in both."""
        return 1 - len(self.split_facts) / self.same_facts if self.same_facts else 1.0

    def meets_goal(self) -> bool:
        """Whether every figure is within what the project promises."""
        return (
            self.pair_precision >= PAIR_PRECISION_GOAL
            and self.pair_recall >= PAIR_RECALL_GOAL
            and self.facts_right_share >= FACTS_RIGHT_GOAL
            and self.unattached_share <= UNATTACHED_LIMIT
            and not self.list_violations
        )

    def lines(self) -> list[str]:
        """The score in words, a line per question."""
        pairs = f"({self.true_pairs} true, {len(self.wrong_pairs)} wrong, {len(self.missed_pairs)} missed)"
        facts = f"{self.facts_right_share:.3f} right ({len(self.wrong_facts)} wrong)"
        waiting = f"({len(self.unattached_facts)} of {self.attachable_facts})"
        violations, missing = len(self.list_violations), len(self.partners_missing)
        return [
            f"partner pairs: precision {self.pair_precision:.3f}, recall {self.pair_recall:.3f} {pairs}",
            f"attached facts: {facts}, {self.unattached_share:.3f} unattached {waiting}",
            f"partner list: {violations} records that are no partner's, {missing} partners missing",
        ]


def row_content(payload: Mapping[str, object]) -> RowContent:
    """What stands in a row, whatever its place in the file; names starting with `_` are the connector's own."""
    cells = (
        (header.strip(), str(cell).strip()) for header, cell in payload.items() if not header.startswith("_")
    )
    return frozenset((header, cell) for header, cell in cells if header and cell)


def mail_key(message_id: str) -> str:
    """The fact key of a mail."""
    return f"mail:{message_id.strip().strip('<>')}"


def truth_of(world: World, crm_source: str = "hubspot") -> Truth:
    """The truth of a world as it is now; `crm_source` is the CRM's name in `partnerhub.yaml`."""
    live = {
        f"{crm_source}/companies/{c.id}": c.org_id
        for c in world.companies.values()
        if not c.archived_at and not c.merged_into
    }
    rows = {row_content(row.values): row.org_id for row in world.sheet}
    recorded = {*live.values(), *rows.values()}
    facts = {f"{crm_source}/deals/{deal.id}": fact([deal.org_id], recorded) for deal in world.deals.values()}
    mails = {mail.id: mail for mail in world.mails}
    same: list[tuple[str, str]] = []
    for activity in world.activities.values():
        key = f"{crm_source}/{STREAM_OF_KIND[activity.kind]}/{activity.id}"
        facts[key] = fact([activity.org_id], recorded)
        mail = mails.get(activity.mail_id or "")
        if mail and mail.message_id:
            same.append((mail_key(mail.message_id), key))
    for mail in world.mails:
        if mail.message_id:
            concerned = [mail.org_id, *mail.other_org_ids] if mail.org_id else []
            facts[mail_key(mail.message_id)] = fact(
                concerned, recorded, optional=mail.kind in MAY_STAY_UNATTACHED
            )
    roles = {org.id: org.role for org in world.orgs.values()}
    return Truth(live, rows, roles, facts, tuple(same), candidate_domains(world, recorded))


def fact(concerned: Iterable[str], recorded: Collection[str], *, optional: bool = False) -> Fact:
    """The truth about one fact: only organizations that some source has a record of can be expected."""
    return Fact(frozenset(org_id for org_id in concerned if org_id in recorded), optional)


def candidate_domains(world: World, recorded: Collection[str]) -> frozenset[str]:
    """Domains of organizations without any record that mail went to and came from."""
    wrote: set[str] = set()
    was_written_to: set[str] = set()
    for mail in world.mails:
        if mail.kind == "person" and mail.org_id and mail.org_id not in recorded:
            ours, domain = sides(mail, world)
            (was_written_to if ours else wrote).update(domain)
    return frozenset(wrote & was_written_to)


def sides(mail: Mail, world: World) -> tuple[bool, set[str]]:
    """Whether a mail is ours, and the domains of the organization it concerns that take part."""
    org = world.orgs[mail.org_id or ""]
    domains = {address.rpartition("@")[2] for _, address in [mail.sender, *mail.to]} & set(org.domains)
    return mail.sender[1].endswith(f"@{world.own_domain}"), domains


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
    )


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

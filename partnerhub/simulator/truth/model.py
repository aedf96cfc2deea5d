"""What is true of a world, what the hub concluded, and how well both agree: the shapes, without any reckoning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from partnerhub.simulator.world.model import OrgRole

PAIR_PRECISION_GOAL, PAIR_RECALL_GOAL, FACTS_RIGHT_GOAL, UNATTACHED_LIMIT = 0.99, 0.95, 0.98, 0.05
SAME_PRECISION_GOAL, SAME_RECALL_GOAL = 1.0, 0.98

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
    facts: `mail:<Message-ID without brackets>` or record key of an activity, deal, issue, … → truth.
    same_facts: pairs of fact keys that are one fact seen in two systems: a mail and its copy in a CRM, a deal and the
    same opportunity. people: record key of every contact, lead or account of an outsider → the human it is.
    namesakes: those among them whose name somebody else at the same organization has → that name, as nothing in the
    records tells them apart. colleagues: record key of every user → the colleague.
    candidates: domains that wrote and were written to, and that no record carries.
    """

    records: Mapping[str, str]
    rows: Mapping[RowContent, str]
    roles: Mapping[str, OrgRole]
    facts: Mapping[str, Fact]
    same_facts: tuple[tuple[str, str], ...]
    candidates: frozenset[str]
    people: Mapping[str, str] = field(default_factory=dict)
    namesakes: Mapping[str, str] = field(default_factory=dict)
    colleagues: Mapping[str, str] = field(default_factory=dict)

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
    people: Mapping[str, str] | None = None
    colleagues: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Sameness:
    """How well pairs of records that are one thing were found. Lists hold what went wrong, each pair sorted."""

    true_pairs: int = 0
    predicted_pairs: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of joined pairs that are right; 1 when nothing was joined."""
        return 1 - len(self.wrong) / self.predicted_pairs if self.predicted_pairs else 1.0

    @property
    def recall(self) -> float:
        """Share of true pairs that were joined; 1 when there is none."""
        return 1 - len(self.missed) / self.true_pairs if self.true_pairs else 1.0

    def meets_goal(self) -> bool:
        """Whether nothing was joined wrongly and hardly anything missed."""
        return self.precision >= SAME_PRECISION_GOAL and self.recall >= SAME_RECALL_GOAL

    def line(self, what: str) -> str:
        """In words."""
        counts = f"({self.true_pairs} true, {len(self.wrong)} wrong, {len(self.missed)} missed)"
        return f"{what}: precision {self.precision:.3f}, recall {self.recall:.3f} {counts}"


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
    wrongly_one: list[tuple[str, str]] = field(default_factory=list)
    people: Sameness = field(default_factory=Sameness)
    colleagues: Sameness = field(default_factory=Sameness)
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
            and not self.wrongly_one
            and self.people.meets_goal()
            and self.colleagues.meets_goal()
        )

    def lines(self) -> list[str]:
        """The score in words, a line per question."""
        pairs = f"({self.true_pairs} true, {len(self.wrong_pairs)} wrong, {len(self.missed_pairs)} missed)"
        facts = f"{self.facts_right_share:.3f} right ({len(self.wrong_facts)} wrong)"
        waiting = f"({len(self.unattached_facts)} of {self.attachable_facts})"
        violations, missing = len(self.list_violations), len(self.partners_missing)
        one = f"{self.same_facts_share:.3f} of {self.same_facts} mails, meetings and deals are one"
        return [
            f"partner pairs: precision {self.pair_precision:.3f}, recall {self.pair_recall:.3f} {pairs}",
            f"attached facts: {facts}, {self.unattached_share:.3f} unattached {waiting}",
            f"partner list: {violations} records that are no partner's, {missing} partners missing",
            f"seen in several tools: {one} ({len(self.wrongly_one)} wrongly so)",
            *(each.line(what) for what, each in self._asked() if each.true_pairs or each.predicted_pairs),
        ]

    def _asked(self) -> list[tuple[str, Sameness]]:
        return [("people", self.people), ("colleagues", self.colleagues)]


def row_content(payload: Mapping[str, object]) -> RowContent:
    """What stands in a row, whatever its place in the file; names starting with `_` are the connector's own."""
    cells = (
        (header.strip(), str(cell).strip()) for header, cell in payload.items() if not header.startswith("_")
    )
    return frozenset((header, cell) for header, cell in cells if header and cell)


def mail_key(message_id: str) -> str:
    """The fact key of a mail."""
    return f"mail:{message_id.strip().strip('<>')}"

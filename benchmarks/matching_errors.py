"""What matching gets wrong, in classes that are counted: pairs that should be joined and are not, and the other way.

A class is told from what the two records say, never from their truth; the first one that fits counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from partnerhub.identity.features import Features
from partnerhub.identity.words import known_words

NEVER, LOW, HELD = "never compared", "weighs too little", "held back by grouping"
EXAMPLES = 2
LONGEST_EXAMPLE = 60


@dataclass
class Class:
    """One class of errors: how many pairs, by how they came about, and a few of them."""

    by_reason: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        """All pairs of the class."""
        return sum(self.by_reason.values())

    def add(self, reason: str, left: Features, right: Features) -> None:
        """Count a pair; the first few, each of names not shown yet, are kept as examples."""
        self.by_reason[reason] += 1
        said = f"{told(left)} / {told(right)}"
        if len(self.examples) < EXAMPLES and len(said) <= 2 * LONGEST_EXAMPLE and fresh(said, self.examples):
            self.examples.append(said)


def fresh(said: str, examples: Iterable[str]) -> bool:
    """Whether no example names one of the two already."""
    shown = {name for example in examples for name in example.split(" / ")}
    return not shown & set(said.split(" / "))


def told(f: Features) -> str:
    """A record as an example: its name, else its site."""
    return str(
        (f.shown.get("name") if f.names else None) or f.host or f.mail_host or "without a name"
    ).replace("|", " ")


def errors(
    features: Iterable[Features],
    truth: Mapping[str, str],
    groups: Mapping[str, str],
    scores: Mapping[tuple[str, str], float],
    auto: float,
) -> tuple[dict[str, Class], dict[str, Class]]:
    """Missed pairs and wrong pairs by class, the largest class first. scores: by pair, the smaller record first."""
    known = {f.record: f for f in features if f.record in truth}
    missed: dict[str, Class] = defaultdict(Class)
    wrong: dict[str, Class] = defaultdict(Class)
    for left, right in apart(known, truth, groups):
        score = scores.get((left, right))
        reason = NEVER if score is None else LOW if score < auto else HELD
        missed[missed_kind(known[left], known[right])].add(reason, known[left], known[right])
    for left, right in apart(known, groups, truth):
        reason = "compared" if (left, right) in scores else "by way of others"
        wrong[wrong_kind(known[left], known[right])].add(reason, known[left], known[right])
    return largest_first(missed), largest_first(wrong)


def apart(
    records: Iterable[str], one: Mapping[str, str], other: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Pairs that are together in one partition and apart in the other."""
    together: dict[str, list[str]] = defaultdict(list)
    for record in sorted(records):
        together[one[record]].append(record)
    for members in together.values():
        yield from ((a, b) for a, b in combinations(members, 2) if other[a] != other[b])


def largest_first(classes: Mapping[str, Class]) -> dict[str, Class]:
    """Classes by size."""
    return dict(sorted(classes.items(), key=lambda item: (-item[1].pairs, item[0])))


def missed_kind(left: Features, right: Features) -> str:
    """Why two records of one organization do not look like it."""
    short = set(left.acronyms + right.acronyms)
    spelled_out = set(left.initials + right.initials)
    fitting = (
        (not left.names or not right.names, "no name on one side"),
        (left.latin_name != right.latin_name, "another script"),
        (bool(set(left.names) & set(right.names)), "same name, too little beside it"),
        (bool(short & spelled_out), "acronym and its words"),
        (bool(short), "acronym of another language or of other words"),
    )
    return next((kind for fits, kind in fitting if fits), None) or missed_words(left, right)


def missed_words(left: Features, right: Features) -> str:
    """The same of two spelled-out names in one script, by the words they share."""
    shared = set(left.words) & set(right.words)
    if shared - known_words().concepts:
        return "part of the name"
    if not shared:
        return "new name, or words no table holds"
    translated = not set(left.spelled) & set(right.spelled)
    return "translation, nothing but general words in common" if translated else "general words in common"


def wrong_kind(left: Features, right: Features) -> str:
    """Why two records of different organizations look like one."""
    if set(left.names) & set(right.names):
        return "two organizations of one name"
    sites = {left.host, left.mail_host} & {right.host, right.mail_host} - {None}
    if sites:
        return "two organizations at one site"
    if left.domain and left.domain == right.domain:
        return "parent, branch or sister under one domain"
    if set(left.acronyms + right.acronyms) & set(left.initials + right.initials + left.labels + right.labels):
        return "an acronym of both"
    if set(left.words) & set(right.words):
        return "names that resemble each other"
    return "tied by a third record"

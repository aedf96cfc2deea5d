"""Why two records are taken for one, or not: the levels of the scorecard in words, added up by evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.features import Features
from partnerhub.identity.scorecard import CLASSES, Comparison
from partnerhub.identity.weights import Weights, level_words, read_weights

START = "start"
QUOTED = {"name": "name", "site": "website", "place": "city", "phone": "phone", "street": "street"}
"""Evidence → which shown value an explanation quotes."""
TOLD_BY = {"name": ("how_named",), "site": ("how_sited", "site_says"), "place": ("how_placed",)}
"""Evidence → the classes that say in words what was found."""
BESIDE = {
    "sites of the name", "numbers", "kind of organization at one site", "said country", "acronyms", "script",
}  # fmt: skip
"""Comparisons whose level is told beside the classes where it moves the weight by NOTABLE bits."""
NOTABLE = 0.75
SILENT = {levels[-1].words for name, levels in CLASSES.items() if name == "site_says"}
BRANCH_WORDS = "looks like head office and branch"


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence. weight: bits for (positive) or against (negative)."""

    what: str
    left: str | None
    right: str | None
    weight: float
    words: str

    @property
    def sentence(self) -> str:
        """The reason as one line: what was found, and the two values where they say more."""
        values = {value for value in (self.left, self.right) if value}
        quoted = f" ({' / '.join(sorted(values))})" if values else ""
        return f"{self.words}{quoted}: {self.weight:+.1f}"

    def as_dict(self) -> dict[str, str | float | None]:
        """The reason as stored beside the pair."""
        return {
            "what": self.what, "left": self.left, "right": self.right, "weight": self.weight, "words": self.words
        }  # fmt: skip


def reasons_of(
    levels: Mapping[str, int],
    left: Features,
    right: Features,
    *,
    branch: bool = False,
    weights: Weights | None = None,
) -> list[Reason]:
    """What spoke for and against, strongest first, and what two records weigh before anything is compared.

    The weights of all reasons add up to the weight of the pair. levels: as `Scored` has them. branch: no score may
    join the two.
    """
    known = weights or read_weights()
    found: dict[str, float] = {}
    for comparison in SCORECARD:
        bits = known.of(comparison)[levels[comparison.name]]
        evidence = comparison.evidence
        # Where there is no site, what a name alone is worth is a matter of the name.
        if comparison.name == "name and site" and not has_sites(levels):
            evidence = "name"
        found[evidence] = found.get(evidence, 0.0) + bits
    reasons = [
        Reason(
            what,
            quoted(left, what),
            quoted(right, what),
            round(bits, 2),
            ", ".join(told(what, levels, known)),
        )
        for what, bits in found.items()
        if not isclose(bits, 0.0, abs_tol=0.005)
    ]
    reasons.sort(key=lambda reason: (-abs(reason.weight), reason.what))
    if branch:
        reasons.insert(
            0, Reason("branch", left.shown.get("city"), right.shown.get("city"), 0.0, BRANCH_WORDS)
        )
    start = Reason(START, None, None, round(known.prior, 2), "before anything is compared")
    return [*reasons, start]


def has_sites(levels: Mapping[str, int]) -> bool:
    """Whether both have a site or mail domain."""
    return levels["how_sited"] < len(CLASSES["how_sited"]) - 2


def quoted(features: Features, evidence: str) -> str | None:
    """The shown value an evidence is about."""
    return features.shown.get(QUOTED[evidence])


def told(evidence: str, levels: Mapping[str, int], weights: Weights) -> Iterator[str]:
    """What was found about one kind of evidence."""
    for name in TOLD_BY.get(evidence, ()):
        words = CLASSES[name][levels[name]].words
        if words and words not in SILENT:
            yield words
    for comparison in SCORECARD:
        if comparison.evidence != evidence or not isinstance(comparison, Comparison):
            continue
        words = level_words(comparison)[levels[comparison.name]]
        bits = weights.of(comparison)[levels[comparison.name]]
        if words and (evidence not in TOLD_BY or (comparison.name in BESIDE and abs(bits) >= NOTABLE)):
            yield words
    known = CLASSES["how_known"]
    if evidence == "name" and not has_sites(levels) and known[levels["how_known"]] != known[-1]:
        yield str(known[levels["how_known"]].words)

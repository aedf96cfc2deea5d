"""Deduplicate a spreadsheet of organizations, row by row, with the functions and settings of the sync.

Needs no warehouse. `pipelines.resolve.many_rows` says the same of any number of rows; this is the shorter text, and
what Spark goes by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from partnerhub.identity.assign import Standing, assign
from partnerhub.identity.explain import reasons_of
from partnerhub.identity.features import Features
from partnerhub.identity.grouping import Guarded, Pair, Problem, group
from partnerhub.identity.policy import DEFAULT, Policy
from pipelines.resolve.frequency import counted
from pipelines.resolve.scores import Scored, score_pairs
from pipelines.resolve.sheet_rows import sheet_features, staged_row


@dataclass(frozen=True, slots=True)
class ResolvedRow:
    """One row of the spreadsheet and the organization it belongs to.

    match_weight: bits of the best pair that ties it to its group; None when it stands alone. reasons: that pair in
    words.
    """

    source: str
    source_id: str
    partner_id: str
    match_weight: float | None
    reasons: tuple[str, ...]


def resolve_sheet(
    rows: Iterable[Mapping[str, Any]],
    columns: Mapping[str, str] | None = None,
    *,
    default_source: str = "sheet",
    default_region: str | None = None,
    policy: Policy = DEFAULT,
    score: Callable[..., list[Scored]] = score_pairs,
) -> list[ResolvedRow]:
    """The rows in order, each with the id of its organization: the same for the same content, whatever the order.

    columns: our column → theirs, for columns called otherwise. Rows with neither name nor
    site are left out. Two rows with one
    (source, source_id) count as one. Values that cannot be read count as empty. score: the engine that compares them.
    """
    staged = {
        row["record"]: row
        for number, given in enumerate(rows, start=1)
        if (row := staged_row(given, columns or {}, (default_source, str(number)), default_region))
    }
    features = [sheet_features(row) for row in staged.values()]
    scored = score(
        features, fresh=None, frequencies=counted(features, policy), at_least=policy.review, policy=policy
    )
    groups = group(sheet_problem(features, scored), policy)
    links = {link.record: link.entity_id for link in assign("organization", groups, Standing()).links}
    return resolved(staged, links, scored, features)


def sheet_problem(features: list[Features], scored: list[Scored]) -> Problem:
    """What grouping may know about the rows."""
    return Problem(
        records=[f.record for f in features],
        pairs=[Pair(p.left, p.right, p.weight) for p in scored if not p.vetoed],
        strangers=frozenset((p.left, p.right) for p in scored if p.vetoed),
        guarded={f.record: guarded(f) for f in features},
    )


def guarded(f: Features) -> Guarded:
    """What restrains a row; of two rows with nothing but one name, the one is the other."""
    return Guarded(
        mention=f.only_a_name,
        name=f.names[0] if f.names else None,
        country=f.country,
        names=() if f.said_country else f.names,
    )


def resolved(
    staged: Mapping[str, dict[str, Any]],
    links: Mapping[str, str],
    scored: Iterable[Scored],
    features: list[Features],
) -> list[ResolvedRow]:
    """The answer for each row, with its best pair inside its group."""
    known = {f.record: f for f in features}
    best: dict[str, Scored] = {}
    for pair in scored:
        if links[pair.left] != links[pair.right]:
            continue
        for record in (pair.left, pair.right):
            if record not in best or pair.weight > best[record].weight:
                best[record] = pair
    answers = []
    for record, row in staged.items():
        tie = best.get(record)
        reasons = (
            reasons_of(tie.levels, known[tie.left], known[tie.right], branch=tie.branch)
            if tie is not None
            else []
        )
        weight = tie.weight if tie is not None else None
        words = tuple(reason.sentence for reason in reasons)
        answers.append(ResolvedRow(row["source"], row["source_id"], links[record], weight, words))
    return answers

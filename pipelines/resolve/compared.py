"""The scorecard as SQL: from pairs of records to the level each comparison shows, and to the weight of the pair."""

from __future__ import annotations

from partnerhub.identity.comparisons import BRANCH, SCORECARD
from partnerhub.identity.scorecard import CLASSES, DERIVED, FACTS, Comparison, Cross, Level
from partnerhub.identity.weights import Weights

PAIRS = "pairs"
"""The table of candidate pairs: (left_record, right_record), left < right."""
NODES = "nodes"
"""The table of features, a row per record, as `pipelines.resolve.feature_table` makes it."""
JOINED = (
    f"{PAIRS} p JOIN {NODES} l ON l.unique_id = p.left_record JOIN {NODES} r ON r.unique_id = p.right_record"
)
"""Where both records of a pair come from. Any relation with left_record, right_record, l.* and r.* does."""


def levels_query(joined: str = JOINED) -> str:
    """A row per pair of `joined`: left_record, right_record, branch, and level numbers, `level_<n>` by place."""
    facts = ", ".join(f"({sql}) AS {name}" for name, sql in FACTS.items())
    derived = ", ".join(f"({sql}) AS {name}" for name, sql in DERIVED.items())
    classes = ", ".join(f"{first_fitting(levels)} AS class_{name}" for name, levels in CLASSES.items())
    levels = ", ".join(f"{level_number(c)} AS level_{n}" for n, c in enumerate(SCORECARD))
    shown = ", ".join(f"class_{name}" for name in CLASSES)
    return f"""
    WITH fact AS (
        SELECT left_record, right_record, {facts} FROM {joined}
    ),
    derived AS (SELECT *, {derived} FROM fact),
    classed AS (SELECT *, {classes} FROM derived)
    SELECT left_record, right_record, coalesce({BRANCH}, false) AS branch, {shown}, {levels} FROM classed
    """


def weighed_query(weights: Weights, joined: str = JOINED) -> str:
    """The same with the weight of each pair in bits."""
    bits = " + ".join(f"{constant(weights.of(c))}[level_{n} + 1]" for n, c in enumerate(SCORECARD))
    return f"SELECT *, round({weights.prior}::DOUBLE + {bits}, 3) AS weight FROM ({levels_query(joined)})"


def constant(bits: list[float]) -> str:
    """A list of numbers as SQL."""
    return f"([{', '.join(repr(float(b)) for b in bits)}]::DOUBLE[])"


def first_fitting(levels: tuple[Level, ...]) -> str:
    """The number of the first level that fits."""
    cases = " ".join(f"WHEN {level.when} THEN {n}" for n, level in enumerate(levels[:-1]))
    return f"CASE {cases} ELSE {len(levels) - 1} END"


def level_number(comparison: Comparison | Cross) -> str:
    """The number of the level a comparison shows."""
    if isinstance(comparison, Comparison):
        return first_fitting(comparison.levels)
    number = "0"
    for name in comparison.classes:
        number = f"({number} * {len(CLASSES[name])} + class_{name})"
    return number

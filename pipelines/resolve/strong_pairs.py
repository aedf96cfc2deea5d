"""The scorecard as SQL that skips what cannot matter: for millions of pairs of which a quarter is worth keeping.

What costs most to find out (LATE: half of everything) is asked only where it may still decide: where all else, and the
most that it could add, would do. What comes out are the weights of `weighed_query` to the last digit.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import takewhile
from typing import Final

from partnerhub.identity.comparisons import BRANCH, SCORECARD
from partnerhub.identity.scorecard import CLASSES, DERIVED, FACTS, Comparison, Cross
from partnerhub.identity.weights import Weights
from pipelines.resolve.compared import JOINED, constant, first_fitting, level_number

LATE: Final = ("shared_trigrams",)
HALF = "(least(len(l.compact), len(r.compact)) - 1) // 2"
NEEDED: Final = {
    "slip": f"l.compact <> r.compact AND (left(l.compact, {HALF}) = left(r.compact, {HALF})"
    f" OR right(l.compact, {HALF}) = right(r.compact, {HALF}))"
}
"""What must hold for a costly fact to be true: a single slip leaves the first or the second half of a name as it is."""
ROUNDING: Final = 0.001
"""More than adding up in another order, and rounding, can make of a sum."""
NAME, COLUMN = re.compile(r"[a-z_]\w*"), re.compile(r"\b([lr])\.(\w+)")


def strong_query(weights: Weights, at_least: float, joined: str = JOINED) -> str:
    """left_record, right_record, branch, weight of the pairs of at least so many bits, and of those like branches."""
    late = names_with(LATE)
    numbers = range(len(SCORECARD))
    after = {n: unsettled(SCORECARD[n], late) for n in numbers if asks_for(SCORECARD[n], late)}
    bits = {n: f"{constant(weights.of(SCORECARD[n]))}[{level_number(SCORECARD[n])} + 1]" for n in numbers}
    most = [
        f"CASE WHEN {test} THEN {max(weights.of(SCORECARD[n]))!r} ELSE 0 END" for n, test in after.items()
    ]
    first = [f"{bits[n]} AS bits_{n}" for n in numbers if n not in after]
    terms = [bits[n] if n in after else f"bits_{n}" for n in numbers]
    bound = total(weights, [*(f"bits_{n}" for n in numbers if n not in after), *most])
    return f"""
    WITH fact AS (SELECT left_record, right_record, {early_facts()} FROM {joined}),
    derived AS (SELECT *, {listed({n: sql for n, sql in DERIVED.items() if n not in late})} FROM fact),
    classed AS (SELECT *, {listed({f"class_{n}": first_fitting(levels) for n, levels in CLASSES.items()})}
    FROM derived),
    worth AS (SELECT *, coalesce({BRANCH}, false) AS branch, {", ".join(first)} FROM classed),
    judged AS MATERIALIZED (SELECT *, {bound} >= {at_least - ROUNDING} OR branch AS possible FROM worth),
    late_fact AS (SELECT *, {late_facts(" OR ".join(after.values()) or "false")} FROM judged WHERE possible),
    late_derived AS (SELECT *, {listed({n: sql for n, sql in DERIVED.items() if n in late})} FROM late_fact)
    SELECT * FROM (
        SELECT left_record, right_record, branch, round({total(weights, terms)}, 3) AS weight FROM late_derived
    ) WHERE weight >= {at_least} OR branch
    """


def names_with(facts: Collection[str]) -> set[str]:
    """The facts, and what is derived by means of them."""
    found = set(facts)
    for name, sql in DERIVED.items():
        if asked(sql, found):
            found.add(name)
    return found


def asked(sql: str, names: Collection[str]) -> bool:
    """Whether an expression speaks of one of the names."""
    return not set(names).isdisjoint(NAME.findall(sql))


def asks_for(comparison: Comparison | Cross, names: Collection[str]) -> bool:
    """Whether the level of a comparison depends on one of the names. No class does."""
    return isinstance(comparison, Comparison) and any(asked(level.when, names) for level in comparison.levels)


def unsettled(comparison: Comparison | Cross, names: Collection[str]) -> str:
    """When none of those first levels fits that depend on none of the names and say nothing."""
    levels = comparison.levels if isinstance(comparison, Comparison) else ()
    first = takewhile(lambda level: level.words is None and not asked(level.when, names), levels)
    fits = " OR ".join(f"({level.when})" for level in first) or "false"
    return f"NOT coalesce({fits}, false)"


def early_facts() -> str:
    """All facts but the late ones, and the columns these will need."""
    sides = sorted({found for fact in LATE for found in COLUMN.findall(FACTS[fact])})
    carried = {f"{side}_{name}": f"{side}.{name}" for side, name in sides}
    asked_if = {
        name: f"CASE WHEN {test} THEN ({FACTS[name]}) ELSE false END" for name, test in NEEDED.items()
    }
    return listed({name: sql for name, sql in (FACTS | asked_if).items() if name not in LATE} | carried)


def late_facts(wanted: str) -> str:
    """The late facts, 0 where nobody asks for them."""
    found = {fact: COLUMN.sub(r"\1_\2", FACTS[fact]) for fact in LATE}
    return listed({fact: f"CASE WHEN {wanted} THEN ({sql}) ELSE 0 END" for fact, sql in found.items()})


def listed(columns: dict[str, str]) -> str:
    """Expressions as columns."""
    return ", ".join(f"({sql}) AS {name}" for name, sql in columns.items())


def total(weights: Weights, terms: Collection[str]) -> str:
    """The sum of bits, added up in order."""
    return " + ".join([f"{weights.prior}::DOUBLE", *terms])

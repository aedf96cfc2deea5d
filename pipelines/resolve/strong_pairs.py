"""The scorecard as SQL in two steps, for millions of pairs of which a quarter is worth keeping.

What two names say of each other (most of the scorecard, and all that costs much) is asked once for every two names,
the rest of every two records; what may be counted as numbers comes counted. Which is which follows from the columns
that the facts speak of. What comes out are the weights of `weighed_query` to the last digit.

Both queries read GIVEN, where `n` is what is known of the two names: what they share at first, then what they say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import takewhile
from typing import Final, NamedTuple

from partnerhub.identity.comparisons import BRANCH, SCORECARD
from partnerhub.identity.scorecard import CLASSES, DERIVED, FACTS, Comparison, Cross
from partnerhub.identity.weights import Weights
from pipelines.resolve.compared import constant, first_fitting, level_number
from pipelines.resolve.name_pairs import NAME_COLUMNS
from pipelines.resolve.prepared import GIVEN

HALF = "(least(len(l.compact), len(r.compact)) - 1) // 2"
NEEDED: Final = {
    "slip": (
        "l.compact <> r.compact AND n.shared_trigrams + 4 >= greatest(len(l.trigrams), len(r.trigrams))",
        f"left(l.compact, {HALF}) = left(r.compact, {HALF}) OR right(l.compact, {HALF}) = right(r.compact, {HALF})",
    )
}
"""What must hold for a costly fact to be true, the cheapest first.

A single slip spoils four of a name's three letters in a row at most, and leaves its first or its second half as it is.
"""
COUNTED: Final = re.compile(r"len\(list_intersect\(l\.(\w+), r\.\1\)\)")
WEIGHED: Final = re.compile(
    r"list_sum\(list_transform\(list_intersect\(l\.(\w+), r\.\1\), lambda x: x % 10\)\)"
)
"""Facts that count, or add up the last digits of, what two lists share: as SQL has them they cost most of all."""
NAME, COLUMN = re.compile(r"[a-z_]\w*"), re.compile(r"\b[lr]\.(\w+)")
LENGTH, LENGTH_OF = re.compile(r"\blen\(([lr])\.(\w+)\)"), re.compile(r"^length_of_(\w+)$")
"""How long a list or a text is comes as a column, so that many need not come themselves."""


class Shared(NamedTuple):
    """A fact that comes counted. column: of lists. weighed: their items count what their last digits say."""

    column: str
    weighed: bool


class Step(NamedTuple):
    """What one of the two queries finds out, by name: SQL of facts and derived facts, classes, places in SCORECARD."""

    facts: dict[str, str]
    derived: dict[str, str]
    classes: tuple[str, ...]
    comparisons: tuple[int, ...]

    def columns(self) -> list[str]:
        """The columns of a side that its facts speak of, sorted."""
        return sorted({column for sql in self.asking().values() for column in COLUMN.findall(sql)})

    def asking(self) -> dict[str, str]:
        """Each fact as it is asked of GIVEN."""
        return {name: cheaply(name, sql) for name, sql in self.facts.items()}


def cheaply(name: str, sql: str) -> str:
    """The SQL of a fact by means of what GIVEN has."""
    if name in SHARED:
        return f"n.{name}"
    for needed in reversed(NEEDED.get(name, ())):
        sql = f"CASE WHEN {needed} THEN ({sql}) ELSE false END"
    return LENGTH.sub(r"\1.length_of_\2", sql)


def shared_facts() -> dict[str, Shared]:
    """The facts about the names that come counted."""
    found = {}
    for name, sql in FACTS.items():
        counted, weighed = COUNTED.fullmatch(sql), WEIGHED.fullmatch(sql)
        column = (counted or weighed or [None, None])[1]
        if column in NAME_COLUMNS:
            found[name] = Shared(column, weighed is not None)
    return found


def about_names() -> Step:
    """What depends on nothing but the two names."""
    facts = {name: sql for name, sql in FACTS.items() if set(COLUMN.findall(sql)) <= {*NAME_COLUMNS}}
    others = FACTS.keys() - facts.keys()
    derived: dict[str, str] = {}
    for name, sql in DERIVED.items():
        if asked(sql, others):
            others |= {name}
        else:
            derived[name] = sql
    classes = tuple(
        n for n, levels in CLASSES.items() if not any(asked(level.when, others) for level in levels)
    )
    known = tuple(n for n, comparison in enumerate(SCORECARD) if is_known(comparison, others, classes))
    return Step(facts, derived, classes, known)


def is_known(comparison: Comparison | Cross, others: Collection[str], classes: Collection[str]) -> bool:
    """Whether a comparison asks for none of the other facts and for no class but these."""
    if isinstance(comparison, Cross):
        return set(comparison.classes) <= set(classes)
    return not any(asked(level.when, others) for level in comparison.levels)


def asked(sql: str, names: Collection[str]) -> bool:
    """Whether an expression speaks of one of the names."""
    return not set(names).isdisjoint(NAME.findall(sql))


SHARED: Final = shared_facts()
NAMES: Final = about_names()
RECORDS: Final = Step(
    {name: sql for name, sql in FACTS.items() if name not in NAMES.facts},
    {name: sql for name, sql in DERIVED.items() if name not in NAMES.derived},
    tuple(name for name in CLASSES if name not in NAMES.classes),
    tuple(n for n in range(len(SCORECARD)) if n not in NAMES.comparisons),
)
FIRST: Final = tuple(takewhile(lambda n: n in NAMES.comparisons, range(len(SCORECARD))))
"""The comparisons that are added up first and are known from the names."""


def carried() -> list[str]:
    """Facts and classes of the names that the second step asks for, sorted."""
    said = [*RECORDS.derived.values(), BRANCH]
    said += [level.when for name in RECORDS.classes for level in CLASSES[name]]
    classes: set[str] = set()
    for n in RECORDS.comparisons:
        comparison = SCORECARD[n]
        if isinstance(comparison, Comparison):
            said += [level.when for level in comparison.levels]
        else:
            classes |= {f"class_{name}" for name in comparison.classes if name in NAMES.classes}
    words = {word for sql in said for word in NAME.findall(sql)}
    return sorted((words & (NAMES.facts.keys() | NAMES.derived.keys())) | classes)


def names_query(weights: Weights) -> str:
    """What every two names of GIVEN say of each other, in order: the facts and classes that are carried, and bits."""
    bits = {f"bits_{n}": bits_of(n, weights) for n in NAMES.comparisons if n not in FIRST}
    first = total(weights, [bits_of(n, weights) for n in FIRST])
    return f"""
    WITH fact AS (SELECT {listed(NAMES.asking())} FROM {GIVEN}),
    derived AS (SELECT *, {listed(NAMES.derived)} FROM fact),
    classed AS (SELECT *, {listed(numbers_of(NAMES.classes))} FROM derived)
    SELECT {", ".join(carried())}, {listed(bits | {"first_bits": first})} FROM classed
    """


def strong_query(weights: Weights, at_least: float) -> str:
    """left_record, right_record, branch, weight of the pairs of at least so many bits, and of those like branches."""
    known = [*carried(), *(f"bits_{n}" for n in NAMES.comparisons if n not in FIRST), "first_bits"]
    facts = {name: f"n.{name}" for name in known} | RECORDS.asking()
    terms = [
        f"bits_{n}" if n in NAMES.comparisons else bits_of(n, weights)
        for n in range(len(FIRST), len(SCORECARD))
    ]
    return f"""
    WITH fact AS (SELECT left_record, right_record, {listed(facts)} FROM {GIVEN}),
    derived AS (SELECT *, {listed(RECORDS.derived)} FROM fact),
    classed AS (SELECT *, {listed(numbers_of(RECORDS.classes))} FROM derived)
    SELECT * FROM (
        SELECT left_record, right_record, coalesce({BRANCH}, false) AS branch,
        round({" + ".join(["first_bits", *terms])}, 3) AS weight FROM classed
    ) WHERE weight >= {at_least} OR branch
    """


def numbers_of(classes: Iterable[str]) -> dict[str, str]:
    """The level that each class shows."""
    return {f"class_{name}": first_fitting(CLASSES[name]) for name in classes}


def bits_of(n: int, weights: Weights) -> str:
    """The bits of the level that a comparison shows."""
    return f"{constant(weights.of(SCORECARD[n]))}[{level_number(SCORECARD[n])} + 1]"


def listed(columns: dict[str, str]) -> str:
    """Expressions as columns."""
    return ", ".join(f"({sql}) AS {name}" for name, sql in columns.items())


def total(weights: Weights, terms: Collection[str]) -> str:
    """The sum of bits, added up in order."""
    return " + ".join([f"{weights.prior}::DOUBLE", *terms])

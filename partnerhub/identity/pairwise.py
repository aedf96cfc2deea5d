"""The scorecard for a handful of pairs, without an engine: the same facts, levels and bits, computed in place.

`pipelines.resolve.compared` says the same in SQL for millions of pairs; `tests/pipelines/test_likely.py` holds the two
together, pair by pair. A side is a row as `pipelines.resolve.feature_table.feature_row` makes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, Final

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.scorecard import CLASSES, DERIVED, Comparison, Cross, Level
from partnerhub.identity.weights import Weights

Row = Mapping[str, Any]
WORDS: Final = (("AND", "and"), ("OR", "or"), ("NOT", "not"))
NAMES: Final[dict[str, Any]] = {
    "__builtins__": {},
    "min": min,
    "max": max,
    "coalesce": lambda value, otherwise: otherwise if value is None else value,
}
SHORT, ALIKE = 7, 0.8
LEVELED: Final = {**CLASSES} | {each.name: each.levels for each in SCORECARD if isinstance(each, Comparison)}
"""Class, or comparison by itself → its levels in order."""
BOOST, PREFIX, SCALE = 0.7, 4, 0.1
"""Jaro-Winkler: from which similarity a common beginning counts, how many letters of it, and how much each."""


def weight_of(left: Row, right: Row, weights: Weights) -> float:
    """What a pair weighs, in bits, rounded as scores are."""
    levels = levels_of(left, right)
    bits = (weights.of(each)[levels[each.name]] for each in SCORECARD)
    return round(weights.prior + sum(bits), 3)


def levels_of(left: Row, right: Row) -> dict[str, int]:
    """Comparison, or class, → the number of the level a pair shows; `explain.reasons_of` tells it in words."""
    known = facts(left, right)
    for name, code in derived_codes():
        known[name] = eval(code, NAMES, known)  # noqa: S307  # the scorecard's own expressions, nobody's input
    found: tuple[int, ...] = eval(level_code(), NAMES, known)  # noqa: S307  # the same
    levels = dict(zip(LEVELED, found, strict=True))
    return levels | {each.name: crossed(each, levels) for each in SCORECARD if isinstance(each, Cross)}


def crossed(comparison: Cross, classes: Mapping[str, int]) -> int:
    """The number of the level of several classes together."""
    number = 0
    for name in comparison.classes:
        number = number * len(CLASSES[name]) + classes[name]
    return number


@lru_cache(maxsize=1)
def level_code() -> CodeType:
    """The numbers of the levels of all of LEVELED in one expression: of each the first that fits."""
    return compile(f"({', '.join(first_fitting(each) for each in LEVELED.values())})", "scorecard", "eval")


def first_fitting(levels: Sequence[Level]) -> str:
    """`0 if … else 1 if … else 2`, as one may ask for the first level that fits."""
    tests = (f"{number} if {in_python(level.when)} else" for number, level in enumerate(levels[:-1]))
    return f"({' '.join(tests)} {len(levels) - 1})"


@lru_cache(maxsize=1)
def derived_codes() -> tuple[tuple[str, CodeType], ...]:
    """The facts that follow from facts, in their order."""
    return tuple((name, compile(in_python(each), "scorecard", "eval")) for name, each in DERIVED.items())


def in_python(condition: str) -> str:
    """`a = 1 AND NOT b` → `a == 1 and not b`: conditions over facts hold nothing else that SQL spells otherwise."""
    said = re.sub(r"(?<![<>!=])=(?!=)", "==", condition.replace("<>", "!="))
    for theirs, ours in WORDS:
        said = re.sub(rf"\b{theirs}\b", ours, said)
    return said.replace("least(", "min(").replace("greatest(", "max(")


def facts(l: Row, r: Row) -> dict[str, Any]:  # noqa: E741  # the two sides, called as in the scorecard
    """What `scorecard.FACTS` says, by the same names."""
    return name_facts(l, r) | word_facts(l, r) | site_facts(l, r) | place_facts(l, r)


def name_facts(l: Row, r: Row) -> dict[str, Any]:  # noqa: E741
    """What the two are called."""
    unnamed = not l["names"] or not r["names"]
    spelling = jaro_winkler(l["compact"] or "", r["compact"] or "")
    return {
        "unnamed": unnamed,
        "shared_name": any_of(l["names"], r["names"]),
        "first_name": not unnamed and l["names"][0] == r["names"][0],
        "same_words": len(l["words"]) > 0 and list(l["words"]) == list(r["words"]),
        "same_letters": l["compact"] == r["compact"],
        "slip": spelling >= ALIKE
        and min(len(l["compact"]), len(r["compact"])) >= SHORT
        and one_slip(l["compact"], r["compact"]),
        "spelling": spelling,
        "shorter": min(len(l["compact"]), len(r["compact"])),
        "initials": any_of(l["acronyms"], r["initials"]) or any_of(r["acronyms"], l["initials"]),
        "bearers": max(l["short_names"], r["short_names"]),
        "same_acronym": any_of(l["acronyms"], r["acronyms"]),
        "acronyms": bool(l["acronyms"]) + bool(r["acronyms"]),
        "scripts_differ": l["latin_name"] != r["latin_name"],
        "other_scripts": (not l["latin_name"]) + (not r["latin_name"]),
        "name_domains": max(l["name_domains"], r["name_domains"]),
        "name_records": max(l["name_records"], r["name_records"]),
        "bare": l["only_a_name"] + r["only_a_name"],
    }


def word_facts(l: Row, r: Row) -> dict[str, Any]:  # noqa: E741
    """Which words they share, and how telling those are."""
    return {
        "shared_weight": sum(word % 10 for word in {*l["weighed"]} & {*r["weighed"]}),
        "left_weight": l["weight"],
        "right_weight": r["weight"],
        "shared_spelled": sum(word % 10 for word in {*l["weighed_spelled"]} & {*r["weighed_spelled"]}),
        "left_spelled": l["spelled_weight"],
        "right_spelled": r["spelled_weight"],
        "shared_trigrams": len({*l["trigrams"]} & {*r["trigrams"]}),
        "fewer_trigrams": min(len(l["trigrams"]), len(r["trigrams"])),
        "all_trigrams": len(l["trigrams"]) + len(r["trigrams"]),
        "shared_own": len({*l["own"]} & {*r["own"]}),
        "shared_rare": len({*l["rare"]} & {*r["rare"]}),
        "fewer_own": min(len(l["own"]), len(r["own"])),
        "fewer_words": min(len(l["words"]), len(r["words"])),
        "same_kinds": list(l["kinds"]) == list(r["kinds"]),
        "kinds_within": {*l["kinds"]} >= {*r["kinds"]} or {*r["kinds"]} >= {*l["kinds"]},
        "fewer_kinds": min(len(l["kinds"]), len(r["kinds"])),
        "same_numbers": list(l["numbers"]) == list(r["numbers"]),
    }


def site_facts(l: Row, r: Row) -> dict[str, Any]:  # noqa: E741
    """Their sites and mail domains, and what those are called."""
    return {
        "host": equal(l["host"], r["host"]),
        "mail": equal(l["host"], r["mail_host"])
        or equal(l["mail_host"], r["host"])
        or equal(l["mail_host"], r["mail_host"]),
        "domain": equal(l["domain"], r["domain"]),
        "sites": (l["domain"] is not None) + (r["domain"] is not None),
        "label_is_name": r["compact"] in l["labels"] or l["compact"] in r["labels"],
        "label_is_acronym": any_of(l["labels"], r["acronyms"]) or any_of(r["labels"], l["acronyms"]),
        "label_is_initials": any_of(l["labels"], r["initials"]) or any_of(r["labels"], l["initials"]),
        "label_is_word": any_of(l["labels"], r["own"]) or any_of(r["labels"], l["own"]),
        "same_label": any_of(l["labels"], r["labels"]),
        "label_domains": max(l["label_domains"], r["label_domains"]),
        "site_names": max(l["site_names"], r["site_names"]),
        "domain_names": max(l["domain_names"], r["domain_names"]),
    }


def place_facts(l: Row, r: Row) -> dict[str, Any]:  # noqa: E741
    """Where they are, and by what they are reached."""
    names = (l["names"] or ("",))[0], (r["names"] or ("",))[0]
    return {
        "country": sign(l["country"], r["country"]),
        "city": city_sign(l, r),
        "said_countries": (l["said_country"] is not None) + (r["said_country"] is not None),
        "city_in_name": bool(r["city"] and r["city"] in names[0])
        or bool(l["city"] and l["city"] in names[1]),
        "phone": sign(l["phone"], r["phone"]),
        "phone_names": max(l["phone_names"], r["phone_names"]),
        "street": sign(l["street"], r["street"]),
        "street_names": max(l["street_names"], r["street_names"]),
    }


def any_of(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether the two share anything."""
    return not {*one}.isdisjoint(other)


def equal(one: str | None, other: str | None) -> bool:
    """Whether both are known and equal."""
    return one is not None and one == other


def sign(one: str | None, other: str | None) -> int:
    """1 for equal, -1 for different, 0 where one is not known."""
    return 0 if one is None or other is None else 1 if one == other else -1


def city_sign(l: Row, r: Row) -> int:  # noqa: E741
    """As `sign`; a city within the other's name and one in another script are not taken for different."""
    found = sign(l["city"], r["city"])
    if found < 0 and (l["latin_city"] != r["latin_city"] or l["city"] in r["city"] or r["city"] in l["city"]):
        return 0
    return found


def one_slip(one: str, other: str) -> bool:
    """Whether one letter more, less or another one, or two neighbors exchanged, make the two equal."""
    left, right = one.encode(), other.encode()
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    begin = next(
        (k for k, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    rests = left[begin:], right[begin:]
    return (
        rests[0][1:] == rests[1][1:]
        or rests[0][1:] == rests[1]
        or rests[0] == rests[1][1:]
        or (rests[0][:2] == rests[1][:2][::-1] and rests[0][2:] == rests[1][2:])
    )


def jaro_winkler(one: str, other: str) -> float:
    """How alike two spellings are, between 0 and 1; bytes are compared, as the engine of large runs does."""
    left, right = one.encode(), other.encode()
    similar = jaro(left, right)
    if similar <= BOOST:
        return similar
    common = next(
        (k for k, (a, b) in enumerate(zip(left[:PREFIX], right[:PREFIX], strict=False)) if a != b),
        min(len(left), len(right), PREFIX),
    )
    return similar + common * SCALE * (1 - similar)


def jaro(left: bytes, right: bytes) -> float:
    """Letters in common within half the length, and how many of them stand in another order."""
    if not left or not right:
        return float(left == right)
    window = max(0, max(len(left), len(right)) // 2 - 1)
    taken = [False] * len(right)
    mine: list[int] = []
    for k, letter in enumerate(left):
        for n in range(max(0, k - window), min(len(right), k + window + 1)):
            if not taken[n] and right[n] == letter:
                taken[n] = True
                mine.append(letter)
                break
    theirs = [letter for letter, found in zip(right, taken, strict=True) if found]
    if not mine:
        return 0.0
    crossed = sum(a != b for a, b in zip(mine, theirs, strict=True)) // 2
    shared = len(mine)
    return (shared / len(left) + shared / len(right) + (shared - crossed) / shared) / 3

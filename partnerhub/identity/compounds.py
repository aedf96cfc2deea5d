"""Words that other languages write as one: `Forschungszentrum` is research and center, `onderzoeksinstituut` too.

A word the table does not hold is taken apart when both halves are forms of the table, with the sounds that join halves
in German, Dutch, Scandinavian, Finnish and Slavic words. English writes its compounds apart, so a word of two English
ones is a name: Greenwood, Newbank.
"""

from __future__ import annotations

from functools import lru_cache

from partnerhub.identity.words import known_words

SHORTEST_HALF = 4
JOINTS = ("", "s", "n", "en", "es", "er", "e", "o", "u", "i")
"""What may stand between two halves, commonest first."""


@lru_cache(maxsize=262_144)
def concepts_of(word: str) -> tuple[str, ...]:
    """The concepts of a folded word: one, or two of a compound; the word itself where the table knows neither."""
    words = known_words()
    if word in words.concept_of:
        return (words.concept_of[word],)
    if word in words.ignored or word in words.legal:
        return (word,)
    return halves(word) or (word,)


def halves(word: str) -> tuple[str, str] | None:
    """The concepts of a compound; of several ways to cut it the one with the shortest second half."""
    known = known_words().concept_of
    for cut in range(len(word) - SHORTEST_HALF, SHORTEST_HALF - 1, -1):
        second = word[cut:]
        if second not in known:
            continue
        for joint in JOINTS:
            first = word[:cut].removesuffix(joint)
            if len(first) < SHORTEST_HALF or first + joint != word[:cut] or first not in known:
                continue
            if not (is_english(first) and is_english(second)):
                return known[first], known[second]
    return None


def is_english(form: str) -> bool:
    """Whether a form of the table is the English one: concepts are called by it."""
    return known_words().concept_of[form] == form

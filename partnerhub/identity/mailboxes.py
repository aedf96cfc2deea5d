"""Whose a mail address is: one person's, a desk's, or doubtful because people of different names are given with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from partnerhub.identity.people import Doubt, is_role_address

WORDS = re.compile(r"\w+")
SIMILAR = 0.8
"""From here on two words are one, written differently."""
SHORTEST = 4
"""Shorter words are not compared letter by letter."""
LATIN_ENDS = 0x250
MANY = 30
"""Of more names than this, nobody asks which are alike."""
SHARED = 3
"""A mailbox of so many names is a desk's, whatever it is called."""


class Mailbox(NamedTuple):
    """owner: record → what the records of one person at this address have in common. doubts: whom to ask about."""

    owner: Mapping[str, str]
    doubts: list[Doubt]


def mailbox(address: str, names: Mapping[str, str | None]) -> Mailbox:
    """Tell apart who is given with one address. names: of all records that give it, None where one says none.

    At a desk only one and the same name is one person, in any order of its words. Elsewhere names that have nothing in
    common are two people, until somebody says otherwise; who has no name is neither of them.
    """
    words = {record: words_of(name) for record, name in names.items()}
    if is_role_address(address) or len(set(words.values())) > MANY:
        return Mailbox({record: " ".join(sorted(said)) for record, said in words.items()}, [])
    parts = parts_of({said for said in words.values() if said})
    if len(set(parts.values())) <= 1:
        return Mailbox(dict.fromkeys(names, ""), [])
    owner = {record: parts.get(said, "") for record, said in words.items()}
    first = {part: min(record for record in owner if owner[record] == part) for part in set(parts.values())}
    if len(first) >= SHARED:
        return Mailbox(owner, [])
    left, right = sorted(first.values())
    return Mailbox(owner, [Doubt(left, right, "mailbox")])


def words_of(name: str | None) -> frozenset[str]:
    """The words of a name."""
    return frozenset(WORDS.findall((name or "").casefold()))


def parts_of(names: set[frozenset[str]]) -> dict[frozenset[str], str]:
    """Name → the smallest name of those that are alike, over any number of steps."""
    parts: list[set[frozenset[str]]] = []
    for name in sorted(names, key=sorted):
        near = [part for part in parts if any(alike(name, other) for other in part)]
        parts = [part for part in parts if part not in near] + [{name}.union(*near)]
    return {name: min(" ".join(sorted(each)) for each in part) for part in parts for name in part}


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two names may be one person's: a word in common, initials, or written in another script."""
    if is_latin(one) != is_latin(other):
        return True
    if any(same_word(word, each) for word in one for each in other):
        return True
    return any(
        all(any(full.startswith(word) for full in long) for word in short)
        for short, long in ((one, other), (other, one))
    )


def same_word(one: str, other: str) -> bool:
    """Whether two words of names are one; a letter alone is none."""
    short, long = sorted((one, other), key=len)
    if len(short) > 1 and long.startswith(short):
        return True
    return len(short) >= SHORTEST and SequenceMatcher(None, one, other).ratio() >= SIMILAR


def is_latin(words: frozenset[str]) -> bool:
    """Whether a name is in Latin letters, accents included."""
    return all(ord(letter) < LATIN_ENDS for word in words for letter in word)

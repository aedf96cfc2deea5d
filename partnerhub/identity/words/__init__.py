"""Words of organizations across languages: `Universität`, `universidad` and `大学` are all `university`.

The `*.txt` files beside this one are the table, a section each. A line is an entry, indented lines continue it, `#`
starts a comment:

    concept = forms in Latin letters | forms in other scripts

Forms in Latin letters are whole words as `folding.folded` leaves them (ASCII, no umlauts, Cyrillic and Greek
transliterated). Forms in other scripts are looked for in the name as it is written, because Chinese, Japanese and Thai
put no space between words and their transliterations are nobody's spelling: the longest one first, from left to right.
The concept is itself a form. `-` instead of a concept: words that say nothing; `--`: legal forms. A form of several
entries belongs to the first one, in the order of SECTIONS.

A word of the table is never what an organization is known by: it weighs little however few records hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

SECTIONS = (
    "kinds", "business", "sciences", "fields", "general", "countries", "places", "japanese", "korean", "cities",
    "deeds", "matters", "scripts", "ignored", "legal",
)  # fmt: skip
KINDS = "kinds"
IGNORED, LEGAL = "-", "--"


@dataclass(frozen=True)
class Words:
    """The table. concept_of: form in Latin letters → concept. other_scripts: form → what takes its place.

    kinds: the concepts that say what kind of organization it is.
    """

    concept_of: Mapping[str, str]
    other_scripts: Mapping[str, str]
    ignored: frozenset[str]
    legal: frozenset[str]
    concepts: frozenset[str]
    kinds: frozenset[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any form of another script, the longest first: compiled for the first name that is not plain (100 ms)."""
        longest_first = sorted(self.other_scripts, key=lambda form: (-len(form), form))
        return re.compile("|".join(map(re.escape, longest_first)))

    def in_words(self, name: str) -> str:
        """The name with the forms of other scripts written as their concepts; a plain name comes back unchanged."""
        return name if name.isascii() else self.pattern.sub(self.replaced, name)

    def replaced(self, found: re.Match[str]) -> str:
        """What takes the place of a form."""
        return self.other_scripts[found[0]]


@lru_cache(maxsize=1)
def known_words() -> Words:
    """The shipped table, read at the first call (20 ms)."""
    concept_of: dict[str, str] = {}
    other_scripts: dict[str, str] = {}
    kinds: frozenset[str] = frozenset()
    said: dict[str, set[str]] = {IGNORED: set(), LEGAL: set()}
    for section in SECTIONS:
        text = files(__name__).joinpath(f"{section}.txt").read_text(encoding="utf-8")
        for concept, latin, others in entries(text):
            silent = concept in said
            for form in latin:
                said[concept].add(form) if silent else concept_of.setdefault(form, concept)
            if not silent:
                concept_of.setdefault(concept, concept)
            for form in others:
                other_scripts.setdefault(form, " " if silent else f" {concept} ")
        if section == KINDS:
            kinds = frozenset(concept_of.values())
    return Words(
        concept_of=concept_of,
        other_scripts=other_scripts,
        ignored=frozenset(said[IGNORED]),
        legal=frozenset(said[LEGAL]),
        concepts=frozenset(concept_of.values()),
        kinds=kinds,
    )


def entries(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """The entries of a section as (concept, Latin forms, forms in other scripts)."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0].isspace():
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    for line in lines:
        concept, _, forms = line.partition("=")
        latin, _, others = forms.partition("|")
        yield concept.strip(), latin.split(), others.split()

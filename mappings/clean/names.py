"""Names of organizations and people: one spelling to show, one key to compare."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from rigour.names import extract_org_types, normalize_name

from mappings.clean.text import CACHED_VALUES, clean_line

SHORTEST_KEPT_TOKEN = 3
LONGEST_NAME = 1_000
"""Longer than any registered name; what is longer is a text in the wrong field and is cut for the key only."""
WORDS = re.compile(r"\w+")
PLAIN_WORDS = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
END_MARKS = " ,.;:-–—/()[]&+"


def clean_name(value: object) -> str | None:
    """An organization's name for display: one line, every word of it kept. None for empty."""
    return clean_line(value)


def clean_person_name(value: object) -> str | None:
    """A person's name for display: one line, without the quotes mail programs put around it. None for empty."""
    line = clean_line(value)
    while line and len(line) > 1 and line[0] == line[-1] and line[0] in "\"'":
        inner = clean_line(line[1:-1])
        if not inner:
            return line
        line = inner
    return line


def match_key(value: object) -> str | None:
    """What two spellings of an organization's name share: casefolded, unpunctuated, trailing legal forms off.

    Legal forms are only taken from the end, and only while a token of three or more characters remains (`A/S`,
    `AT&T`, `Limited Brands`, `3M` survive whole). Never for display. None when no letter or digit is left to compare.
    """
    line = clean_line(value)
    return _match_key(line[:LONGEST_NAME]) if line else None


@lru_cache(maxsize=CACHED_VALUES)
def _match_key(name: str) -> str | None:
    folded = name.casefold()
    # Before normalizing, because `gmbh & co. kg` is only recognized with its punctuation; and after, until nothing
    # changes, because `A.S` is only recognized without.
    rest = _without_trailing_types(folded)
    key = _normalized(rest) or _normalized(folded)
    while key and key != rest:
        rest = key
        key = _normalized(_without_trailing_types(key)) or key
    return key


def _normalized(folded: str) -> str | None:
    """The library's normal form of a casefolded name; plain words are their own, at a tenth of the price."""
    return folded if PLAIN_WORDS.fullmatch(folded) else normalize_name(folded)


def _without_trailing_types(folded: str) -> str:
    """The casefolded name with legal forms cut from its end; unchanged where too little would remain."""
    extracted = extract_org_types(folded)
    if not extracted:
        return folded
    if len(extracted) == 1 and (before := _before_the_only_form(folded, extracted[0][0])):
        return before
    types = {form: found for found, _ in extracted if (form := found.rstrip("."))}
    forms = tuple(sorted(types, key=len, reverse=True)) if len(types) > 1 else tuple(types)
    rest = folded.rstrip()
    while (bare := rest.rstrip(")]. ")).endswith(forms):
        before = _before_the_form(bare, forms)
        if before is None or not _says_enough(shorter := before.rstrip(END_MARKS), types.values()):
            break
        rest = shorter
    return rest


def _before_the_only_form(folded: str, form: str) -> str | None:
    """What stands before the form where the rest are plain words and the first says enough, as in most names."""
    before, _, last = folded.rpartition(" ")
    if last != form or before.endswith(form.rstrip(".")) or not PLAIN_WORDS.fullmatch(before):
        return None
    first = before.partition(" ")[0]
    return before if len(first) >= SHORTEST_KEPT_TOKEN and first != form else None


def _before_the_form(name: str, forms: tuple[str, ...]) -> str | None:
    """The name without the legal form it ends with as a word of its own, or None."""
    for form in forms:
        if name.endswith(form):
            before = name[: -len(form)]
            if not before[-1:].isalnum():
                return before
    return None


def _says_enough(name: str, types: Collection[str]) -> bool:
    """Whether a token of three or more characters remains that is no legal form itself (`GmbH & Co. KG` does not)."""
    # Words between spaces first: the first of them nearly always decides it.
    for token in name.split():
        if len(token) >= SHORTEST_KEPT_TOKEN and token.isalnum() and token not in types:
            return True
    return any(len(token) >= SHORTEST_KEPT_TOKEN and token not in types for token in WORDS.findall(name))

"""Streets as they are compared: `1425 N. Halsted St, Suite 2` and `1425 North Halsted Street` are one."""

from __future__ import annotations

import re

from partnerhub.identity.folding import SMALL_WORDS, folded

KINDS_OF_STREET = frozenset(
    """
    ave avenue av avenu avn st street str strasse straase rd road blvd boulevard bd bvd bl dr drive ln lane pl
    place pkwy parkway ct court hwy highway ter terrace terr cir circle way sq square rue calle via viale
    piazza corso avenida avda rua ul ulica ulitsa ulitza straat laan weg allee platz gasse ring damm vagen
    gatan gata vej gade tie katu cesta utca ut strada bulevardul chemin route quai cours impasse carrer paseo
    plaza praca praceta largo travessa jalan jl prospekt pr pereulok suite ste floor fl unit apt room rm
    building bldg no nr nummer number
    """.split()  # noqa: SIM905
)
"""Left out before or after the telling word, whatever they are abbreviated to."""
GLUED_KINDS = re.compile(r"(strasse|strase|straat|str|weg|gasse|allee|platz|vagen|gatan|vej|gade|katu|laan)$")
DIRECTIONS = {
    **{direction: direction for direction in ("n", "s", "e", "w", "ne", "nw", "se", "sw")},
    "north": "n", "south": "s", "east": "e", "west": "w",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
}  # fmt: skip
ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
HOUSE_NUMBER = re.compile(r"\d+")


def street_key(street: str | None) -> str | None:
    """House number, direction and first telling word; None without a number or a word.

    A street alone has many houses, and what follows the first telling word is spelled in too many ways.
    """
    words = folded(street).split() if street else []
    house = next((word for word in words if word[0].isdigit() and not ORDINAL.fullmatch(word)), None)
    number = HOUSE_NUMBER.match(house) if house else None
    direction = None
    for word in words:
        if word == house:
            continue
        if direction is None and word in DIRECTIONS:
            direction = DIRECTIONS[word]
        elif number and word not in KINDS_OF_STREET and word not in SMALL_WORDS:
            return " ".join(part for part in (number[0], direction, bare(word)) if part)
    return None


def bare(word: str) -> str:
    """The word of a street without what says that it is one: `hauptstr` and `hauptstrasse` are `haupt`."""
    ordinal = ORDINAL.fullmatch(word)
    return ordinal[1] if ordinal else GLUED_KINDS.sub("", word) or word

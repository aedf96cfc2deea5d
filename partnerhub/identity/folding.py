"""Names as they are compared: lower case, ASCII, without accents, signs, legal forms."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

SMALL_WORDS = frozenset(
    """
    a and the of for in at on to und fur der die das des von vom zu zum zur e y et le la les l de du d di da
    do dos das del
    della delle dei degli il lo el los las i o en og och van het voor te op
    """.split()  # noqa: SIM905
)
LEGAL_WORDS = frozenset(
    """
    co company inc incorporated ltd limited llc llp lp corp corporation plc gmbh mbh ag kg ohg gbr ug ev eg
    eu ek sa sas
    sarl sl slu srl srls spa sapa bv nv vof cv ab as aps oy oyj hb sp zoo lda ltda eirl sro doo dd ooo tov pp
    ike ae epe
    stichting vereniging kft zrt jsc pty pvt gk kk ideell forening
    """.split()  # noqa: SIM905
)
"""Legal forms that are left over in match keys, mostly because they stand in front or are dotted."""
CJK_LEGAL_FORMS = re.compile(
    "株式会社|合同会社|有限会社|合名会社|一般社団法人|股份有限公司|有限责任公司|有限公司|주식회사"
)
LEGAL_PHRASES = re.compile(
    r"(?<=\w) (?:soc coop(?: agricola| sociale)?(?: arl)?|societa cooperativa|sociedad cooperativa|scoop)\b"
)
"""Legal forms of words that say something by themselves."""
COOPERATIVE = frozenset({"coop", "cooperativa", "scoop"})
"""One of these is in each of them."""
LEFT_OVER = LEGAL_WORDS | COOPERATIVE
SIGNS = "".join(map(chr, range(256)))
LETTERS = "".join(sign.lower() if sign.isascii() and sign.isalnum() else " " for sign in SIGNS).encode()
"""Of every ASCII sign the letter or digit that stands for it, a space for none."""
DROPPED = b"'`"
SPELLED_OUT = re.compile(r"\b\w(?: \w\b)+")
"""Single letters in a row: `s r l` was `S.r.l.`."""
UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Umlauts are written out or dropped; both spellings end as one, at the price of a few short words looking alike."""


def fold(text: str) -> str:
    """Lower-case ASCII words, umlauts either way the same, joined by single spaces."""
    plain = (text if text.isascii() else anyascii(text)).encode().translate(LETTERS, DROPPED).decode()
    words = " ".join(plain.split())
    for written, short in UMLAUTS:
        words = words.replace(written, short)
    # A look at the lengths tells sooner than the pattern that there is nothing to join.
    return SPELLED_OUT.sub(without_spaces, words) if 1 in map(len, words.split()) else words


@lru_cache(maxsize=262_144)
def folded(text: str) -> str:
    """What `fold` says, kept for texts that come again, as words and sites do; whole names hardly do."""
    return fold(text)


def without_spaces(run: re.Match[str]) -> str:
    """Single letters as one word."""
    return run[0].replace(" ", "")


def folded_name(name: str) -> str:
    """A match key folded, without the legal forms that are left in it (unless nothing else is)."""
    plain = name if name.isascii() else CJK_LEGAL_FORMS.sub(" ", name)
    whole = fold(plain) or fold(name)
    words = whole.split()
    if LEFT_OVER.isdisjoint(words):
        return whole
    words = without_phrases(words)
    return " ".join([word for word in words if word not in LEGAL_WORDS] or words)


def without_phrases(words: list[str]) -> list[str]:
    """Folded words without the legal forms that are written as words."""
    if COOPERATIVE.isdisjoint(words):
        return words
    return LEGAL_PHRASES.sub("", " ".join(words)).split()


def in_latin(text: str | None) -> bool:
    """Whether a text is written in Latin letters (digits and signs do not count)."""
    return (
        not text
        or text.isascii()
        or all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha())
    )


def telling_words(name: str) -> list[str]:
    """The words of a folded name without the small ones (all of them when nothing else is left)."""
    words = name.split()
    return [word for word in words if word not in SMALL_WORDS] or words

"""What stands behind a label, read: amounts with their currency, dates in words, short words."""

from __future__ import annotations

import re
from typing import Any, Final

from mappings.clean.money import ISO_CURRENCIES, SYMBOLS, amount_minor, clean_currency, currency_sign
from mappings.clean.text import clean_line
from mappings.clean.times import clean_date
from mappings.clean.unreadable import Unreadable

SIGN: Final = "(?:" + "|".join(sorted(map(re.escape, SYMBOLS), key=len, reverse=True)) + "|[A-Z]{3}\\b)"
SCALE: Final = r"(?:k|tsd|mio|mn|mm|m|bn|b|mrd)\b\.?"
AMOUNT: Final = re.compile(
    rf"(?P<before>{SIGN})?\s?(?P<number>\d[\d.,'’\u00a0\u202f]*(?: \d{{3}})*)\s?"
    rf"(?P<scale>{SCALE})?\s?(?P<after>{SIGN})?",
    re.IGNORECASE,
)
WRITTEN_OUT: Final = (
    (re.compile(r"\s?(?:thousand|tausend|mille|mil)\b", re.IGNORECASE), "k"),
    (re.compile(r"\s?(?:million(?:en|s|es)?|millionen|millones|milioni)\b", re.IGNORECASE), "m"),
)
RANGE: Final = re.compile(r"^\s*(?:-|–|—|to\b|bis\b)\s*\D{0,4}\d")
SHORT_WORDS, SHORT_LENGTH = 4, 40
ASIDE: Final = re.compile(r"\s*[(\[,–—].*$|\s+-\s.*$")

MONTHS: Final = (
    "jan janv ene gen januar january janvier enero gennaio",
    "feb fév févr februar february février febrero febbraio",
    "mar mär mrz märz march mars marzo",
    "apr avr abr april avril abril aprile",
    "may mai mayo maggio",
    "jun juni june juin junio giugno",
    "jul juli july juil juillet julio luglio",
    "aug august août agosto ago",
    "sep sept september septembre septiembre settembre",
    "oct okt october oktober octobre octubre ottobre",
    "nov november novembre noviembre",
    "dec dez déc dic december dezember décembre diciembre dicembre",
)
MONTH_OF: Final = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}
DAY_FIRST: Final = re.compile(
    r"\b(\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?([^\W\d_]{3,10})\.?,?\s+(?:de\s+)?(\d{4})\b"
)
MONTH_FIRST: Final = re.compile(r"\b([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
NUMERIC: Final = re.compile(r"\b(\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4})\b")
SLASHED: Final = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
MOST_MONTHS: Final = 12


def short_words(value: str) -> str:
    """A status or tier: the words before any aside. Raises `Unreadable` for a sentence."""
    line = ASIDE.sub("", clean_line(value) or "").strip(" .")
    if not line or len(line) > SHORT_LENGTH or len(line.split()) > SHORT_WORDS:
        raise Unreadable("unreadable_value")
    return line


def written_amount(value: str, default_currency: str | None) -> tuple[int, str]:
    """Minor units and currency of the one amount in a text: `$480k`, `PLN 1.2m`, `about 480 000 € a year`.

    Raises `Unreadable` without an amount, for a range, and where nothing says the currency.
    """
    line = clean_line(value) or ""
    for words, scale in WRITTEN_OUT:
        line = words.sub(scale, line)
    found = AMOUNT.search(line)
    if (
        found is None
        or RANGE.match(line[found.end() :])
        or found["after"] == "%"
        or line[found.end() :].startswith("%")
    ):
        raise Unreadable("unreadable_amount")
    sign = next((each for each in (found["before"], found["after"]) if each and _is_currency(each)), None)
    currency = currency_sign(sign) if sign else currency_sign(line) or clean_currency(default_currency)
    if currency is None:
        raise Unreadable("amount_without_currency")
    minor = amount_minor(f"{found['number'].strip()}{(found['scale'] or '').rstrip('.')}", currency)
    if minor is None:
        raise Unreadable("unreadable_amount")
    return minor, currency


def _is_currency(sign: str) -> bool:
    return sign in SYMBOLS or sign.upper() in ISO_CURRENCIES


def written_date(value: str) -> str:
    """The one day in a text, in words or numbers; `03/04/2027`, which is two days, is none. Raises `Unreadable`."""
    line = clean_line(value) or ""
    if found := NUMERIC.search(line):
        return _date(found[1])
    if found := DAY_FIRST.search(line):
        return _from_parts(found[3], MONTH_OF.get(found[2].casefold()), found[1])
    if found := MONTH_FIRST.search(line):
        return _from_parts(found[3], MONTH_OF.get(found[1].casefold()), found[2])
    if found := SLASHED.search(line):
        first, second = int(found[1]), int(found[2])
        if first > MOST_MONTHS or first == second:
            return _from_parts(found[3], second, found[1])
        if second > MOST_MONTHS:
            return _from_parts(found[3], first, found[2])
    raise Unreadable("unreadable_date")


def _from_parts(year: str, month: int | None, day: str) -> str:
    if month is None:
        raise Unreadable("unreadable_date")
    return _date(f"{year}-{month:02d}-{int(day):02d}")


def _date(text: str) -> str:
    found = clean_date(text)
    if found is None:
        raise Unreadable("unreadable_date")
    return found


def fill(row: dict[str, Any], field: str, value: str, default_currency: str | None) -> None:
    """Put one labelled value into an organization's row. Raises `Unreadable`."""
    if field == "annual_value":
        row["annual_value_minor"], row["currency"] = written_amount(value, default_currency)
    elif field in {"renews_on", "reviewed_on"}:
        row[field] = written_date(value)
    else:
        row[field] = short_words(value)

"""Amounts and currencies: ISO 4217 codes and integer minor units, through Decimal, never through a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

import pycountry

from mappings.canonical import THOUSANDTHS, WITHOUT_MINOR_UNITS
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable

ISO_CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies)
SYMBOLS = {
    "€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB",
    "zł": "PLN", "Kč": "CZK", "₪": "ILS", "R$": "BRL", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD",
    "S$": "SGD", "HK$": "HKD", "NZ$": "NZD", "CHF": "CHF", "Fr.": "CHF",
}  # fmt: skip
SCALES = {"k": 3, "tsd": 3, "m": 6, "mio": 6, "mn": 6, "mm": 6, "b": 9, "bn": 9, "mrd": 9}
AMOUNT = re.compile(
    r"(?P<sign>[-+(]?)\s*(?P<digits>\d[\d.,'\u2019 \u00a0\u202f]*|[.,]\d+)\s*(?P<scale>[a-z]*)\.?\s*\)?"
)
MOST_DIGITS = 30
LARGEST_MINOR = 2**63 - 1
MINOR_UNITS = (1, 10, 100, 1_000)
"""How many of the smallest unit make one, by decimal places."""
EXACT_FLOAT = 1e15
"""Below it a float without a fraction is the number it shows, in JSON and in binary."""


def clean_currency(value: object) -> str | None:
    """A currency as ISO 4217, from a code or its usual sign. None for empty. `$` alone is US dollars."""
    line = clean_line(value)
    if line is None:
        return None
    code = SYMBOLS.get(line) or line.upper()
    if code not in ISO_CURRENCIES:
        raise Unreadable("unreadable_currency")
    return code


def currency_sign(value: object) -> str | None:
    """The currency a written amount names itself (`$480k`, `480 EUR`), or None."""
    if not isinstance(value, str):
        return None
    words = re.sub(
        r"[\d.,'’\s()+-]+[a-z]{0,3}\.?(?=\s|$)|[\d.,'’\s()+-]+", " ", clean_line(value) or ""
    ).split()
    for word in words:
        if code := SYMBOLS.get(word) or (word.upper() if word.upper() in ISO_CURRENCIES else None):
            return code
    return None


def currency_meant(value: object, default: str | None) -> str | None:
    """The currency of an amount beside which none is stated: its own sign, else the deployment's default."""
    return currency_sign(value) or default


def minor_digits(currency: str) -> int:
    """Decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return 0 if currency in WITHOUT_MINOR_UNITS else 3 if currency in THOUSANDTHS else 2


def parse_amount(value: object) -> Decimal | None:
    """The number in a written amount: `1.234,56`, `1,234.56`, `$480k`, `(1 200)` (negative). None for empty.

    A single mark before exactly three digits (`1.234`) is read as a thousands mark only when it is a comma or when
    it repeats: APIs write `1.234` for one and a bit. Raises `Unreadable("unreadable_amount")`.
    """
    if isinstance(value, bool):
        raise Unreadable("unreadable_amount")
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    if isinstance(value, float):
        return _number(repr(value))
    line = clean_line(value)
    if line is None:
        return None
    try:
        plain = Decimal(line)
    except InvalidOperation:
        return _written(line)
    return _sane(plain)


def _written(line: str) -> Decimal:
    bare = line.casefold()
    for sign in sorted({*map(str.casefold, SYMBOLS), *_codes_in(line)}, key=len, reverse=True):
        bare = bare.replace(sign, " ")
    found = AMOUNT.fullmatch(bare.strip())
    if not found or (found["scale"] and found["scale"] not in SCALES):
        raise Unreadable("unreadable_amount")
    number = _number(_with_point(re.sub(r"['\u2019 \u00a0\u202f]", "", found["digits"])))
    negative = found["sign"] in {"-", "("}
    return number.scaleb(SCALES.get(found["scale"], 0)) * (-1 if negative else 1)


def _codes_in(line: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[A-Za-z]{3}", line) if word.upper() in ISO_CURRENCIES}


def _with_point(digits: str) -> str:
    """Digits with one decimal point, from either convention."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        thousands, decimal = (".", ",") if comma > point else (",", ".")
        return digits.replace(thousands, "").replace(decimal, ".")
    mark = "," if comma >= 0 else "."
    grouped = re.fullmatch(rf"\d{{1,3}}(?:\{mark}\d{{3}})+", digits)
    if grouped and (mark == "," or digits.count(mark) > 1):
        return digits.replace(mark, "")
    return digits.replace(mark, ".")


def _sane(number: Decimal) -> Decimal:
    """The number, when it can be an amount: `1e999999` would take all memory to write out."""
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise Unreadable("unreadable_amount")
    return number


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable("unreadable_amount") from error
    return _sane(number)


def amount_minor(value: object, currency: str | None) -> int | None:
    """An amount in integer minor units of `currency`, rounded half to even. None for empty.

    Raises `Unreadable("amount_without_currency")` when the currency is unknown: 100 yen are not 1 yen.
    """
    if type(value) is float and currency and -EXACT_FLOAT < value < EXACT_FLOAT and value.is_integer():
        return int(value) * MINOR_UNITS[minor_digits(currency)]
    amount = parse_amount(value)
    if amount is None:
        return None
    if currency is None:
        raise Unreadable("amount_without_currency")
    try:
        minor = int(amount.scaleb(minor_digits(currency)).to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, OverflowError) as error:
        raise Unreadable("unreadable_amount") from error
    if abs(minor) > LARGEST_MINOR:
        raise Unreadable("amount_too_large")
    return minor

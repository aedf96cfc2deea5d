"""Amounts as people and APIs write them, in integer minor units."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.clean.money import amount_minor, clean_currency, currency_sign, parse_amount
from mappings.clean.unreadable import Unreadable

AMOUNTS = [
    ("1.234,56", "1234.56"),
    ("1,234.56", "1234.56"),
    ("1'234.50", "1234.50"),
    ("1 234 567,8", "1234567.8"),
    ("$480k", "480000"),
    ("€ 1.5M", "1500000"),
    ("480 EUR", "480"),
    ("2,5 Mio. €", "2500000"),
    ("(1,200)", "-1200"),
    ("-12.5", "-12.5"),
    ("1,234", "1234"),
    ("1.234", "1.234"),
    ("12.345.678", "12345678"),
    ("0.1", "0.1"),
    (0.1, "0.1"),
    (1200, "1200"),
]
NO_AMOUNTS = ["n/a", "NaN", "Infinity", "1e999999999", "twelve", "12 parsecs", "1,2,3.4.5", True]


@pytest.mark.parametrize(("written", "number"), AMOUNTS)
@pytest.mark.fault("F64")
def test_amount_as_written(written, number):
    assert parse_amount(written) == Decimal(number)


@pytest.mark.parametrize("written", NO_AMOUNTS)
def test_what_is_no_amount_is_unreadable(written):
    with pytest.raises(Unreadable):
        parse_amount(written)


def test_minor_units_follow_the_currency():
    assert [amount_minor("1234.5", code) for code in ("EUR", "JPY", "KWD")] == [123450, 1234, 1234500]


@pytest.mark.fault("F64")
def test_amount_without_a_currency_is_refused():
    with pytest.raises(Unreadable, match="amount_without_currency"):
        amount_minor("100", None)


def test_currency_by_code_or_sign():
    assert [clean_currency(typed) for typed in ("eur", "€", "US$", None)] == ["EUR", "EUR", "USD", None]
    with pytest.raises(Unreadable):
        clean_currency("XYZ")


def test_amount_names_its_own_currency():
    assert [currency_sign(written) for written in ("$480k", "480 CHF", "€1.000,00", "480")] == [
        "USD",
        "CHF",
        "EUR",
        None,
    ]


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
@pytest.mark.fault("F64")
def test_decimal_text_loses_nothing(number):
    assert amount_minor(str(number), "EUR") == int(number * 100)


@given(st.text(max_size=20))
@pytest.mark.fault("F64")
def test_any_text_is_an_amount_or_unreadable(written):
    with suppress(Unreadable):
        assert isinstance(parse_amount(written), Decimal | None)


@given(st.integers(-(10**14), 10**14), st.sampled_from([1, 8]), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_number_and_its_text_are_the_same_amount(eighths: int, parts: int, currency: str) -> None:
    number = eighths / parts
    assert amount_minor(number, currency) == amount_minor(repr(number), currency)

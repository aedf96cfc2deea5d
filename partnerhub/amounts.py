"""Amounts as people read them, on pages and on the command line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mappings.clean.money import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.queries.record import Value

AMOUNT, CURRENCY = "annual_value_minor", "currency"
IN_WORDS: Final = "annual_value"
"""The field name of an amount together with its currency."""


def money(amount_minor: int | None, currency: str | None) -> str:
    """`1,200.00 EUR`; nothing without an amount."""
    if amount_minor is None:
        return ""
    digits = minor_digits(currency or "")
    return f"{Decimal(amount_minor).scaleb(-digits):,.{digits}f} {currency or ''}".strip()


def in_words(values: Iterable[Value]) -> list[Value]:
    """Golden values with amount and currency as one; what another record says is in that record's currency."""
    found = {value.field: value for value in values}
    amount, currency = found.get(AMOUNT), found.get(CURRENCY)
    if amount is None:
        return list(found.values())
    usual = currency.value if currency else None
    elsewhere = {other.record: other.value for other in currency.others} if currency else {}
    others = tuple(
        other._replace(value=money(int(other.value), elsewhere.get(other.record, usual)))
        for other in amount.others
    )
    found[AMOUNT] = replace(amount, field=IN_WORDS, value=money(int(amount.value), usual), others=others)
    return [value for name, value in found.items() if name != CURRENCY]

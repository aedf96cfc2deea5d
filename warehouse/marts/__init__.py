"""Marts: plain documented views over the other layers, the part of the warehouse that others may build on.

Belongs here: what each mart is, column by column, and making its view. Does not belong here: how it leaves the
warehouse (`warehouse/exports`), what is promised of it (`warehouse/contracts`).
"""

from typing import Final

from warehouse.marts import calendar, deals, facts, history, kpis, monthly, partners, people, quality, syncs
from warehouse.marts.lineage import lineage_mart
from warehouse.marts.mart import Column, Mart, Question

DESCRIBED: Final[tuple[Mart, ...]] = (
    *partners.MARTS,
    *people.MARTS,
    *calendar.MARTS,
    *facts.MARTS,
    *monthly.MARTS,
    *deals.MARTS,
    *syncs.MARTS,
    *history.MARTS,
    *quality.MARTS,
    *kpis.MARTS,
)
MARTS: Final[tuple[Mart, ...]] = (*DESCRIBED, lineage_mart(DESCRIBED))
"""All of them, dimensions before what is counted by them."""


def mart(name: str) -> Mart:
    """A mart by its name. Raises KeyError."""
    return {each.name: each for each in MARTS}[name]


__all__ = ["MARTS", "Column", "Mart", "Question", "mart"]

"""What a contract promises beside its columns: who answers for the table, how late it may be, how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from warehouse.marts import Mart

DAY_HOURS: Final = 24
PRUNED: Final = "fct_sync_run"
MEASURED: Final = frozenset({"quality_partner", "quality_source", "kpi", "fct_kpi"})
"""Tables that a daily measure writes, whatever the sources' schedules are."""
TOOLS: Final = {"mailto:": "email", "https://": "other", "http://": "other"}


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one deployment.

    owner: the team that answers for the tables. contacts: addresses where it is asked, `mailto:` or `https://`.
    latency_hours: within how long what a source says stands in the tables; every_hours: how often sources are read.
    retention: how long rows are kept, in words of the standard.
    """

    owner: str = "Partner Hub"
    contacts: tuple[str, ...] = ()
    latency_hours: int = 2 * DAY_HOURS
    every_hours: int = DAY_HOURS
    retention: str = "unlimited"


USUAL: Final = Terms()
"""What is promised where a deployment says nothing: read daily, and late after two days."""


def of_contract(mart: Mart, terms: Terms) -> dict[str, Any]:
    """The parts of a contract that a deployment decides."""
    support = [
        {"channel": address.removeprefix("mailto:"), "url": address, "tool": tool}
        for address in terms.contacts
        for start, tool in TOOLS.items()
        if address.startswith(start)
    ]
    return {
        "team": {"name": terms.owner, "description": "Answers for this table."},
        **({"support": support} if support else {}),
        "slaProperties": list(promises(mart, terms)),
    }


def promises(mart: Mart, terms: Terms) -> list[dict[str, Any]]:
    """How late, how often and how long."""
    is_measured = mart.name in MEASURED
    latency = terms.latency_hours if not is_measured else max(terms.latency_hours, 2 * DAY_HOURS)
    every = DAY_HOURS if is_measured else terms.every_hours
    kept = "until partnerhub prune" if mart.name == PRUNED else terms.retention
    return [
        {
            "property": "latency",
            "value": latency,
            "unit": "h",
            "element": mart.name,
            "driver": "operational",
            "description": "From a change at its source to this table, at most.",
        },
        {
            "property": "frequency",
            "value": every,
            "unit": "h",
            "element": mart.name,
            "description": "Between two measures."
            if is_measured
            else "Between two readings of the source read least often.",
        },
        {
            "property": "retention",
            "value": kept,
            "element": mart.name,
            "description": "How long rows of the past are kept.",
        },
    ]

"""`partnerhub quota`: a day of the configured schedules against the vendors' quotas, by what syncs have cost so far."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, configuration, warehouse
from partnerhub.cli.output import answer, prose, table

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.quotas import Headroom, Load

WORDS = {
    "fits": "✓ fits",
    "tight": "! into the reserve",
    "over": "✗ too much",
    "unknown": "? not measured yet",
    "unpaced": "? no pace is set",
}


def quota(context: typer.Context, as_json: AsJson = False) -> None:
    """Simulate the schedules against the vendors' quotas: headroom per account, and which schedule to change."""
    from pipelines.quotas import headrooms

    config = configuration(context)
    with warehouse(context).session() as connection:
        found = headrooms(config, connection)
    data = [{**asdict(each), "quota": each.quota._asdict(), "share": each.share} for each in found]
    answer({"quotas": data}, lambda console: show(console, found), as_json=as_json)
    broken = any(each.state == "over" for each in found)
    raise typer.Exit(exit_codes.NEEDS_PERSON if broken else exit_codes.COMPLETE)


def show(console: Console, found: list[Headroom]) -> None:
    """A table of quotas, then what each source asks, then what to change."""
    if not found:
        console.print("✓ No source has a quota of requests.")
        return
    columns = ("account", "quota", "#requests", "of", "#headroom", "")
    console.print(table(columns, (cells(each) for each in found)))
    seen: set[str] = set()
    for each in found:
        for load in each.loads:
            if load.source not in seen:
                seen.add(load.source)
                prose(console, told(load))
    for each in found:
        if each.advice:
            prose(console, f"→ {each.account}, {each.quota.name}: {each.advice}")


def cells(each: Headroom) -> tuple[Any, ...]:
    """One line of the table."""
    left = f"{max(0.0, 1 - each.share):.0%}"
    return (
        each.account,
        each.quota.name,
        round(each.used),
        f"{each.quota.requests:,}",
        left,
        WORDS[each.state],
    )


def told(load: Load) -> str:
    """`hubspot: 96 syncs a day, 31 requests each (median of 40); 1 comparison of 310`."""
    if load.requests is None:
        return f"{load.source}: no usual sync was measured yet → `partnerhub sync {load.source}` twice."
    each = f"{load.requests:,.0f} requests each (median of {load.measured_runs})"
    whole = (
        f"; a nightly comparison of {load.whole_requests:,.0f}" if load.whole and load.whole_requests else ""
    )
    return f"{load.source}: {load.runs:,} syncs on its busiest day, {each}{whole}."

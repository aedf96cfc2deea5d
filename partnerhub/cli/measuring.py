"""`partnerhub measure`: how good partners and sources are and what the figures say, kept as a series."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, counted, prose

if TYPE_CHECKING:
    from rich.console import Console


def measure(context: typer.Context, as_json: AsJson = False) -> None:
    """Measure quality, figures and how full tables are, and keep it: what the daily job does, for hubs run by cron."""
    from connectors.record import utc_text
    from partnerhub.config.contracts import terms_of
    from partnerhub.config.intervals import due_of
    from pipelines.measure import measure as measured
    from warehouse.commands.measure_fill import measure_fill

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    now = utc_text(datetime.now(UTC))
    found = measured(database, now, due_of(config), terms_of(config).owner)
    tables = measure_fill(database, now)

    def show(console: Console) -> None:
        prose(
            console,
            f"✓ Measured {counted(found.partners, 'partner')}, {found.changed:,} of them not as they were;"
            f" {counted(found.sources, 'source')}, {counted(found.figures, 'figure')}, {counted(tables, 'table')}.",
        )
        prose(
            console, "→ quality_partner, quality_source, kpi and fct_kpi have them; docs/warehouse/marts.md."
        )

    answer({**found._asdict(), "tables": tables}, show, as_json=as_json)

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
    """Measure quality and figures now and keep them: what the daily job does, for hubs that run by cron."""
    from connectors.record import utc_text
    from partnerhub.config.contracts import terms_of
    from partnerhub.config.intervals import due_of
    from pipelines.measure import measure as measured

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    found = measured(database, utc_text(datetime.now(UTC)), due_of(config), terms_of(config).owner)

    def show(console: Console) -> None:
        prose(
            console,
            f"✓ Measured {counted(found.partners, 'partner')}, {found.changed:,} of them not as they were;"
            f" {counted(found.sources, 'source')}, {counted(found.figures, 'figure')}.",
        )
        prose(
            console, "→ quality_partner, quality_source, kpi and fct_kpi have them; docs/warehouse/marts.md."
        )

    answer(found._asdict(), show, as_json=as_json)

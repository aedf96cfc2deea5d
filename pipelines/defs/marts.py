"""The marts as assets: once a day they are measured and checked against their contracts, by a job of their own."""

# No `from __future__ import annotations` here: Dagster reads annotations itself.
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from connectors.record import utc_text
from partnerhub.config.contracts import terms_of
from partnerhub.config.intervals import due_of
from pipelines.defs.derived import GOLDEN, ROW_COUNT
from pipelines.defs.schedules import schedule
from pipelines.instance import CONSOLE_QUIET
from pipelines.measure import measure
from warehouse.commands.measure_fill import measure_fill
from warehouse.contracts.checks import checks_of, run
from warehouse.contracts.odcs import contract_of
from warehouse.database import Database
from warehouse.marts import MARTS as TABLES

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from warehouse.contracts.checks import Found
    from warehouse.contracts.odcs import Contract

MARTS = "marts"
"""The asset group that no sync runs."""
DAILY = "10 4 * * *"
"""After the nightly comparison, before the files are published."""


def mart_assets(config: "HubConfig") -> dg.AssetsDefinition:
    """One asset per mart with a check for each promise of its contract; measured and looked at in one step."""
    terms, now = terms_of(config), utc_text(datetime.now(UTC))
    contracts = {mart.name: contract_of(mart, terms=terms) for mart in TABLES}

    @dg.multi_asset(
        name="measure",
        specs=[
            dg.AssetSpec(
                key_of(mart.name),
                deps=list(GOLDEN.values()),
                group_name=MARTS,
                description=mart.grain,
                owners=[],
                kinds={"view"},
            )
            for mart in TABLES
        ],
        check_specs=[
            dg.AssetCheckSpec(check.name, asset=key_of(name), description=check.says)
            for name, contract in contracts.items()
            for check in checks_of(contract, now)
        ],
    )
    def measured() -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]  # with checks Dagster knows the bare class
        moment, database = utc_text(datetime.now(UTC)), Database(config.warehouse_url)
        measure(database, moment, due_of(config), terms.owner)
        measure_fill(database, moment)
        yield from (looked_at(database, contract, moment) for contract in contracts.values())

    return measured


def looked_at(database: Database, contract: "Contract", now: str) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """How many rows a mart has, and what its checks found."""
    name = str(contract["name"])
    with database.session() as connection:
        ((rows,),) = connection.query(f"SELECT count(*) FROM {name}")
        found = [run(connection, check) for check in checks_of(contract, now)]
    return dg.MaterializeResult(
        asset_key=key_of(name),
        metadata={ROW_COUNT: rows, "owner": contract["team"]["name"]},
        check_results=[result(each) for each in found],
    )


def result(found: "Found") -> dg.AssetCheckResult:
    """One check's outcome for Dagster. Of the rows only their keys are shown."""
    warns = found.check.severity != "error"
    return dg.AssetCheckResult(
        passed=not found.rows,
        asset_key=key_of(found.check.table),
        check_name=found.check.name,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        metadata={"violations": found.rows, "sample": dg.MetadataValue.json(list(found.sample))},
    )


def key_of(name: str) -> dg.AssetKey:
    """The asset of a mart."""
    return dg.AssetKey([MARTS, name])


def mart_schedules(
    config: "HubConfig", job: "dg.UnresolvedAssetJobDefinition"
) -> list[dg.ScheduleDefinition]:
    """When they are measured, where anything is synced by schedule at all."""
    if not any(source.schedule for source in config.sources.values()):
        return []
    return [schedule("measure_daily", job, DAILY, CONSOLE_QUIET)]

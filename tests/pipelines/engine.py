"""The whole engine without Dagster: land, stage, resolve and publish in this process, for tests that sync often."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.record import utc_text
from pipelines.golden.publish import PublishCounts, publish
from pipelines.golden.settings import PublishSettings
from pipelines.land.session import LandSession, LandSettings
from pipelines.resolve import ProposeCounts, propose
from pipelines.settings import publish_settings, stage_settings
from pipelines.stage.engine import StageCounts, stage_pending
from pipelines.stage.rules import StageSettings
from pipelines.validate.check import check_rules
from tests.pipelines.golden_anew import forget_golden
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.record import Connector
    from partnerhub.config import HubConfig
    from pipelines.land.writer import StreamResult

FIRST_RUN = datetime(2026, 10, 1, 9, tzinfo=UTC)


@dataclass
class Synced:
    """What one sync did."""

    streams: list[StreamResult]
    staged: StageCounts
    proposed: ProposeCounts
    published: PublishCounts


@dataclass
class Engine:
    """A warehouse and the rules it goes by. Every run is a minute after the one before."""

    database: Database
    staging: StageSettings
    publishing: PublishSettings = field(default_factory=PublishSettings)
    runs: int = 0

    @classmethod
    def of(cls, config: HubConfig) -> Engine:
        return cls(Database(config.warehouse_url), stage_settings(config), publish_settings(config))

    def sync(self, connectors: Iterable[Connector], *, full: bool = False) -> Synced:
        return Synced(self.land(connectors, full=full), *self.derive())

    def land(self, connectors: Iterable[Connector], *, full: bool = False) -> list[StreamResult]:
        self.runs += 1
        given = list(connectors)
        settings = LandSettings(run_id=self.run_id, full=full, own_domains=self.staging.own_domains)
        with LandSession(self.database, given, settings) as session:
            return [result for connector in given for result in session.wait(connector.source)]

    def derive(self) -> tuple[StageCounts, ProposeCounts, PublishCounts]:
        staged = stage_pending(self.database, self.staging, self.run_id, self.now)
        proposed = propose(self.database, self.run_id, self.now)
        return staged, proposed, publish(self.database, self.publishing, self.run_id, self.now)

    def rebuild(self) -> PublishCounts:
        forget_golden(self.database)
        self.runs += 1
        return publish(self.database, self.publishing, self.run_id, self.now)

    @property
    def run_id(self) -> str:
        return f"run-{self.runs}"

    @property
    def now(self) -> str:
        return utc_text(FIRST_RUN + timedelta(minutes=self.runs))

    def broken_rules(self) -> dict[str, list[str]]:
        """Validation rules that do not hold, with a sample of what violates them."""
        with self.database.session() as connection:
            return {found.rule.name: found.sample for found in check_rules(connection) if found.violations}

    def query(self, statement: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        with self.database.session() as connection:
            return connection.query(statement, list(parameters))

    def rows(self, name: str, leave_out: Iterable[str] = ()) -> list[tuple[Any, ...]]:
        """All rows of a table, sorted; `leave_out` names columns."""
        from warehouse.bulk import columns_of

        columns = [column for column in columns_of(name) if column not in set(leave_out)]
        return sorted(self.query(f"SELECT {', '.join(columns)} FROM {name}"), key=repr)

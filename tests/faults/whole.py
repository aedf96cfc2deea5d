"""A hub that also derives: what landed is staged, resolved and published, as a sync does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.golden.publish import publish
from pipelines.golden.settings import PublishSettings
from pipelines.land.writer import moment
from pipelines.resolve import propose
from pipelines.stage.engine import StageCounts, stage_pending
from pipelines.stage.rules import SourceRules, StageSettings
from tests.faults.hub import Hub
from tests.faults.vendors import VENDORS, Vendor
from warehouse.database import Database

if TYPE_CHECKING:
    from connectors.record import Connector

RULES = {name: SourceRules(name) for name in VENDORS} | {"crm": SourceRules("hubspot")}


@dataclass
class WholeHub(Hub):
    """A warehouse with everything that follows from what landed."""

    staging: StageSettings = field(default_factory=lambda: StageSettings(RULES, default_region="DE"))

    def whole(self, *given: Vendor | Connector, full: bool = False) -> StageCounts:
        """Land, stage, resolve and publish; returns what staging did."""
        self.sync(*given, full=full)
        database, run_id, now = Database(self.url), f"run-{self.runs}", moment()
        staged = stage_pending(database, self.staging, run_id, now)
        propose(database, run_id, now)
        publish(database, PublishSettings(), run_id, now)
        return staged

    def organizations(self) -> dict[str, Any]:
        """Name → hub id of every organization that is not gone."""
        return dict(self.query("SELECT name, organization_id FROM organization WHERE deleted_at IS NULL"))

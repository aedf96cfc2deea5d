"""Validation rules as asset checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.validate.check import check_rule
from pipelines.validate.rules import RULES, Rule
from warehouse.database import Database

if TYPE_CHECKING:
    from partnerhub.config import HubConfig


def validation_checks(config: HubConfig) -> list[dg.AssetChecksDefinition]:
    """One non-blocking check per rule."""
    return [rule_check(config, rule) for rule in RULES]


def rule_check(config: HubConfig, rule: Rule) -> dg.AssetChecksDefinition:
    """One rule as a check on its asset."""
    severity = dg.AssetCheckSeverity.ERROR if rule.severity == "error" else dg.AssetCheckSeverity.WARN

    @dg.asset_check(name=rule.name, asset=dg.AssetKey(list(rule.asset)), description=rule.must_hold)
    def check() -> dg.AssetCheckResult:
        with Database(config.warehouse_url).session() as connection:
            outcome = check_rule(connection, rule)
        return dg.AssetCheckResult(
            passed=not outcome.violations,
            severity=severity,
            metadata={"violations": outcome.violations, "sample": dg.MetadataValue.json(outcome.sample)},
        )

    return check

"""Validation rules as asset checks, run together in one step after publication."""

# No `from __future__ import annotations` here: Dagster reads annotations itself.
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from pipelines import steps
from pipelines.validate.rules import RULES, Outcome, Rule

if TYPE_CHECKING:
    from partnerhub.config import HubConfig


def validation_checks(config: "HubConfig") -> dg.AssetChecksDefinition:
    """One step with a non-blocking check per rule."""

    @dg.multi_asset_check(
        name="validate",
        specs=[
            dg.AssetCheckSpec(rule.name, asset=asset_of(rule), description=rule.must_hold) for rule in RULES
        ],
    )
    def validate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        outcomes = steps.validate(config, context.run.run_id)
        yield from (reported(outcome) for outcome in outcomes)

    return validate


def asset_of(rule: Rule) -> dg.AssetKey:
    """The asset a rule is about."""
    return dg.AssetKey(list(rule.asset))


def reported(outcome: Outcome) -> dg.AssetCheckResult:
    """One rule's outcome for Dagster."""
    warns = outcome.rule.severity != "error"
    return dg.AssetCheckResult(
        passed=not outcome.violations,
        asset_key=asset_of(outcome.rule),
        check_name=outcome.rule.name,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        metadata={"violations": outcome.violations, "sample": dg.MetadataValue.json(outcome.sample)},
    )

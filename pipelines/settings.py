"""What each step may know of `partnerhub.yaml`: the configuration cut to one settings object a step."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.registry import connector_class
from partnerhub.identity.bands import bits_of
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.doubtful import best_spelling, is_doubtful
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from pipelines.signals.evaluate import SignalSettings
from pipelines.stage.mass_change import ChangeGuard
from pipelines.stage.rules import HUB, SourceRules, StageSettings
from warehouse.commands.enter import PARTNERS

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from partnerhub.config.model import SourceConfig

CONFIG_VARIABLE = "PARTNERHUB_CONFIG"
CONFIG_PLACES = ("partnerhub.yaml", ".demo/partnerhub.yaml")
"""Where a configuration is looked for, relative to the working folder, when the variable is not set."""

SHOWN_TO_MAPPINGS = frozenset(
    {
        "columns",
        "mailbox",
        "objects",
        "stream",
        "username",
        "default_currency",
        "portal_id",
        "partner_field",
        "partner_pattern",
    }
)
"""Connector settings a mapping may read; secrets and addresses of servers stay with the connector."""


ENTERED = PartnerRule(HUB, PARTNERS)
"""Whom somebody adds by hand is a partner."""


def config_path() -> Path | None:
    """The configuration to use when none was named: `$PARTNERHUB_CONFIG`, else the first of the usual places."""
    named = os.environ.get(CONFIG_VARIABLE)
    places = [Path(named)] if named else [Path(place) for place in CONFIG_PLACES]
    return next((place for place in places if place.is_file()), None)


def stage_settings(config: HubConfig, *, approver: str = "") -> StageSettings:
    """What staging may know. approver: who lets every change of this run through, or empty."""
    return StageSettings(
        sources={
            name: SourceRules(source.connector, source.fields, shown_settings(source.settings, config))
            for name, source in config.sources.items()
        },
        own_domains=config.own_domains,
        own_addresses=config.own_addresses,
        default_region=config.default_region,
        default_currency=config.default_currency,
        guard=ChangeGuard(config.guard.gone, config.guard.changed, config.guard.few, approver),
    )


def shown_settings(settings: Any, config: HubConfig) -> dict[str, Any]:
    """The connector settings a mapping may read, with the hub's default currency."""
    shown = {name: value for name, value in settings.items() if name in SHOWN_TO_MAPPINGS}
    return {"default_currency": config.default_currency, **shown}


def priority_of(source: SourceConfig) -> int:
    """What a source counts when sources disagree: as configured, else as usual for its connector."""
    return source.priority or connector_class(source.connector).usual_priority


def publish_settings(config: HubConfig) -> PublishSettings:
    """What publication may know."""
    return PublishSettings(
        survivorship=Survivorship(
            source_priority={name: priority_of(source) for name, source in config.sources.items()},
            field_priority=dict(config.survivorship),
            strategies=dict(config.strategies),
            doubtful=is_doubtful,
            best_spelling=best_spelling,
        ),
        partner_rules=(
            *(
                PartnerRule(source=rule.source, where=rule.where, program=rule.program)
                for rule in config.partners
            ),
            ENTERED,
        ),
        own_domains=config.own_domains,
        own_addresses=config.own_addresses,
        identity=policy_of(config),
    )


def policy_of(config: HubConfig) -> Policy:
    """The guards, thresholds and weights of matching: as shipped, but for what the configuration says."""
    auto = DEFAULT.auto if config.matching.auto is None else bits_of(config.matching.auto)
    review = DEFAULT.review if config.matching.review is None else bits_of(config.matching.review)
    # One of the two said, the other one follows: there must be room between them.
    return replace(DEFAULT, auto=auto, review=min(review, auto), weights=config.matching.weights)


def signal_settings(config: HubConfig) -> SignalSettings:
    """What the rules of signals may know."""
    return SignalSettings(config.signals, config.own_domains, config.own_addresses, config.clock)

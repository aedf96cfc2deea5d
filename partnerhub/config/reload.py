"""The configuration as its file says it now: secrets are replaced while schedulers run for weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from connectors.errors import FixSetup
from partnerhub.config.load import load_config

if TYPE_CHECKING:
    from partnerhub.config.model import HubConfig

log = structlog.get_logger()


def reloaded(config: HubConfig) -> HubConfig:
    """The same hub with the settings its sources, alerts and webhooks have in the file now, secrets read anew.

    Sources that the file no longer names keep the settings they had; where there is no file, all do. Raises
    InvalidConfig for a file that was broken meanwhile.
    """
    if not config.path.is_file():
        return config
    now = load_config(config.path)
    return replace(
        config,
        sources={**config.sources, **now.sources},
        alerts=now.alerts,
        changes=now.changes,
        lineage=now.lineage,
    )


def as_written(config: HubConfig) -> HubConfig:
    """The same, with the settings known before where the file is broken: whoever watches must go on."""
    try:
        return reloaded(config)
    except FixSetup as error:
        log.warning("configuration not read anew", code=error.code)
        return config

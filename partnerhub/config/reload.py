"""The configuration as its file says it now: secrets are replaced while schedulers run for weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnerhub.config.load import load_config

if TYPE_CHECKING:
    from partnerhub.config.model import HubConfig


def reloaded(config: HubConfig) -> HubConfig:
    """The same hub with the settings its sources and alerts have in the file now, secrets read anew.

    Sources that the file no longer names keep the settings they had; where there is no file, all do. Raises
    InvalidConfig for a file that was broken meanwhile.
    """
    if not config.path.is_file():
        return config
    now = load_config(config.path)
    return replace(config, sources={**config.sources, **now.sources}, alerts=now.alerts)

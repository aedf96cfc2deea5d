"""Dagster's way in: assets, checks, jobs and schedules of the hub that `partnerhub.yaml` describes."""

from __future__ import annotations

import dagster as dg

from partnerhub.config import load_config
from pipelines.defs.build import build_definitions, empty_definitions
from pipelines.settings import config_path


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions for the configuration in the working folder; without one, an empty hub that says how to begin."""
    path = config_path()
    return build_definitions(load_config(path)) if path else empty_definitions()

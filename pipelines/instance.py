"""The Dagster instance a command's run is recorded in, kept quiet and quick."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

import dagster as dg

CONSOLE_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run configuration that keeps Dagster's log lines out of a command's output; what matters is in the report."""


def dagster_instance() -> dg.DagsterInstance:
    """The instance `dagster dev` uses when started in this folder; without a dagster.yaml, one that is forgotten."""
    if os.environ.get("DAGSTER_HOME"):
        return dg.DagsterInstance.get()
    if Path("dagster.yaml").is_file():
        return dg.DagsterInstance.from_config(str(Path.cwd()))
    return dg.DagsterInstance.ephemeral()


def quiet_dagster() -> None:
    """Keep Dagster's own notices out of a command's output."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="dagster")

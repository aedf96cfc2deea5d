"""The machine: program versions, the configuration's secrets, ports, Dagster's folder and its schedules."""

from __future__ import annotations

import platform
import re
import socket
import stat
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from partnerhub import __version__
from pipelines.doctor.findings import Finding, broken, ok, warning
from pipelines.supervision.home import DAGSTER_HOME, home_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnerhub.config import HubConfig

OLDEST: Final = (3, 11)
PACKAGES: Final = (
    "dagster",
    "splink",
    "duckdb",
    "simple-salesforce",
    "hubspot-api-client",
    "imapclient",
)
SECRET_FILE: Final = re.compile(r"\$\{FILE:([^}]+)\}")
PORTS: Final = {8000: "partnerhub serve", 3000: "dagster dev"}


def look_at_machine(config: HubConfig) -> Iterator[Finding]:
    """What is installed and lies around. Opens no connection."""
    if sys.version_info[:2] < OLDEST:
        yield broken("python", f"Python {platform.python_version()}.", "Install Python 3.11 or newer.")
    else:
        yield ok("python", f"Python {platform.python_version()}.")
    yield from look_at_packages()
    yield from look_at_secrets(config)
    yield from look_at_ports()
    yield look_at_dagster(config)


def look_at_packages() -> Iterator[Finding]:
    """The libraries a sync needs, by version."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield broken("packages", f"Not installed: {', '.join(missing)}.", "Install the requirements again.")
    yield ok("packages", ", ".join((f"partnerhub {__version__}", *found)))


def look_at_secrets(config: HubConfig) -> Iterator[Finding]:
    """Files that hold secrets, and the configuration itself, are nobody else's to read."""
    lines = config.path.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("clock:"))
    for name in sorted(set(SECRET_FILE.findall(text))):
        path = config.folder / name.strip()
        if path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            yield warning("keys", f"{path.name} can be read by others.", f"`chmod 600 {path}`")
        elif path.exists():
            yield ok("keys", f"{path.name} is yours alone.")


def look_at_ports() -> Iterator[Finding]:
    """Ports of pages that may be served here."""
    for port, user in PORTS.items():
        try:
            with socket.create_server(("127.0.0.1", port)):
                yield ok("ports", f"{port} is free for `{user}`.")
        except OSError:
            yield ok("ports", f"{port} is taken: `{user}` runs, or needs another port.")


def look_at_dagster(config: HubConfig) -> Finding:
    """Where Dagster keeps its runs, and whether anything starts them."""
    scheduled = sorted(name for name, source in config.sources.items() if source.schedule)
    if scheduled and home_of(config.folder) is None:
        fix = f"Copy dagster.yaml from the project to {config.folder}, or set {DAGSTER_HOME}; then `partnerhub up`."
        return warning("schedules", f"No dagster.yaml here, but schedules for {', '.join(scheduled)}.", fix)
    if not scheduled:
        return ok("schedules", "No source has a schedule: syncs are started by hand or by cron.")
    return ok("schedules", f"{', '.join(scheduled)} by schedule.")

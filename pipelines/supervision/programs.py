"""The programs of a hub: Dagster's code server and daemon, and the pages."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Final, NamedTuple

LOOPBACK: Final = "127.0.0.1"
MODULE: Final = "pipelines.definitions"
QUIET: Final = ("--log-level", "warning")
"""What runs say stands in the warehouse and in Dagster's history, not on this screen."""
LOCATION: Final = "partnerhub"
DAEMON: Final = "from dagster._daemon.cli import main; main()"
PARTNERHUB: Final = "from partnerhub.cli.app import main; main()"
"""Started by the interpreter that runs this, whatever stands on the path."""


class Program(NamedTuple):
    """One program to keep at work. waits_for: a port that has to answer before it is started; 0 for none."""

    name: str
    command: tuple[str, ...]
    waits_for: int = 0


def programs_of(
    config_path: Path, *, port: int, code_port: int, workspace: Path, pages: bool = True, workers: int = 0
) -> list[Program]:
    """What `partnerhub up` runs, in the order of their start. Runs of Dagster are children of the code server.

    workspace: as `write_workspace` made it for `code_port`. workers: processes that answer pages, 0 for as many as
    `partnerhub serve` takes. `dagster dev` is not used: it leaves processes behind when it is told to stop.
    """
    python = sys.executable
    code = (
        python,
        "-m",
        "dagster",
        "code-server",
        "start",
        "-m",
        MODULE,
        "-h",
        LOOPBACK,
        "-p",
        str(code_port),
    )
    # The daemon asks the code server; both read the same configuration from the environment.
    daemon = (python, "-c", DAEMON, "run", "--workspace", str(workspace))
    found = [
        Program("code server", (*code, "--location-name", LOCATION, *QUIET)),
        Program("scheduler", (*daemon, *QUIET), waits_for=code_port),
    ]
    if pages:
        serve = (python, "-c", PARTNERHUB, "--config", str(config_path), "serve", "--port", str(port))
        found.append(Program("pages", (*serve, "--workers", str(workers))))
    return found


def write_workspace(path: Path, code_port: int) -> Path:
    """Where Dagster's daemon finds the code server, by a name that outlasts its port.

    A run that was at work when the hub stopped belongs to a location of that name; under the name of a port that was
    free by chance it would not be found again.
    """
    server = {"host": LOOPBACK, "port": code_port, "location_name": LOCATION}
    path.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")  # JSON is YAML
    return path


def free_port() -> int:
    """A port of this machine nobody listens on now."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False

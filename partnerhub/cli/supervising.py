"""`partnerhub up`: everything an unattended hub needs on one machine, kept at work until it is told to stop."""

from __future__ import annotations

import os
import signal
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.interruption import leave
from partnerhub.cli.invocation import configuration
from partnerhub.cli.output import console, counted
from partnerhub.cli.serving import Workers, require_free
from pipelines.supervision.home import DAGSTER_HOME, home_of

if TYPE_CHECKING:
    from types import FrameType

    from partnerhub.config import HubConfig


def up(
    context: typer.Context,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Port of the pages on 127.0.0.1.")
    ] = 8000,
    workers: Workers = 0,
    no_pages: Annotated[bool, typer.Option("--no-pages", help="Schedules only.")] = False,
) -> None:
    """Run schedules and pages unattended: starts a dead program again, stops within 10 seconds on Ctrl-C or SIGTERM."""
    from pipelines.supervision.alone import alone

    config = configuration(context)
    home = dagster_home(config.folder)
    with alone(home):
        if not no_pages:
            require_free(port)
        keep_at_work(config, home, port, None if no_pages else workers)
    leave(exit_codes.COMPLETE)  # on a busy machine tidying up an interpreter takes seconds that nobody has


def keep_at_work(config: HubConfig, home: Path, port: int, workers: int | None) -> None:
    """Start all programs and look after them until Ctrl-C or SIGTERM.

    home: the folder with dagster.yaml. workers: processes that answer pages, 0 for as many as fit; None for no pages.
    """
    from pipelines.settings import CONFIG_VARIABLE
    from pipelines.supervision.asked import taking
    from pipelines.supervision.programs import free_port, programs_of, write_workspace
    from pipelines.supervision.supervisor import Supervisor
    from warehouse.schema import migrate

    pages = workers is not None
    migrate(config.warehouse_url)
    screen = console()
    scheduled = sorted(name for name, source in config.sources.items() if source.schedule)
    screen.print(
        f"{counted(len(scheduled), 'source')} by schedule: {', '.join(scheduled) or 'none'}.", markup=False
    )
    if pages:
        screen.print(f"Partners are at http://127.0.0.1:{port}/partners.", markup=False)

    def say(name: str, happened: str) -> None:
        screen.print(f"{name}: {happened}", markup=False)

    environment = {**os.environ, CONFIG_VARIABLE: str(config.path), DAGSTER_HOME: str(home)}
    with TemporaryDirectory(prefix="partnerhub-up-") as folder:
        code_port = free_port()
        workspace = write_workspace(Path(folder) / "workspace.yaml", code_port)
        programs = programs_of(
            config.path,
            port=port,
            code_port=code_port,
            workspace=workspace,
            pages=pages,
            workers=workers or 0,
        )
        supervisor = Supervisor(programs, environment, say)

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            supervisor.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        # The pages take asked runs themselves; shown elsewhere, they wait for somebody here.
        with nullcontext() if pages else taking(config.path, config.warehouse_url):
            supervisor.run()
    screen.print("Stopped; what was at work goes on with the next start.", markup=False)


def dagster_home(folder: Path) -> Path:
    """The folder with dagster.yaml, as `home_of` finds it. Raises FixSetup where there is none."""
    from connectors.errors import FixSetup

    found = home_of(folder)
    if found is None:
        raise FixSetup(
            code="no_dagster_yaml",
            do=f"Copy dagster.yaml from the project to {folder}, or set {DAGSTER_HOME}.",
            happened="Schedules need Dagster's own settings, and there is no dagster.yaml here.",
        )
    return found

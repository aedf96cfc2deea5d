"""What the options before a command mean: which configuration, and from it which warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, cast

import typer

if TYPE_CHECKING:
    from typing import TextIO

    from partnerhub.config import HubConfig
    from warehouse.database import Database

DEFAULT_CONFIG: Final = Path("partnerhub.yaml")

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, help="Rows at most.")]


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options given before the command."""

    config_path: Path
    debug: bool = False


def alone(context: typer.Context, *, as_json: bool) -> bool:
    """Whether a group of commands stands alone, and so means its list. Refuses a `--json` before a command."""
    if context.invoked_subcommand is not None and as_json:
        raise typer.BadParameter(
            f"Write --json after `{context.invoked_subcommand}`: it belongs to that command."
        )
    return context.invoked_subcommand is None


def configuration(context: typer.Context, *, with_settings: bool = True) -> HubConfig:
    """The configuration of this invocation, checked. Raises InvalidConfig."""
    from partnerhub.config import load_config

    return load_config(context.obj.config_path, with_settings=with_settings)


def warehouse(context: typer.Context) -> Database:
    """The warehouse of this invocation, for reading: it must exist and have this program's schema."""
    return existing(configuration(context, with_settings=False).warehouse_url)


def existing(url: str) -> Database:
    """The warehouse at `url`. Raises WarehouseError when it is absent (opening SQLite would create it) or outdated."""
    from warehouse.database import Database
    from warehouse.errors import DatabaseUnavailable
    from warehouse.schema import require_current

    database = Database(url)
    if database.dialect == "sqlite" and not database.path.exists():
        raise DatabaseUnavailable(
            str(database.path), "the file is not there yet; run `partnerhub sync` first"
        )
    require_current(database)
    return database


def log_to_stderr(*, debug: bool) -> None:
    """Send the engine's log to stderr: errors, or everything when debugging; warnings are told as problems.

    Stdout belongs to the command's answer.
    """
    import logging

    import structlog

    from partnerhub.cli.discretion import discreet
    from partnerhub.cli.log_stream import LogStream

    level = logging.DEBUG if debug else logging.ERROR
    usual = [each for each in structlog.get_config()["processors"] if each is not discreet]
    structlog.configure(
        processors=[*usual[:-1], discreet, usual[-1]],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", LogStream())),
    )
    logging.getLogger().setLevel(level)

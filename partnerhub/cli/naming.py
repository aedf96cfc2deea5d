"""Sources, streams and moments as they are typed: what nothing is called is refused, or its silence would be a lie."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import typer

from partnerhub.cli.invocation import configuration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnerhub.config import HubConfig
    from warehouse.database import Connection

UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MOMENT: Final = "Write a UTC time as 2026-10-01T09:00, or how long: 90m, 2h, 3d, 1w."
DAY: Final = "Write a day or a UTC time: 2026-10-01, 2026-10-01T09:00."
READ: Final = """
SELECT stream FROM stream_run WHERE source = ? UNION SELECT stream FROM cursor WHERE source = ? ORDER BY stream
"""


def known_sources(context: typer.Context, connection: Connection, named: Iterable[str]) -> None:
    """Raise a usage error for a source that is neither configured nor ever was read, with the nearest one."""
    from partnerhub.config.problems import closest

    named = [name for name in named if name]
    if not named:
        return
    config = configuration(context, with_settings=False)
    rows = connection.query("SELECT source FROM source")
    known = dict.fromkeys((*config.sources, *(str(source) for (source,) in rows)))
    for name in named:
        if name not in known:
            raise typer.BadParameter(f"There is no source `{name}`. {closest(name, known)}")


def known_stream(config: HubConfig, connection: Connection, source: str, stream: str) -> None:
    """Raise a usage error for a stream that its source neither offers nor ever was read of, with the nearest one."""
    from pydantic import ValidationError

    from connectors.errors import SyncError
    from partnerhub.config.problems import closest

    known = dict.fromkeys(str(name) for (name,) in connection.query(READ, (source, source)))
    if stream in known:
        return
    with suppress(KeyError, ValidationError, SyncError):  # configured no more, or its secrets are not here
        known |= dict.fromkeys(one.name for one in config.connector(source).streams())
    if stream not in known:
        raise typer.BadParameter(f"{source} has no stream `{stream}`. {closest(stream, known)}")


def known_place(context: typer.Context, connection: Connection, place: str) -> tuple[str, str]:
    """`SOURCE/STREAM` or `SOURCE` as a source that is known and its stream; both empty for nothing."""
    source, _, stream = place.partition("/")
    known_sources(context, connection, [source])
    if stream:
        known_stream(configuration(context, with_settings=False), connection, source, stream)
    return source, stream


def end_of(text: str) -> str | None:
    """`2h` from now or a UTC time that is still to come, as the hub's UTC text; None for nothing."""
    from connectors.record import utc_text

    if not text:
        return None
    if text[:-1].isdigit() and text[-1] in UNITS:
        return utc_text(datetime.now(UTC) + timedelta(**{UNITS[text[-1]]: int(text[:-1])}))
    end = moment_in(text, MOMENT)
    if end <= datetime.now(UTC):
        raise typer.BadParameter(f"{end:%Y-%m-%d %H:%M} UTC has passed. {MOMENT}")
    return utc_text(end)


def day_or_time(text: str) -> str:
    """A day or a UTC time as the hub's UTC text; empty for nothing."""
    from connectors.record import utc_text

    return utc_text(moment_in(text, DAY)) if text else ""


def moment_in(text: str, otherwise: str) -> datetime:
    """A moment as ISO 8601 writes it, in UTC where nothing else is said. Raises a usage error with what to write."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(otherwise) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

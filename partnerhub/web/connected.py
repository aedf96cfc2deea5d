"""What a page asks for: a connection for the time of one request, and the time it began."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from connectors.record import utc_text
from warehouse.database import Connection, Database


def connected(request: Request) -> Iterator[Connection]:
    """A connection for the time of one request."""
    database: Database = request.app.state.database
    with database.session() as connection:
        yield connection


def now_text() -> str:
    """Now, as the hub's UTC text."""
    return utc_text(datetime.now(UTC))


Connected = Annotated[Connection, Depends(connected)]
Now = Annotated[str, Depends(now_text)]

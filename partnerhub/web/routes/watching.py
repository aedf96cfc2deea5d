"""For machines that watch: `/healthz` (the process answers), `/readyz` (its warehouse, too), `/metrics` (numbers).

The numbers name sources and streams: this machine reads them as it likes, others through a proxy with a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from partnerhub.access.roles import Permission
from partnerhub.web.connected import OneConnection
from partnerhub.web.guard import NotAllowed, Open, caller_behind
from warehouse.errors import WarehouseError
from warehouse.queries.metrics import hub_in_numbers
from warehouse.queries.watching import text_of
from warehouse.schema import require_current

if TYPE_CHECKING:
    from partnerhub.web.connected import Lent
    from warehouse.database import Database
    from warehouse.queries.metrics import Family

OPEN_METRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
AWAY: Final = 503
NOT_SIGNED_IN: Final = 401

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(Open("states and numbers, no name and no text"))]
)


@router.get("/healthz")
def alive() -> PlainTextResponse:
    """The process answers; nothing else is looked at."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Whether the warehouse can be read by this version: 200, or 503 with what to do."""
    problem = obstacle(request.app.state.database)
    if problem is None:
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "not ready", "kind": type(problem).__name__, "do": problem.do}, AWAY)


@router.get("/metrics")
def metrics(request: Request, lent: OneConnection) -> Response:
    """Every number, as OpenMetrics writes it; 503 without a word of where the warehouse lies when it cannot be read."""
    require_reader(request, lent)
    database: Database = request.app.state.database
    problem = obstacle(database)
    if problem is not None:
        return PlainTextResponse(f"{problem.do}\n", AWAY)
    now = text_of(datetime.now(UTC))
    with database.session() as connection:
        lines = [
            line
            for family in hub_in_numbers(connection, request.app.state.wiring.due(), now)
            for line in written(family)
        ]
    return Response("\n".join([*lines, "# EOF", ""]), media_type=OPEN_METRICS)


def require_reader(request: Request, lent: Lent) -> None:
    """Raise for another machine that brings no key, or one that may not read how the syncs are."""
    if is_here(request):
        return
    caller = caller_behind(request, lent)
    if caller is None:
        raise HTTPException(NOT_SIGNED_IN, headers={"WWW-Authenticate": "Bearer"})
    if not caller.may(Permission.READ_SYNC):
        raise NotAllowed(Permission.READ_SYNC)


def is_here(request: Request) -> bool:
    """Whether this machine asks. A proxy on it says for whom it asks, and the server believes it."""
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def obstacle(database: Database) -> WarehouseError | None:
    """What keeps the warehouse from being read, if anything. Creates no file where none is."""
    try:
        if database.dialect == "sqlite" and not database.path.exists():
            return WarehouseError("The warehouse is not there yet.", "Run `partnerhub sync`, which makes it.")
        require_current(database)
    except WarehouseError as error:
        return error
    return None


def written(family: Family) -> Iterator[str]:
    """One family: its type, what it says, its numbers."""
    yield f"# TYPE {family.name} gauge"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {family.says}"
    for labels, value in family.metrics:
        named = ",".join(f'{name}="{text.translate(ESCAPED)}"' for name, text in labels)
        number = int(value) if float(value).is_integer() else round(value, 6)
        yield f"{family.name}{{{named}}} {number}" if named else f"{family.name} {number}"

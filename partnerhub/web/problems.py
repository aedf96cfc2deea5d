"""What is shown when something does not work: what happened, and what to do; never where the warehouse lies."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException as HttpError

from partnerhub.web.busy import busy_page
from partnerhub.web.connected import lending
from partnerhub.web.guard import NotAllowed, SignInFirst, caller_behind
from partnerhub.web.moved import AnswersElsewhere, on_answers_elsewhere
from partnerhub.web.rendering import render
from warehouse.errors import (
    AlreadyRunning,
    ConnectionLost,
    Contended,
    DatabaseBusy,
    DatabaseUnavailable,
    DiskFull,
    NotFound,
    SchemaMismatch,
    UnsupportedUrl,
    WarehouseError,
)
from warehouse.trouble import is_busy, is_psycopg, named

API: Final = "/api"
NOT_SIGNED_IN: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
CONFLICT: Final = 409
TOO_LARGE: Final = 413
NOT_UNDERSTOOD: Final = 422
BROKEN: Final = 500
AWAY: Final = 503
OTHER: Final = "This cannot be done here."
OWNERS: Final = {
    FORBIDDEN: "an administrator of this hub",
    BROKEN: "an operator of this hub",
    AWAY: "an operator of this hub",
}
"""Who acts on an error, by its status; else whoever sees it."""
OUT_OF_REACH: Final = (
    AlreadyRunning, ConnectionLost, Contended, DatabaseBusy, DatabaseUnavailable, DiskFull, SchemaMismatch,
    UnsupportedUrl,
)  # fmt: skip
"""The warehouse cannot be used right now; any other error of its is a refusal with its reason."""
SILENT: Final = (ConnectionLost, DatabaseUnavailable, UnsupportedUrl)
"""What happened is not told: it may name where the warehouse lies."""


def add_problems(app: FastAPI) -> None:
    """Put every handler into an application."""
    app.add_exception_handler(SignInFirst, on_sign_in_first)
    app.add_exception_handler(NotAllowed, on_not_allowed)
    app.add_exception_handler(AnswersElsewhere, on_answers_elsewhere)
    app.add_exception_handler(HttpError, on_http_error)
    app.add_exception_handler(RequestValidationError, on_not_understood)
    app.add_exception_handler(WarehouseError, on_warehouse_error)
    app.add_exception_handler(sqlite3.OperationalError, on_locked)


def answered(request: Request, status: int, title: str, do: str) -> Response:
    """The same words as a page, or as JSON for a program."""
    if request.url.path.startswith(API):
        return JSONResponse({"title": title, "do": do, "status": status}, status)
    who = OWNERS.get(status, "you")
    return render(request, "problem.html", {"title": title, "do": do, "who": who}, status=status)


async def on_sign_in_first(request: Request, _: Exception) -> Response:
    """To the sign-in page and back; a program and a fragment are told."""
    if request.url.path.startswith(API):
        do = "Send an API key: `Authorization: Bearer hub_…`. `partnerhub keys add NAME` makes one."
        headers = {"WWW-Authenticate": "Bearer"}
        return JSONResponse(
            {"title": "Sign in first", "do": do, "status": NOT_SIGNED_IN}, NOT_SIGNED_IN, headers
        )
    came_from = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    there = "/sign-in" if request.method != "GET" else f"/sign-in?next={quote(came_from, safe='')}"
    if request.headers.get("hx-request"):
        return Response(status_code=NOT_SIGNED_IN, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse(there, status_code=303)


async def on_not_allowed(request: Request, error: Exception) -> Response:
    """Signed in, but not for this."""
    lacking = error.permission if isinstance(error, NotAllowed) else ""
    who = getattr(getattr(request.state, "caller", None), "viewer", None)
    path = getattr(request.scope.get("route"), "path", "")
    structlog.get_logger().warning("not allowed", who=who and who.name, path=path, lacking=str(lacking))
    do = f"It takes the permission {lacking}. Ask an administrator of this hub for a role that has it."
    return answered(request, FORBIDDEN, "You may not open this", do)


async def on_http_error(request: Request, error: Exception) -> Response:
    """An address nothing answers to, or not in this way."""
    status = error.status_code if isinstance(error, HttpError) else BROKEN
    if status == NOT_FOUND:
        with suppress(WarehouseError), lending(request.app) as lent:
            caller_behind(request, lent)  # for the navigation: no guard was asked
        do = "The partner list and the search at the top find everything there is."
        return answered(request, status, "Nothing is here", do)
    if status == TOO_LARGE:
        return answered(request, status, "This is too much at once", "Send less than four megabytes.")
    return answered(request, status, OTHER, "Go back and try another way.")


async def on_not_understood(request: Request, error: Exception) -> Response:
    """Parameters or fields that cannot be read: which, and why."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    said = "; ".join(
        f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in found[:5]
    )
    return answered(request, NOT_UNDERSTOOD, "This was not understood", f"{said}.")


async def on_warehouse_error(request: Request, error: Exception) -> Response:
    """The warehouse says why not: nothing of the kind, refused, or not to be reached."""
    if is_busy(error) and not request.url.path.startswith(API):
        return await busy_page(request)
    return (
        refused(request, error) if isinstance(error, WarehouseError) else on_unexpected_error(request, error)
    )


async def on_locked(request: Request, error: Exception) -> Response:
    """A database of one file that somebody else writes to; any other trouble of its is one of ours."""
    if is_busy(error):
        return await on_warehouse_error(request, named(error) or error)
    return on_unexpected_error(request, error)


def refused(request: Request, error: WarehouseError) -> Response:
    """What the warehouse says, with what to do."""
    status = (
        NOT_FOUND if isinstance(error, NotFound) else AWAY if isinstance(error, OUT_OF_REACH) else CONFLICT
    )
    title = "The warehouse does not answer" if isinstance(error, SILENT) else error.happened
    return answered(request, status, title, error.do)


def on_unexpected_error(request: Request, error: Exception) -> Response:
    """A trouble of the database's, something no database keeps, or a bug of ours."""
    log_failure(request, error)
    trouble = named(error)
    if trouble is not None:
        return refused(request, trouble)
    if is_unstorable(error):
        do = "A text or a number in it cannot be stored. Write it without characters that cannot be printed."
        return answered(request, NOT_UNDERSTOOD, "This was not understood", do)
    do = "Something went wrong that should not; the log of the hub names it. Try again; if it stays, say when it was."
    return answered(request, BROKEN, "This did not work", do)


def is_unstorable(error: Exception) -> bool:
    """Whether a form or a program's JSON held half of a character, NUL, or a number beyond the database's."""
    return isinstance(error, (UnicodeEncodeError, OverflowError)) or is_psycopg(error, "DataError")


def log_failure(request: Request, error: Exception) -> None:
    """Name an error by its type, without its message, which may hold data."""
    # The address as it is declared: some hold a secret, such as a sign-in link.
    path = getattr(request.scope.get("route"), "path", "")
    structlog.get_logger().error("page failed", path=path, kind=type(error).__name__)

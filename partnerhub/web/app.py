"""The web application: GET only, one stylesheet, a strict content security policy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException as HttpError
from starlette.middleware.trustedhost import TrustedHostMiddleware

from mappings.canonical import TIME
from partnerhub.web import wording
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.watching import DueNow, add_watching
from warehouse.database import Connection, Database
from warehouse.errors import WarehouseError
from warehouse.queries import record
from warehouse.queries.completeness import completeness_of
from warehouse.queries.naming import ENTERED
from warehouse.queries.partners import Position, count_partners, list_partners, surviving_id
from warehouse.queries.relations import relations
from warehouse.queries.signals import signals

FOLDER: Final = Path(__file__).parent
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOOPBACK: Final = ("127.0.0.1", "localhost")
"""Names these pages answer to: a foreign page whose own name was pointed at this machine must not read them."""
STYLE: Final = (FOLDER / "static" / "partners.css").read_text(encoding="utf-8")
STYLE_MARK: Final = hashlib.sha256(STYLE.encode()).hexdigest()[:12]
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UTC_TEXT: Final = re.compile(TIME)
NOT_FOUND: Final = 404
ICON: Final = (FOLDER / "static" / "icon.svg").read_text(encoding="utf-8")

Search = Annotated[str, Query(alias="q", max_length=200)]
After = Annotated[str, Query(max_length=1000)]


def create_app(database_url: str, due: DueNow = dict) -> FastAPI:
    """The pages over one warehouse. A connection per request; nothing is written, nothing is opened before one.

    due: by when schedules must have brought something, asked at each request.
    """
    app = FastAPI(title="Partner Hub", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.database = Database(database_url)
    app.state.pages = environment()
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK), www_redirect=False)
    app.middleware("http")(with_headers)
    app.add_exception_handler(HttpError, on_http_error)
    app.add_exception_handler(WarehouseError, on_warehouse_error)
    app.get("/", include_in_schema=False)(home)
    app.get("/health")(health)
    app.get("/partners", response_class=HTMLResponse)(partners)
    app.get("/partners/{organization_id}", response_class=HTMLResponse)(partner)
    app.get("/partners.css")(stylesheet)
    app.get("/icon.svg")(icon)
    add_watching(app, due)
    return app


def environment() -> Environment:
    """Templates that escape everything and refuse to print what is not there."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= wording.FILTERS
    made.globals["style_mark"] = STYLE_MARK
    return made


async def with_headers(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
    """Put the security headers on every answer; a cache header that is already there stays.

    A bug ends here: left to the server, it would be logged with its text, which may quote a record.
    """
    try:
        response = await following(request)
    except Exception as error:  # noqa: BLE001  # the last one who can keep it
        response = on_unexpected_error(request, error)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def connected(request: Request) -> Iterator[Connection]:
    """A connection for the time of one request."""
    database: Database = request.app.state.database
    with database.session() as connection:
        yield connection


Connected = Annotated[Connection, Depends(connected)]


def home() -> RedirectResponse:
    """The list is the home page."""
    return RedirectResponse("/partners", status_code=307)


def health(connection: Connected) -> JSONResponse:
    """Whether the warehouse answers, and how many partners it holds."""
    return JSONResponse({"status": "ok", "partners": count_partners(connection)})


def stylesheet() -> PlainTextResponse:
    """The one stylesheet; its address changes with its content, so it may be kept."""
    return PlainTextResponse(STYLE, media_type="text/css", headers={"Cache-Control": FOR_A_YEAR})


def icon() -> Response:
    """The mark in a browser's tab."""
    return Response(ICON, media_type="image/svg+xml", headers={"Cache-Control": FOR_A_YEAR})


def partners(request: Request, connection: Connected, search: Search = "", after: After = "") -> HTMLResponse:
    """The partner list, a page at a time."""
    position = decode_position(after)
    page = list_partners(connection, search=search, after=Position(*position) if position else None)
    return rendered(
        request,
        "partners.html",
        page=page,
        search=search,
        continued=position is not None,
        following=encode_position(page.following) if page.following else None,
        count=count_partners(connection),
    )


def partner(request: Request, connection: Connected, organization_id: str, before: After = "") -> Response:
    """One partner. An id that was merged answers by its survivor, for good as far as a browser is concerned."""
    survivor = surviving_id(connection, organization_id) if UUID_TEXT.fullmatch(organization_id) else None
    if survivor is None:
        raise HTTPException(NOT_FOUND)
    if survivor != organization_id:
        return RedirectResponse(f"/partners/{survivor}", status_code=308)
    position = decode_position(before)
    if position and not UTC_TEXT.fullmatch(position[0]):
        position = None
    return rendered(request, "partner.html", **partner_facts(connection, survivor, position))


def partner_facts(
    connection: Connection, organization_id: str, before: tuple[str, str] | None
) -> dict[str, Any]:
    """Everything the page of one partner shows."""
    records = record.source_records(connection, organization_id)
    events = record.timeline(connection, organization_id, before=before, limit=record.TIMELINE_PAGE + 1)
    shown = events[: record.TIMELINE_PAGE]
    more = len(events) > record.TIMELINE_PAGE
    return {
        "organization": record.organization(connection, organization_id),
        "partnerships": record.partnerships(connection, organization_id),
        "records": records,
        "values": wording.grouped(record.values(connection, organization_id)),
        "signals": signals(connection, organization_id),
        "relations": relations(connection, organization_id),
        "people": record.people(connection, organization_id),
        "deals": record.deals(connection, organization_id),
        "sources": completeness_of(connection, organization_id),
        "entered": ENTERED,
        "events": wording.by_month(shown),
        "older": encode_position((shown[-1].happened_at, shown[-1].fact_id)) if more else None,
        "continued": before is not None,
    }


def rendered(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """A template filled in."""
    pages: Environment = request.app.state.pages
    return HTMLResponse(pages.get_template(template).render(**facts), status_code=status)


async def on_http_error(request: Request, error: Exception) -> Response:
    """A page that helps, for an address nothing answers to."""
    status = error.status_code if isinstance(error, HttpError) else 500
    headers = dict(getattr(error, "headers", None) or {})
    if status == NOT_FOUND:
        return rendered(request, "not_found.html", status)
    return PlainTextResponse(f"{status}: these pages can only be read.\n", status, headers)


async def on_warehouse_error(request: Request, error: Exception) -> Response:
    """The warehouse does not answer: say what to do, not where it lies."""
    do = error.do if isinstance(error, WarehouseError) else ""
    return rendered(request, "unavailable.html", 503, do=do)


def on_unexpected_error(request: Request, error: Exception) -> Response:
    """A bug of ours: named by type in the log, without its message, which may hold data."""
    structlog.get_logger().error("page failed", path=request.url.path, kind=type(error).__name__)
    return rendered(
        request, "unavailable.html", 500, do="Something went wrong that should not; the log names it."
    )

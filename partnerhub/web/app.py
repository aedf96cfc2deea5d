"""The web application put together: every page found by name, guarded, with its headers and its words for failure."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.trustedhost import TrustedHostMiddleware

from partnerhub.access.throttle import Throttle
from partnerhub.web import origin, routes, static_files
from partnerhub.web.guard import require_declared
from partnerhub.web.open_streams import OpenStreams
from partnerhub.web.problems import add_problems
from partnerhub.web.rendering import environment
from partnerhub.web.wiring import PAGES_WAIT
from warehouse.database import Database
from warehouse.reconnecting import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnerhub.web.wiring import Wiring


SIGN_IN_TRIES: Final = (10, 6.0)
"""At once, and a minute from then on, per login and per address: a password outside of a list of common ones holds."""

MOST_BYTES: Final = 4_000_000
"""Of a request's body, signed in or not; OpenRefine sends a million characters at most, all else is far below."""


def create_app(wiring: Wiring, shared: Path | None = None) -> FastAPI:
    """The pages over one warehouse. A connection per request; nothing is opened before one. Raises Undeclared.

    shared: where several processes answer, a folder of this server alone: what they count together is kept there.
    """
    app = FastAPI(
        title="Partner Hub", docs_url=None, redoc_url=None, openapi_url=None, max_body_size=MOST_BYTES
    )
    app.state.wiring = wiring
    app.state.over_https = wiring.over_https
    app.state.database = Database(wiring.database_url, patience=AT_ONCE, waits=PAGES_WAIT)
    app.state.pages = environment()
    app.state.sign_in_tries = Throttle(*SIGN_IN_TRIES, file=shared and shared / "tries.db")
    app.state.streams = OpenStreams(file=shared and shared / "streams.db")
    app.middleware("http")(origin.from_our_pages)
    app.middleware("http")(origin.with_headers)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=wiring.hosts, www_redirect=False)
    add_problems(app)
    # The routes themselves, not their routers: so the guard sees each of them as it is served.
    for router in (static_files.router, *routers()):
        app.router.routes.extend(router.routes)
    require_declared(app)
    app.state.addresses = frozenset(route.path for route in app.routes if isinstance(route, APIRoute))
    return app


def routers() -> Iterator[APIRouter]:
    """The router of every module of `routes`, by name."""
    for found in sorted(pkgutil.iter_modules(routes.__path__), key=lambda each: each.name):
        yield importlib.import_module(f"{routes.__name__}.{found.name}").router

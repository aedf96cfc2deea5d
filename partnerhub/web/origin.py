"""What every answer carries, and from where a form may come: security headers and the check against foreign pages.

A request that changes something must come from our own pages. Browsers say so themselves (`Sec-Fetch-Site`, or `Origin`
in older ones), so forms need no token. A program with an API key and no cookie cannot be misled by a page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from partnerhub.web.guard import BEARER
from partnerhub.web.problems import on_unexpected_error

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OURS: Final = frozenset({"same-origin", "none"})
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
KEYED: Final = "/api/reconcile/key/"
"""Addresses that a key in them opens, and never a cookie: a foreign page can do nothing there in anybody's name."""
RECONCILING: Final = "/api/reconcile"
FOR_ALL: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""What matches lists is asked from pages of other sites, refusals included; `*` lets none of them use a cookie."""
STRICT_TRANSPORT: Final = "max-age=31536000; includeSubDomains"
FORBIDDEN: Final = 403

Following = Callable[[Request], Awaitable[Response]]


async def with_headers(request: Request, following: Following) -> Response:
    """Put the security headers on every answer; one that is already there stays.

    A bug ends here: left to the server, it would be logged with its text, which may quote a record.
    """
    try:
        response = await following(request)
    except Exception as error:  # noqa: BLE001  # the last one who can keep it
        response = on_unexpected_error(request, error)
    if request.url.path.startswith(RECONCILING):
        for name, value in FOR_ALL.items():
            response.headers.setdefault(name, value)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.app.state.wiring.over_https:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    return response


async def from_our_pages(request: Request, following: Following) -> Response:
    """Refuse what would change something and comes from elsewhere."""
    if request.method in SAFE or is_ours(request):
        return await following(request)
    return PlainTextResponse(
        "This request comes from another site. Open the page here and try again.\n", FORBIDDEN
    )


def is_ours(request: Request) -> bool:
    """Whether one of our pages, or a program without a browser's cookie, sent it."""
    if request.headers.get("authorization", "").startswith(BEARER) and not request.headers.get("cookie"):
        return True
    if request.url.path.startswith(KEYED):
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in OURS
    origin = urlsplit(request.headers.get("origin", ""))
    if request.app.state.wiring.over_https and origin.scheme != "https" and not is_local(origin.hostname):
        return False
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


def is_local(host: str | None) -> bool:
    """Whether a name means this machine, where no network lies between browser and hub."""
    return host in {"127.0.0.1", "localhost"}

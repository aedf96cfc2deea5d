"""Who may open what: every address declares a permission, and an application in which one does not, does not start."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import Mount

from connectors.record import utc_text
from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller, account_behind, caller_by_key, caller_of
from partnerhub.web.connected import Lent, OneConnection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant

COOKIE: Final = "partnerhub-session"
SECURE_COOKIE: Final = "__Host-partnerhub-session"
"""Over https: browsers keep others from setting it."""
BEARER: Final = "Bearer "


class SignInFirst(Exception):
    """Nobody is signed in."""


class NotAllowed(Exception):
    """Somebody is, and may not. permission: what they lack."""

    def __init__(self, permission: Permission) -> None:
        """Name it."""
        super().__init__(permission)
        self.permission = permission


class Undeclared(RuntimeError):
    """An address says neither who may open it nor that everybody may."""


class Needs:
    """A dependency: who asks, if they hold the permission. Raises SignInFirst or NotAllowed."""

    def __init__(self, permission: Permission) -> None:
        """Demand one permission."""
        self.permission = permission

    def __call__(self, request: Request, lent: OneConnection) -> Caller:
        """Tell who asks."""
        caller = caller_behind(request, lent)
        if caller is None:
            raise SignInFirst
        if not caller.may(self.permission):
            raise NotAllowed(self.permission)
        return caller


class Open:
    """A dependency that says: everybody may open this. why: what keeps it harmless."""

    def __init__(self, why: str) -> None:
        """Give the reason."""
        self.why = why

    def __call__(self, request: Request) -> None:
        """Let pass."""


class SignedIn:
    """A dependency: who asks, whatever they may do."""

    def __call__(self, request: Request, lent: OneConnection) -> Caller:
        """Tell who asks. Raises SignInFirst."""
        caller = caller_behind(request, lent)
        if caller is None:
            raise SignInFirst
        return caller


def caller_behind(request: Request, lent: Lent) -> Caller | None:
    """Who a request comes from, by API key or by cookie; looked up once a request."""
    if not hasattr(request.state, "caller"):
        request.state.caller = with_mail_levels(request, looked_up(request, lent))
    found: Caller | None = request.state.caller
    return found


def with_mail_levels(request: Request, caller: Caller | None) -> Caller | None:
    """The caller, who sees of mail what this hub's settings let them."""
    if caller is None:
        return None
    viewer = replace(
        caller.viewer,
        mail_levels=request.app.state.wiring.mail_levels,
        reads_mail=caller.may(Permission.READ_MAIL_TEXT),
    )
    return replace(caller, viewer=viewer)


def looked_up(request: Request, lent: Lent) -> Caller | None:
    """Who a request comes from."""
    now = utc_text(datetime.now(UTC))
    authorization = request.headers.get("authorization", "")
    cookie = request.cookies.get(cookie_name(request))
    if not cookie and not authorization.startswith(BEARER):
        return None
    if authorization.startswith(BEARER):
        return caller_by_key(lent.connection, authorization.removeprefix(BEARER), now)
    account = account_behind(lent.connection, str(cookie), now)
    return caller_of(account) if account else None


def cookie_name(request: Request) -> str:
    """The session's cookie: the guarded one where the hub is reached over https."""
    return SECURE_COOKIE if request.app.state.over_https else COOKIE


def declared(route: APIRoute) -> Needs | Open | SignedIn | None:
    """What an address declares."""
    for dependant in dependants(route.dependant):
        if isinstance(dependant.call, (Needs, Open, SignedIn)):
            return dependant.call
    return None


def dependants(dependant: Dependant) -> Iterator[Dependant]:
    """A dependency and everything below it."""
    yield dependant
    for each in dependant.dependencies:
        yield from dependants(each)


def require_declared(app: FastAPI) -> None:
    """Raise Undeclared for the first address that declares nothing, and for anything mounted beside the guard."""
    for route in app.routes:
        if isinstance(route, Mount) or not isinstance(route, APIRoute):
            raise Undeclared(f"{getattr(route, 'path', route)} is served beside the guard.")
        if declared(route) is None:
            raise Undeclared(f"{route.path} declares neither Needs(…), SignedIn() nor Open(…).")


Anybody = Annotated[Caller, Depends(SignedIn())]

"""Who may sign in, which programs have keys; and the audit log, whole or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from connectors.record import utc_text
from partnerhub.access.roles import ALLOWED, Permission, Role
from partnerhub.access.secrets import KEY_DAYS
from partnerhub.access.sign_in import Caller, make_key, make_link, moment
from partnerhub.web.connected import Connected, Now, now_text
from partnerhub.web.guard import Needs
from partnerhub.web.positions import Number
from partnerhub.web.rendering import render
from warehouse.commands.accounts import (
    By,
    add_account,
    disable_account,
    enable_account,
    end_key,
    end_sessions,
    set_roles,
)
from warehouse.queries.accounts import accounts, keys
from warehouse.queries.audit import latest, verified

SEE_OTHER: Final = 303
NOT_UNDERSTOOD: Final = 422
PAGE: Final = 100
LOGIN: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
OWN: Final = "Another administrator has to do this to your own account."

router = APIRouter(include_in_schema=False)
Manager = Annotated[Caller, Depends(Needs(Permission.MANAGE_ACCESS))]
Login = Annotated[str, Form(max_length=200, pattern=LOGIN)]
Roles = Annotated[list[Role], Form()]


@router.get("/accounts", dependencies=[Depends(Needs(Permission.MANAGE_ACCESS))])
def people(request: Request, connection: Connected) -> Response:
    """Everybody who may sign in, and every key."""
    return shown(request, connection)


def shown(request: Request, connection: Connected, status: int = 200, **told: Any) -> Response:
    """The page of accounts, with what has just come out of an act."""
    facts = {
        "accounts": accounts(connection),
        "keys": keys(connection),
        "roles": {role: sorted(ALLOWED[role]) for role in Role},
        "permissions": list(Permission),
        "days": KEY_DAYS,
        "now": now_text(),
        "link": "",
        "key": "",
        "said": "",
    }
    return render(request, "accounts.html", facts | told, status=status)


@router.post("/accounts")
def add(
    request: Request, caller: Manager, connection: Connected, now: Now,
    login: Login, roles: Roles, name: Annotated[str, Form(max_length=200)] = "",
) -> Response:  # fmt: skip
    """Open an account; its sign-in link is shown once."""
    address, by = login.strip().casefold(), By(caller.viewer.name, now)
    with connection.transaction():
        add_account(connection, address, name.strip() or address, [str(role) for role in roles], None, by)
        secret = make_link(connection, address, by)
    return shown(request, connection, link=f"{origin(request)}/sign-in/{secret}", said=address)


@router.post("/accounts/{login}/link")
def new_link(request: Request, caller: Manager, connection: Connected, now: Now, login: str) -> Response:
    """A new sign-in link, shown once; older ones end."""
    with connection.transaction():
        secret = make_link(connection, login, By(caller.viewer.name, now))
    return shown(request, connection, link=f"{origin(request)}/sign-in/{secret}", said=login)


@router.post("/accounts/{login}/roles")
def other_roles(
    request: Request, caller: Manager, connection: Connected, now: Now, login: str, roles: Roles
) -> Response:
    """Give other roles; whoever it is signs in again."""
    if login == caller.viewer.name:
        return shown(request, connection, NOT_UNDERSTOOD, said=OWN)
    with connection.transaction():
        set_roles(connection, login, [str(role) for role in roles], By(caller.viewer.name, now))
    return RedirectResponse("/accounts", SEE_OTHER)


@router.post("/accounts/{login}/disable")
def disable(request: Request, caller: Manager, connection: Connected, now: Now, login: str) -> Response:
    """Nobody signs in with it any more."""
    if login == caller.viewer.name:
        return shown(request, connection, NOT_UNDERSTOOD, said=OWN)
    with connection.transaction():
        disable_account(connection, login, By(caller.viewer.name, now))
    return RedirectResponse("/accounts", SEE_OTHER)


@router.post("/accounts/{login}/sign-out")
def end_theirs(caller: Manager, connection: Connected, now: Now, login: str) -> Response:
    """End every session of somebody, and links they did not use; they may sign in again."""
    with connection.transaction():
        end_sessions(connection, login, By(caller.viewer.name, now))
    return RedirectResponse("/accounts", SEE_OTHER)


@router.post("/accounts/{login}/enable")
def enable(caller: Manager, connection: Connected, now: Now, login: str) -> Response:
    """It may be signed in with again."""
    with connection.transaction():
        enable_account(connection, login, By(caller.viewer.name, now))
    return RedirectResponse("/accounts", SEE_OTHER)


@router.post("/keys")
def add_key(
    request: Request, caller: Manager, connection: Connected, now: Now,
    name: Annotated[str, Form(min_length=1, max_length=200)], allow: Annotated[list[Permission], Form()],
    days: Annotated[int, Form(ge=1, le=10 * KEY_DAYS)] = KEY_DAYS,
) -> Response:  # fmt: skip
    """Make an API key that works for so many days; it is shown once."""
    ends = utc_text(moment(now) + timedelta(days=days))
    with connection.transaction():
        made = make_key(connection, name.strip(), allow, ends, By(caller.viewer.name, now))
    return shown(request, connection, key=made, said=name)


@router.post("/keys/{key_id}/end")
def finish_key(caller: Manager, connection: Connected, now: Now, key_id: str) -> Response:
    """A key opens nothing any more."""
    with connection.transaction():
        end_key(connection, key_id, By(caller.viewer.name, now))
    return RedirectResponse("/accounts", SEE_OTHER)


@router.get("/audit", dependencies=[Depends(Needs(Permission.READ_AUDIT))])
def log(
    request: Request, connection: Connected,
    before: Number | None = None, of: Annotated[str, Query(max_length=200)] = "",
) -> Response:  # fmt: skip
    """The newest entries, and whether the log is whole."""
    found = latest(connection, subject=of, before=before, limit=PAGE + 1)
    facts = {
        "entries": found[:PAGE],
        "older": found[PAGE - 1].number if len(found) > PAGE else None,
        "of": of,
        "chain": verified(connection) if before is None and not of else None,
    }
    return render(request, "audit.html", facts)


def origin(request: Request) -> str:
    """Where links lead: the public address, else this one."""
    public: str = request.app.state.wiring.public_url
    return public or str(request.base_url).rstrip("/")

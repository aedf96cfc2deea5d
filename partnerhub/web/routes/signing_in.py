"""Signing in by a link or a password, choosing a password, signing out, and light or dark."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access import passwords, secrets
from partnerhub.access.sign_in import (
    LONGEST,
    ByLink,
    ByPassword,
    account_behind,
    choose_password,
    enter,
    was_theirs,
)
from partnerhub.access.throttle import Throttle
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Anybody, Open, SignedIn, SignInFirst, cookie_name
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.rendering import THEMES, render
from warehouse.commands.accounts import By, end_session, end_sessions
from warehouse.database import Connection

HOME: Final = "/partners"
SEE_OTHER: Final = 303
REFUSED: Final = 401
TOO_OFTEN: Final = 429
A_YEAR: Final = 31_536_000
NOT_UNDERSTOOD: Final = 422
SLOWER: Final = "Too many tries. Wait {} seconds, then try again."
router = APIRouter(include_in_schema=False)
Anyone = Depends(Open("the way in"))
Next = Annotated[str, Query(alias="next", max_length=1000)]


@router.get("/", dependencies=[Depends(Open("leads to a page that asks who is there"))])
def home() -> Response:
    """The partner list is the home page."""
    return RedirectResponse(HOME, status_code=307)


@router.get("/sign-in", dependencies=[Anyone])
def sign_in_page(request: Request, after: Next = "") -> Response:
    """Where one signs in."""
    return render(request, "sign_in.html", {"after": inside(after), "said": "", "login": ""})


@router.post("/sign-in", dependencies=[Anyone])
def sign_in(
    request: Request, connection: Connected, now: Now,
    login: Annotated[str, Form(max_length=200, pattern=PLAIN)], password: Annotated[str, Form(max_length=1000)],
    after: Annotated[str, Form(alias="next", max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Sign in by password."""
    facts = {"after": inside(after), "login": login}
    wait = wait_for(request, *tried_by(request, connection, login.strip().casefold()))
    if wait:
        return render(request, "sign_in.html", facts | {"said": SLOWER.format(wait)}, status=TOO_OFTEN)
    proof = ByPassword.checked(connection, login, password)
    cookie = enter(connection, proof, now, leaving=session_of(request))
    if cookie is None:
        said = "Address and password do not fit together. A forgotten password is replaced by a new sign-in link."
        return render(request, "sign_in.html", facts | {"said": said}, status=REFUSED)
    return signed_in(request, cookie, inside(after))


@router.get("/sign-in/{secret}", dependencies=[Anyone])
def link_page(request: Request, secret: str) -> Response:
    """A sign-in link, opened: nothing is used up before the button is pressed, as mail programs open links, too."""
    return render(request, "sign_in_link.html", {"secret": secret, "said": ""})


@router.post("/sign-in/{secret}", dependencies=[Anyone])
def use_link(request: Request, connection: Connected, now: Now, secret: str) -> Response:
    """Use a sign-in link up."""
    wait = wait_for(request, f"link:{address_of(request)}")
    if wait:
        facts = {"secret": secret, "said": SLOWER.format(wait)}
        return render(request, "sign_in_link.html", facts, status=TOO_OFTEN)
    cookie = enter(connection, ByLink(secret), now, leaving=session_of(request))
    if cookie is None:
        said = "This link was used, or is older than a day. Ask for a new one: `partnerhub user link LOGIN` makes it."
        return render(request, "sign_in_link.html", {"secret": secret, "said": said}, status=REFUSED)
    return signed_in(request, cookie, HOME)


@router.get("/password", dependencies=[Depends(SignedIn())])
def password_page(request: Request) -> Response:
    """Where one chooses a password."""
    return render(request, "password.html", {"said": "", "shortest": passwords.SHORTEST})


@router.post("/password", dependencies=[Depends(SignedIn())])
def change_password(
    request: Request, connection: Connected, now: Now,
    password: Annotated[str, Form(max_length=1000)], current: Annotated[str, Form(max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Keep a new password; whoever has one gives it first. Every other browser of theirs is signed out."""
    cookie = session_of(request)
    account = account_behind(connection, cookie, now) if cookie else None
    if account is None:
        raise SignInFirst
    wait = wait_for(request, f"password:{account.login}") if account.password_hash else 0
    said = SLOWER.format(wait) if wait else passwords.objection(password, account.login, account.name)
    if not wait and account.password_hash and not passwords.fits(current, account.password_hash):
        said = "The current password is another one."
    if said:
        facts = {"said": said, "shortest": passwords.SHORTEST}
        return render(request, "password.html", facts, status=TOO_OFTEN if wait else NOT_UNDERSTOOD)
    return signed_in(request, choose_password(connection, account, password, now), HOME)


@router.post("/sign-out")
def sign_out(request: Request, connection: Connected, now: Now, caller: Anybody) -> Response:
    """End this session."""
    with connection.transaction():
        end_session(connection, secrets.kept(session_of(request)), caller.viewer.name, now)
    return signed_out(request)


@router.post("/sign-out/everywhere")
def sign_out_everywhere(request: Request, connection: Connected, now: Now, caller: Anybody) -> Response:
    """End every session of this account, here and in other browsers."""
    if caller.by_key:
        raise SignInFirst
    with connection.transaction():
        end_sessions(connection, caller.viewer.name, By(caller.viewer.name, now))
    return signed_out(request)


def signed_out(request: Request) -> Response:
    """To the way in, without the cookie; what the browser kept of the pages goes, too."""
    answer = RedirectResponse("/sign-in", status_code=SEE_OTHER, headers={"Clear-Site-Data": '"cache"'})
    answer.delete_cookie(cookie_name(request), path="/", secure=request.app.state.over_https, httponly=True)
    return answer


@router.post("/theme", dependencies=[Depends(Open("changes how pages look in this browser"))])
def choose_theme(request: Request, theme: Annotated[str, Form(max_length=10)]) -> Response:
    """Light, dark, or as the machine is set (anything else)."""
    back = inside(urlsplit(request.headers.get("referer", "")).path)
    answer = RedirectResponse(back, status_code=SEE_OTHER)
    kept = theme if theme in THEMES else ""
    answer.set_cookie("theme", kept, max_age=A_YEAR, path="/", samesite="lax", httponly=True)
    return answer


def signed_in(request: Request, cookie: str, after: str) -> Response:
    """On to a page, with the session's cookie and the one by which this browser is known again."""
    answer = RedirectResponse(after, status_code=SEE_OTHER)
    https = request.app.state.over_https
    kept = (
        (cookie_name(request), cookie, int(LONGEST.total_seconds())),
        (known_name(request), secrets.kept(cookie), A_YEAR),
    )
    for name, value, age in kept:
        answer.set_cookie(name, value, max_age=age, path="/", secure=https, httponly=True, samesite="lax")
    return answer


def session_of(request: Request) -> str:
    """The session's cookie as the browser brought it; empty for none."""
    return request.cookies.get(cookie_name(request), "")


def known_name(request: Request) -> str:
    """The cookie by which a browser is known that was signed in before: a session's hash, which opens nothing."""
    return cookie_name(request).replace("-session", "-known")


def inside(address: str) -> str:
    """An address on these pages; the home page for any other one, and for what a browser may read as one."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith("//") and not parts.netloc and not parts.scheme
    return address if ours and address.isprintable() and "\\" not in address else HOME


def tried_by(request: Request, connection: Connection, login: str) -> tuple[str, ...]:
    """Whose tries are counted: a browser's that was signed in so before, alone; else the address's and the login's.

    So strangers who try a login, or share an address, lock nobody out of the browser they work with.
    """
    known = request.cookies.get(known_name(request), "")
    if was_theirs(connection, known, login):
        return (f"known:{known}",)
    return f"from:{address_of(request)}", f"login:{login}"


def wait_for(request: Request, *callers: str) -> int:
    """Seconds to wait before another try; who must wait takes nothing from those after them."""
    tries: Throttle = request.app.state.sign_in_tries
    return next((wait for each in callers if (wait := tries.wait_for(each))), 0)


def address_of(request: Request) -> str:
    """Where a request comes from, as far as this server sees; of IPv6 the network, of which anybody has a whole one."""
    host = request.client.host if request.client else "unknown"
    try:
        found = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else host

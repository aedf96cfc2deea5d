"""Signing in by a link or a password, choosing a password, signing out, and light or dark."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access import passwords, secrets
from partnerhub.access.sign_in import (
    LONGEST,
    account_behind,
    choose_password,
    enter_by_link,
    enter_by_password,
)
from partnerhub.access.throttle import Throttle
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Anybody, Open, SignedIn, SignInFirst, cookie_name
from partnerhub.web.rendering import THEMES, render
from warehouse.commands.accounts import end_session

HOME: Final = "/partners"
SEE_OTHER: Final = 303
REFUSED: Final = 401
TOO_OFTEN: Final = 429
A_YEAR: Final = 31_536_000
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
    login: Annotated[str, Form(max_length=200)], password: Annotated[str, Form(max_length=1000)],
    after: Annotated[str, Form(alias="next", max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Sign in by password."""
    facts = {"after": inside(after), "login": login}
    wait = max(
        wait_for(request, f"login:{login.casefold()}"), wait_for(request, f"from:{address_of(request)}")
    )
    if wait:
        said = f"Too many tries. Wait {wait} seconds, then try again."
        return render(request, "sign_in.html", facts | {"said": said}, status=TOO_OFTEN)
    with connection.transaction():
        cookie = enter_by_password(connection, login, password, now)
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
        said = f"Too many tries. Wait {wait} seconds, then try again."
        return render(request, "sign_in_link.html", {"secret": secret, "said": said}, status=TOO_OFTEN)
    with connection.transaction():
        cookie = enter_by_link(connection, secret, now)
    if cookie is None:
        said = (
            "This link was used, or is older than a day. Ask for a new one: `partnerhub user link` makes it."
        )
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
    cookie = request.cookies.get(cookie_name(request), "")
    account = account_behind(connection, cookie, now) if cookie else None
    if account is None:
        raise SignInFirst
    said = passwords.objection(password, account.login, account.name)
    if account.password_hash and not passwords.fits(current, account.password_hash):
        said = "The current password is another one."
    if said:
        facts = {"said": said, "shortest": passwords.SHORTEST}
        return render(request, "password.html", facts, status=422)
    with connection.transaction():
        renewed = choose_password(connection, account, password, now)
    return signed_in(request, renewed, HOME)


@router.post("/sign-out")
def sign_out(request: Request, connection: Connected, now: Now, caller: Anybody) -> Response:
    """End this session."""
    cookie = request.cookies.get(cookie_name(request), "")
    with connection.transaction():
        end_session(connection, secrets.kept(cookie), caller.viewer.name, now)
    answer = RedirectResponse("/sign-in", status_code=SEE_OTHER)
    answer.delete_cookie(cookie_name(request), path="/", secure=request.app.state.over_https)
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
    """On to a page, with the session's cookie."""
    answer = RedirectResponse(after, status_code=SEE_OTHER)
    answer.set_cookie(
        cookie_name(request), cookie, max_age=int(LONGEST.total_seconds()), path="/",
        secure=request.app.state.over_https, httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


def inside(address: str) -> str:
    """An address on these pages; the home page for any other one."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not parts.netloc and not address.startswith(("//", "/\\"))
    return address if ours and not parts.scheme else HOME


def wait_for(request: Request, caller: str) -> int:
    """Seconds to wait before another try."""
    tries: Throttle = request.app.state.sign_in_tries
    return tries.wait_for(caller)


def address_of(request: Request) -> str:
    """Where a request comes from, as far as this server sees."""
    return request.client.host if request.client else "unknown"

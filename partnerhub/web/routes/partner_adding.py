"""Adding a partner by hand: who may be meant already is shown first, and only a second word adds it all the same.

The module's name comes before `partner_page`, so that `/partners/new` is not taken for a partner.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs, NotAllowed
from partnerhub.web.positions import is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.api import meant
from warehouse.commands.enter import PARTNER, Entry
from warehouse.database import Connection

SEE_OTHER: Final = 303
NOT_FOUND, CONFLICT, NOT_UNDERSTOOD = 404, 409, 422
ASKED: Final = (
    ("name", "Name", 300), ("website", "Website", 300), ("email", "E-mail", 300), ("phone", "Phone", 100),
    ("street", "Street", 300), ("postcode", "Postcode", 50), ("city", "City", 200), ("country", "Country", 100),
    ("tier", "Tier", 100),
)  # fmt: skip
"""Field, label and how long it may be."""
SHOWN: Final = 6
UNLIKELY: Final = 0.02
"""Probability below which nobody is warned."""
router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=300)]


def adder(caller: Annotated[Caller, Depends(Needs(Permission.WRITE_ENTRIES))]) -> Caller:
    """Who adds partners: it takes the sight of all of them, to know who is there already."""
    if caller.viewer.organizations is not None:
        raise NotAllowed(Permission.WRITE_ENTRIES)
    return caller


Adder = Annotated[Caller, Depends(adder)]


@router.get("/partners/new", dependencies=[Depends(adder)])
def form(request: Request) -> Response:
    """An empty form."""
    return page(request, dict.fromkeys((name for name, _, _ in ASKED), ""))


@router.post("/partners/new")
def add(
    request: Request, caller: Adder, connection: Connected, now: Now,
    name: Text = "", website: Text = "", email: Text = "", phone: Text = "", street: Text = "", postcode: Text = "",
    city: Text = "", country: Text = "", tier: Text = "", agreed: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Add a partner; whoever may be meant already is shown first, and nothing is added before that was seen."""
    written = {
        "name": name, "website": website, "email": email, "phone": phone, "street": street, "postcode": postcode,
        "city": city, "country": country, "tier": tier,
    }  # fmt: skip
    said = {field: text.strip() for field, text in written.items() if text.strip() and is_storable(text)}
    if "name" not in said:
        return page(request, written, error="Say its name.", status=NOT_UNDERSTOOD)
    likely = alike_to(request, caller, connection, said)
    if likely and not agreed:
        return page(request, written, likely, status=CONFLICT)
    record, organization_id = added(request, caller, connection, now, said)
    if organization_id is None:
        return page(request, written, error=f"It could not be read ({record}).", status=NOT_UNDERSTOOD)
    return RedirectResponse(f"/partners/{organization_id}", SEE_OTHER)


def alike_to(
    request: Request, caller: Caller, connection: Connection, said: dict[str, str]
) -> list[dict[str, Any]]:
    """Who may be meant, the likeliest first, without those nobody would think of."""
    found = meant(request, caller, connection, said | {"email_domain": said.get("email", "")})
    return [each for each in found if each["probability"] >= UNLIKELY][:SHOWN]


def added(
    request: Request, caller: Caller, connection: Connection, now: str, said: dict[str, str]
) -> tuple[str, str | None]:
    """Land and publish it; the key of its record, and the organization it is, or is part of. Raises 404."""
    entries = request.app.state.wiring.entries
    if entries is None:
        raise HTTPException(NOT_FOUND)
    record: str = entries.enter(now, Entry(PARTNER, [], said), caller.viewer.name)
    found = connection.one(
        "SELECT organization_id FROM organization_link WHERE record = ? AND ended_at IS NULL", (record,)
    )
    return record, str(found[0]) if found else None


def page(
    request: Request,
    said: dict[str, str],
    likely: list[dict[str, Any]] | None = None,
    *,
    error: str = "",
    status: int = 200,
) -> Response:
    """The form, with who may be meant or what is wrong above it."""
    facts = {
        "asked": ASKED,
        "said": said,
        "likely": likely or [],
        "error": error,
        "can_add": request.app.state.wiring.entries is not None,
    }
    return render(request, "partner_new.html", facts, status=status)

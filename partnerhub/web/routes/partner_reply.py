"""A reply made ready from what a thing to do rests on: to whom, about what, in one's own mail program."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.mail_link import mail_link
from partnerhub.web.positions import is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import NOT_FOUND, survivor_of
from warehouse.database import Connection
from warehouse.queries import record
from warehouse.queries.stream import Happening, one_happening

REPLY: Final = "re:"
SHOWN: Final = 5
router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


class Receiver(NamedTuple):
    """Somebody a reply may go to, with the mail made ready for them."""

    name: str
    address: str
    link: str


@router.get("/partners/{organization_id}/reply/{fact_id}")
def reply(
    request: Request, caller: Reader, connection: Connected, organization_id: str, fact_id: str
) -> Response:
    """Who may be written to about something that happened; as much of it as the caller may see."""
    survivor = survivor_of(caller, connection, organization_id)
    found = one_happening(caller.viewer, connection, fact_id) if is_storable(fact_id) else None
    if found is None or survivor not in found[1]:
        raise HTTPException(NOT_FOUND)
    facts = {
        "organization": record.organization(caller.viewer, connection, survivor) or {},
        "each": found[0],
        "receivers": receivers(caller, connection, survivor, found[0]),
    }
    return render(request, "partner_reply.html", facts)


def receivers(
    caller: Caller, connection: Connection, organization_id: str, each: Happening
) -> list[Receiver]:
    """Who wrote it, or whom it went to; else the people of the partner who are still there."""
    role = "from" if each.direction == "in" else "to"
    met = [
        (person.name or "", person.address)
        for person in each.people
        if each.is_mail and person.role == role and person.address
    ]
    people = [
        (person.name or "", person.email)
        for person in record.people(caller.viewer, connection, organization_id)
        if person.email and person.until is None
    ]
    return [
        Receiver(name, address, mail_link(address, subject_of(each), lines_of(name)))
        for name, address in list(dict.fromkeys(met or people))[:SHOWN]
    ]


def subject_of(each: Happening) -> str:
    """The subject of a reply; empty where nothing of it may be seen."""
    title = each.title if each.is_mail else None
    return "" if not title else title if title.casefold().startswith(REPLY) else f"Re: {title}"


def lines_of(name: str) -> list[str]:
    """How it begins."""
    first = name.partition(" ")[0]
    return [f"Hello {first}".strip() + ",", "", ""]

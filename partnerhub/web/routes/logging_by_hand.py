"""Logging a call, a note, an agreement, … from a template; it stands on the timeline at once."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.log_form import FIELDS, GROUPS, SHOWN_KINDS, Filled, is_required, read_form
from partnerhub.web.positions import is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import survivor_of
from warehouse.commands.enter import Entry, about_organization
from warehouse.database import Connection
from warehouse.errors import WarehouseError
from warehouse.queries import record
from warehouse.queries.people import person_meant

router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Needs(Permission.WRITE_ENTRIES))]
SEE_OTHER: Final = 303
NOT_FOUND: Final = 404
NOT_UNDERSTOOD: Final = 422
PEOPLE_OFFERED: Final = 12
BETWEEN_PEOPLE: Final = re.compile(r"[,;\n]+")


@router.get("/partners/{organization_id}/log")
def form(
    request: Request,
    caller: Writer,
    connection: Connected,
    now: Now,
    organization_id: str,
    kind: str = "call",
) -> Response:
    """The template of one kind of entry."""
    survivor = survivor_of(caller, connection, organization_id)
    chosen = kind if kind in FIELDS else "call"
    said = {each.name: "" for each in FIELDS[chosen]}
    if "happened_at" in said:
        said["happened_at"] = now[:16]
    return page(request, caller, connection, survivor, Filled(chosen, said, []))


@router.post("/partners/{organization_id}/log")
async def log(
    request: Request, caller: Writer, connection: Connected, now: Now, organization_id: str
) -> Response:
    """Land one entry; what is wrong stands beside its field, and nothing that was written is lost."""
    from starlette.concurrency import run_in_threadpool

    sent = await request.form()
    form = {name: str(value) for name, value in sent.items() if is_storable(str(value))}
    known = [str(each) for each in sent.getlist("person") if is_storable(str(each))]
    return await run_in_threadpool(landed, request, caller, connection, now, organization_id, form, known)


def landed(
    request: Request, caller: Caller, connection: Connection, now: str, organization_id: str,
    form: dict[str, str], known: list[str],
) -> Response:  # fmt: skip
    """The answer to a form."""
    survivor = survivor_of(caller, connection, organization_id)
    kind = form.get("kind", "")
    entries = request.app.state.wiring.entries
    if kind not in FIELDS or entries is None:
        raise HTTPException(NOT_FOUND)
    others = [each.strip() for each in BETWEEN_PEOPLE.split(form.get("participants", "")) if each.strip()]
    filled = read_form(kind, form, [*known, *others], now)
    filled.people = known
    if "participants" in filled.fields:
        filled.fields["participants"] = meant(caller, connection, survivor, filled, [*known, *others])
    if filled.errors:
        return page(request, caller, connection, survivor, filled)
    entry = Entry(kind, about_organization(connection, survivor), filled.fields)
    try:
        key = entries.enter(now, entry, caller.viewer.name)
    except WarehouseError as error:
        filled.errors[""] = f"{error.happened} {error.do}"
        return page(request, caller, connection, survivor, filled)
    found = connection.one("SELECT fact_id FROM fact_source WHERE record = ?", (key,))
    mark = f"#{found[0]}" if found else ""
    return RedirectResponse(f"/partners/{survivor}/timeline?logged={kind}{mark}", SEE_OTHER)


def meant(
    caller: Caller, connection: Connection, organization_id: str, filled: Filled, names: list[str]
) -> list[dict[str, str]]:
    """Who took part, as the hub knows them; a name several people bear is an error of the form."""
    found = []
    for each in names:
        try:
            found.append(person_meant(caller.viewer, connection, organization_id, each))
        except WarehouseError as error:
            filled.errors["participants"] = f"{error.happened} {error.do}"
    return found


def page(
    request: Request, caller: Caller, connection: Connection, organization_id: str, filled: Filled
) -> Response:
    """The form, with what is wrong beside each field."""
    people = [
        each for each in record.people(caller.viewer, connection, organization_id) if each.until is None
    ]
    facts: dict[str, Any] = {
        "organization": record.organization(caller.viewer, connection, organization_id) or {},
        "kinds": SHOWN_KINDS,
        "groups": GROUPS,
        "filled": filled,
        "inputs": FIELDS[filled.kind],
        "required": lambda name: is_required(filled.kind, name),
        "people": people[:PEOPLE_OFFERED],
        "can_log": request.app.state.wiring.entries is not None,
    }
    return render(request, "log_entry.html", facts, status=NOT_UNDERSTOOD if filled.errors else 200)

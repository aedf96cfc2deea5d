"""One value for several partners of a list: an outlook first, then one act, which can be taken back."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.list_address import Address, address_of
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_list import chosen_view
from partnerhub.web.stewards import SEE_OTHER, Because, acts_of, said_by
from warehouse.commands.assign import ASSIGNABLE, MOST, assign, outlook
from warehouse.commands.undo import act_to_undo, undo_act
from warehouse.database import Connection
from warehouse.errors import WarehouseError
from warehouse.queries.acts import DoneAct, act_named
from warehouse.queries.partner_list import found_wanted

NOT_FOUND: Final = 404
ASSIGN: Final = "assign"
router = APIRouter(include_in_schema=False)
Corrector = Annotated[Caller, Depends(Needs(Permission.CORRECT_VALUES))]
Word = Annotated[str, Form(max_length=200)]
ActNumber = Annotated[int, Path(ge=1, le=2**53)]


class AssignmentGiven(BaseModel):
    """A value for a field of several partners; an empty value keeps the field empty."""

    field: str = Field(max_length=40, description=f"One of: {', '.join(ASSIGNABLE)}.")
    value: str = Field("", max_length=200)
    partners: list[str] = Field(min_length=1, max_length=MOST)
    reason: str = Field("", max_length=1000)


@router.post("/partners/assign")
def assigning(
    request: Request, caller: Corrector, connection: Connected, now: Now,
    field: Annotated[str, Form(max_length=40)], value: Word = "",
    partner: Annotated[list[str], Form(max_length=MOST)] = [],  # noqa: B006  # FastAPI copies it
    whole: Annotated[str, Form(max_length=5)] = "", rule: Annotated[str, Form(max_length=4000)] = "",
    confirmed: Annotated[str, Form(max_length=5)] = "", reason: Because = "",
) -> Response:  # fmt: skip
    """Show what would become of it; once confirmed, do it. whole: all partners of the list instead of ticked ones."""
    address = address_of(parse_qsl(rule, max_num_fields=100))
    chosen = everybody(caller, connection, address, now) if whole and not confirmed else partner
    meant = value.strip() or None
    if confirmed:
        said = said_by(caller, now, reason)
        act = acts_of(request).carry_out(
            now, lambda inside: assign(inside, caller.viewer, field, meant, chosen, said)
        )
        return RedirectResponse(f"/partners/assigned/{act}" if act else address.having(), SEE_OTHER)
    facts = {
        "outlook": outlook(caller.viewer, connection, field, meant, chosen),
        "reason": reason,
        "back": address.having(),
        "rule": rule,
    }
    return render(request, "partners_assign.html", facts)


def everybody(caller: Caller, connection: Connection, address: Address, now: str) -> list[str]:
    """The partners of a whole list. Raises WarehouseError where they are too many."""
    chosen_view(caller.viewer, connection, address)
    found = found_wanted(caller.viewer, connection, address.wanted(now))
    if found.few is None:
        raise WarehouseError(
            f"{found.total} partners are too many at once.", f"Narrow the list down to {MOST}."
        )
    return list(found.few)


@router.get("/partners/assigned/{act}")
def assigned(request: Request, caller: Corrector, connection: Connected, act: ActNumber) -> Response:
    """What became of it, and taking it back."""
    return render(request, "partners_assign.html", {"outlook": None, "act": seen(caller, connection, act)})


@router.post("/partners/assigned/{act}/undo")
def take_back(
    request: Request, caller: Corrector, connection: Connected, now: Now, act: ActNumber
) -> Response:
    """Let what stood before stand again, for all of them."""
    undone(request, caller, connection, now, act)
    return RedirectResponse(f"/partners/assigned/{act}", SEE_OTHER)


def undone(request: Request, caller: Caller, connection: Connection, now: str, act: int) -> int:
    """Take an assignment back; the number of the undoing. Raises CannotUndo."""
    seen(caller, connection, act)
    said = said_by(caller, now, "")
    number: int = acts_of(request).carry_out(
        now, lambda inside: undo_act(inside, act_to_undo(inside, act), said)
    )
    return number


def seen(caller: Caller, connection: Connection, act: int) -> DoneAct:
    """An assignment, if this caller may know of every partner it was about."""
    found = act_named(connection, act)
    if found is None or found.kind != ASSIGN:
        raise HTTPException(NOT_FOUND)
    if not all(caller.viewer.may_see(each["organization_id"]) for each in found.detail["pins"]):
        raise HTTPException(NOT_FOUND)
    return found


def outlook_data(caller: Caller, connection: Connection, given: AssignmentGiven) -> dict[str, Any]:
    """What an assignment would do, as data."""
    found = outlook(caller.viewer, connection, given.field, given.value.strip() or None, given.partners)
    return {"changed": found.changed, "same": found.same, "pinned_by_others": found.pinned}


DryRun = Annotated[bool, Query(description="Only say what would become of it.")]

"""The JSON API of assigning: one value for several partners, and taking that back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from partnerhub.web.connected import Connected, Now
from partnerhub.web.routes.partner_assigning import (
    ActNumber,
    AssignmentGiven,
    Corrector,
    DryRun,
    outlook_data,
    undone,
)
from partnerhub.web.stewards import acts_of, said_by
from warehouse.commands.assign import assign

router = APIRouter(prefix="/api")


@router.post("/assignments", tags=["Values"])
def assign_several(
    request: Request, caller: Corrector, connection: Connected, now: Now, given: AssignmentGiven,
    dry_run: DryRun = False,
) -> dict[str, Any]:  # fmt: skip
    """Pin a field of several partners to one value, by a single act that can be undone; its number."""
    told = outlook_data(caller, connection, given)
    if dry_run:
        return {"act": None, **told}
    said, value = said_by(caller, now, given.reason), given.value.strip() or None
    act = acts_of(request).carry_out(
        now, lambda inside: assign(inside, caller.viewer, given.field, value, given.partners, said)
    )
    return {"act": act, **told}


@router.post("/assignments/{act}/undo", tags=["Values"])
def take_assignment_back(
    request: Request, caller: Corrector, connection: Connected, now: Now, act: ActNumber
) -> dict[str, Any]:
    """Let what stood before an assignment stand again, for all of its partners."""
    return {"undone": act, "act": undone(request, caller, connection, now, act)}

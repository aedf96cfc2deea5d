"""What a partner has in common with others: a page of its own, and a part of the partner's page that comes later."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import survivor_at
from warehouse.queries import record
from warehouse.queries.overlaps import overlaps

FEW: Final = 5
"""Of each kind on the partner's page; the page of its own has all."""
router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


@router.get("/partners/{organization_id}/overlaps")
def overlaps_page(request: Request, caller: Reader, connection: Connected, organization_id: str) -> Response:
    """Customers, other partners and people in common, each with the deals that show it."""
    survivor = survivor_at(caller, connection, organization_id, "overlaps")
    facts = {
        "organization": record.organization(caller.viewer, connection, survivor) or {},
        "overlaps": overlaps(caller.viewer, connection, survivor),
        "few": FEW,
    }
    return render(request, "partner_overlaps.html", facts, block="few_overlaps")

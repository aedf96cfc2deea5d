"""How each reading of a partner is computed: its formula with this partner's numbers, on a page of its own."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response

from partnerhub.web.connected import Connected, Now
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import NOT_FOUND, Asked, Reader, relationship, survivor_of
from warehouse.queries import record

TITLES: Final = {
    "strength": "Relationship strength",
    "pipeline": "Open pipeline",
    "engagement": "Engagement",
    "risks": "Risks",
}
router = APIRouter(include_in_schema=False)


@router.get("/partners/{organization_id}/readings/{name}")
def reading(
    request: Request, caller: Reader, connection: Connected, now: Now, organization_id: str, name: str
) -> Response:
    """One reading with its formula."""
    survivor = survivor_of(caller, connection, organization_id)
    if name not in TITLES:
        raise HTTPException(NOT_FOUND)
    organization = record.organization(caller.viewer, connection, survivor) or {}
    asked = Asked(caller, connection, survivor, now, request)
    facts = relationship(asked, organization)
    return render(request, "partner_reading.html", {**facts, "name": name, "titles": TITLES}, block="reading")

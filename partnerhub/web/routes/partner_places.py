"""Where a partner is: a map and the same as a table; a part of the partner's page that comes later."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.place_words import HOW, map_of_places, places_of
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import survivor_at
from partnerhub.web.world import OUTLINE
from warehouse.queries import record
from warehouse.queries.places import addresses
from warehouse.queries.sources import faces

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


@router.get("/partners/{organization_id}/places")
def places_page(request: Request, caller: Reader, connection: Connected, organization_id: str) -> Response:
    """Every place of one partner, with who says so."""
    survivor = survivor_at(caller, connection, organization_id, "places")
    places = places_of(addresses(caller.viewer, connection, survivor))
    facts = {
        "organization": record.organization(caller.viewer, connection, survivor) or {},
        "places": places,
        "map": map_of_places(places),
        "faces": faces(connection),
        "how": HOW,
        "outline": OUTLINE,
    }
    return render(request, "partner_places.html", facts, block="few_places")

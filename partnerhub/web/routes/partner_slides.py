"""One slide of a document of a partner: a drawing of where things stand on it, what was quoted, and all its words."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.positions import is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import NOT_FOUND, survivor_at
from partnerhub.web.slide_drawing import drawing_of
from warehouse.queries import record
from warehouse.queries.slides import slide_of

NOTHING: Final = 204
router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Number = Annotated[int, Path(ge=1, le=100_000)]


@router.get("/partners/{organization_id}/documents/{fact_id}/slides/{number}")
def slide_page(
    request: Request,
    caller: Reader,
    connection: Connected,
    organization_id: str,
    fact_id: str,
    number: Number,
) -> Response:
    """The slide. As a part of the partner's page nothing is sent where it cannot be drawn: its words stand there."""
    if not is_storable(fact_id):
        raise HTTPException(NOT_FOUND)
    survivor = survivor_at(caller, connection, organization_id, f"documents/{fact_id}/slides/{number}")
    slide = slide_of(caller.viewer, connection, survivor, fact_id, number)
    if slide is None:
        raise HTTPException(NOT_FOUND)
    drawing = drawing_of(slide)
    if drawing is None and request.headers.get("hx-request"):
        return Response(status_code=NOTHING, headers={"Vary": "HX-Request"})
    facts = {
        "organization": record.organization(caller.viewer, connection, survivor) or {},
        "fact_id": fact_id,
        "slide": slide,
        "drawing": drawing,
        "quoted": {each.place for each in slide.quoted},
    }
    return render(request, "partner_slide.html", facts, block="slide_picture")

"""How each reading of a partner is computed: its formula with this partner's numbers, on a page of its own."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response

from partnerhub.web.connected import Connected, Now
from partnerhub.web.partner_then import relationship_then
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import (
    NOT_FOUND,
    Asked,
    Reader,
    moment_of,
    relationship,
    survivor_of,
    was_itself,
)
from warehouse.queries import record
from warehouse.queries.overlaps import common_first, roles_in

TITLES: Final = {
    "strength": "Relationship strength",
    "pipeline": "Open pipeline",
    "engagement": "Engagement",
    "risks": "Risks",
    "people": "Strength of each person",
}
router = APIRouter(include_in_schema=False)


@router.get("/partners/{organization_id}/readings/{name}")
def reading(
    request: Request, caller: Reader, connection: Connected, now: Now, organization_id: str, name: str,
    as_of: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    """One reading with its formula, now or as the hub would have computed it on a day."""
    meant = survivor_of(caller, connection, organization_id)
    moment = moment_of(as_of)[0]
    is_past = moment is not None and moment < now
    if moment is not None and is_past and was_itself(caller, connection, organization_id, moment):
        meant = organization_id
    if name not in TITLES or (is_past and request.app.state.wiring.recall is None):
        raise HTTPException(NOT_FOUND)
    organization = record.organization(caller.viewer, connection, meant) or {"organization_id": meant}
    asked = Asked(caller, connection, meant, now, request)
    if moment is not None and is_past:
        version = record.organization_as_of(caller.viewer, connection, meant, moment)
        if version is None:
            raise HTTPException(NOT_FOUND)
        facts = {**relationship_then(asked.then(as_of, moment)), "organization": version}
    else:
        facts = relationship(asked, organization)
    shown = {
        "roles": {} if is_past else roles_of(asked, facts),
        **facts,
        "name": name,
        "titles": TITLES,
        "as_of": as_of if is_past else "",
    }
    return render(request, "partner_reading.html", shown, block="reading")


def roles_of(asked: Asked, facts: dict[str, Any]) -> dict[str, str]:
    """Open deal → the part they play in it, where its source says one: reseller, influencer, …."""
    ids = [deal.fact_id for deal in facts["deals"] if deal.status == "open"]
    own = asked.caller.viewer.only(asked.organization_id)
    found = roles_in(asked.connection, own, ids)
    return {fact_id: ", ".join(common_first(roles)) for fact_id, roles in found.items()}

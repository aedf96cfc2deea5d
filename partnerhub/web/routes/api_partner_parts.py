"""The JSON API of a partner's parts that its page loads later: what it has in common, its places, its slides."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.place_words import Place, places_of
from partnerhub.web.positions import is_storable
from partnerhub.web.routes.partner_page import NOT_FOUND, survivor_of
from partnerhub.web.routes.partner_slides import Number
from warehouse.queries.overlaps import DealsWith, Overlaps, overlaps
from warehouse.queries.places import addresses
from warehouse.queries.readings import Pipeline
from warehouse.queries.slides import slide_of

router = APIRouter(prefix="/api")
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


@router.get("/partners/{organization_id}/overlaps", tags=["Partners"])
def common(caller: Reader, connection: Connected, organization_id: str) -> dict[str, Any]:
    """Customers, other partners and people a partner has in common, with open deals by currency (minor units)."""
    return overlaps_data(
        overlaps(caller.viewer, connection, survivor_of(caller, connection, organization_id))
    )


def overlaps_data(found: Overlaps) -> dict[str, Any]:
    """The same as data."""
    return {
        "open": pipeline_data(found.pipeline),
        "customers": [with_data(each) for each in found.customers],
        "partners": [with_data(each) for each in found.partners],
        "people": [
            {
                "person_id": each.person_id, "name": each.name, "organization_id": each.other.organization_id,
                "organization": each.other.name, "role": each.role, "until": each.until, "left_here": each.left_us,
            }
            for each in found.people
        ],
        "cut": found.cut,
    }  # fmt: skip


def with_data(each: DealsWith) -> dict[str, Any]:
    """The deals with one other organization."""
    return {
        "organization_id": each.other.organization_id,
        "name": each.other.name,
        "roles": list(each.roles),
        "customers": [one._asdict() for one in each.customers],
        "open": pipeline_data(each.pipeline),
        "deals": [
            {"fact_id": deal.fact_id, "name": deal.name, "status": deal.status, "amount_minor": deal.amount_minor,
             "currency": deal.currency}
            for deal in each.deals
        ],
    }  # fmt: skip


def pipeline_data(pipeline: Pipeline) -> dict[str, Any]:
    """Open deals by currency."""
    return {
        "deals": pipeline.deals,
        "amounts": [
            {"currency": each.currency or None, "amount_minor": each.amount_minor, "deals": each.deals}
            for each in pipeline.amounts
        ],
        "without_amount": pipeline.without_amount,
    }


@router.get("/partners/{organization_id}/places", tags=["Partners"])
def places(caller: Reader, connection: Connected, organization_id: str) -> dict[str, Any]:
    """Where a partner is: its addresses by town, with coordinates and how they are known."""
    survivor = survivor_of(caller, connection, organization_id)
    return {
        "places": [place_data(each) for each in places_of(addresses(caller.viewer, connection, survivor))]
    }


def place_data(place: Place) -> dict[str, Any]:
    """One town. how: `source`, `city` or `country` (its middle); empty for one without coordinates."""
    return {
        "place": place.words,
        "country": place.country or None,
        "latitude": place.point[0] if place.point else None,
        "longitude": place.point[1] if place.point else None,
        "how": place.how,
        "addresses": [
            {"kind": each.kind, "record": each.record, "name": each.name, "street": each.street, "city": each.city,
             "region": each.region, "postcode": each.postcode, "country": each.country}
            for each in place.addresses
        ],
    }  # fmt: skip


@router.get("/partners/{organization_id}/documents/{fact_id}/slides/{number}", tags=["Partners"])
def slide(
    caller: Reader, connection: Connected, organization_id: str, fact_id: str, number: Number
) -> dict[str, Any]:
    """One slide: its texts, its shapes in thousandths of its width, and what was read off it as a fact."""
    survivor = survivor_of(caller, connection, organization_id)
    found = slide_of(caller.viewer, connection, survivor, fact_id, number) if is_storable(fact_id) else None
    if found is None:
        raise HTTPException(NOT_FOUND)
    named = {
        name: [each._asdict() for each in getattr(found, name)] for name in ("shapes", "texts", "quoted")
    }
    return {**asdict(found), **named}

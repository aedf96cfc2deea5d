"""The partner list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.rendering import render
from warehouse.queries.partners import Position, count_partners, list_partners

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Search = Annotated[str, Query(alias="q", max_length=200)]
After = Annotated[str, Query(max_length=1000)]


@router.get("/partners")
def partners(
    request: Request, caller: Reader, connection: Connected, search: Search = "", after: After = ""
) -> Response:
    """The partner list, a page at a time."""
    position = decode_position(after)
    page = list_partners(
        caller.viewer, connection, search=search, after=Position(*position) if position else None
    )
    facts = {
        "page": page,
        "search": search,
        "continued": position is not None,
        "following": encode_position(page.following) if page.following else None,
        "count": count_partners(caller.viewer, connection),
    }
    return render(request, "partners.html", facts)

"""The JSON API of finding: the search over everything, and the lists people save."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.list_address import address_of, from_form
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.routes.saved_lists import is_shared, require_for_all
from partnerhub.web.routes.search import HEADINGS, shown
from partnerhub.web.stewards import acts_of
from warehouse.commands.saved_views import COHORT, add_members, drop_members, remove_view, save_view
from warehouse.queries.partner_list import Position, Wanted, count_wanted, list_page
from warehouse.queries.saved_views import View, saved_view, saved_views
from warehouse.queries.search import asked_for, search

router = APIRouter(prefix="/api")
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
After = Annotated[str, Query(max_length=4000, description="`next` of the page before.")]


class ListGiven(BaseModel):
    """A list to be saved. filters: parameters of the page of partners; null: an explicit list, empty at first.

    shared: for everybody (`entries:write`); what a program saves always is.
    """

    name: str = Field(min_length=1, max_length=200)
    filters: list[tuple[str, str]] | None = Field(None, max_length=100)
    shared: bool = False


class Ticked(BaseModel):
    """Partners by id."""

    partners: list[str] = Field(min_length=1, max_length=500)


@router.get("/search", tags=["Finding"])
def find(
    caller: Reader, connection: Connected,
    q: Annotated[str, Query(max_length=200, description="A name, site, phone, id, or words of mails and slides.")],
    only: Annotated[str, Query(alias="in", max_length=20, description=f"One kind: {', '.join(HEADINGS)}.")] = "",
) -> dict[str, Any]:  # fmt: skip
    """Everything a text finds, the best of each kind first, and why each was found; typing errors are tolerated."""
    words = asked_for(q).words
    groups = search(caller.viewer, connection, q, only if only in HEADINGS else "")
    told = [
        {
            "kind": group.name,
            "hits": [
                {**asdict(hit), "why": one.reason, "address": one.address}
                for hit in group.hits
                for one in (shown(hit, words),)
            ],
            "more": bool(group.more),
        }
        for group in groups
    ]
    return {"groups": told}


@router.get("/lists", tags=["Finding"])
def lists(caller: Reader, connection: Connected, now: Now) -> dict[str, Any]:
    """Every saved list the caller may use, and how many partners are on it now."""
    found = [
        {**asdict(view), "partners": count_wanted(caller.viewer, connection, wanted_of(view, now))}
        for view in saved_views(caller.viewer, connection)
    ]
    return {"lists": found}


@router.post("/lists", tags=["Finding"])
def save(
    request: Request, caller: Reader, connection: Connected, now: Now, given: ListGiven
) -> dict[str, Any]:
    """Save a list: what filters ask for, or an explicit one."""
    acts_of(request)
    shared = given.shared or caller.by_key
    require_for_all(caller, shared=shared)
    pairs = None if given.filters is None else from_form(given.filters)
    with connection.transaction():
        view_id = save_view(connection, caller.viewer, given.name, pairs, shared=shared, now=now)
    return asdict(saved_view(caller.viewer, connection, view_id))


@router.get("/lists/{view_id}/partners", tags=["Finding"])
def on_it(
    caller: Reader, connection: Connected, now: Now, view_id: str, after: After = "", limit: Limit = 50
) -> dict[str, Any]:
    """The partners on a saved list, a page at a time."""
    wanted = wanted_of(saved_view(caller.viewer, connection, view_id), now)
    position = decode_position(after)
    page = list_page(caller.viewer, connection, wanted, Position(*position) if position else None, limit)
    following = encode_position(page.following) if page.following else None
    return {"partners": [row.values for row in page.rows], "next": following}


@router.post("/lists/{view_id}/add", tags=["Finding"])
def add(
    request: Request, caller: Reader, connection: Connected, now: Now, view_id: str, given: Ticked
) -> dict[str, Any]:
    """Put partners on an explicit list; how many were not on it."""
    acts_of(request)
    require_for_all(caller, shared=is_shared(caller, connection, view_id))
    with connection.transaction():
        return {"added": add_members(connection, caller.viewer, view_id, given.partners, now)}


@router.post("/lists/{view_id}/drop", tags=["Finding"])
def drop(
    request: Request, caller: Reader, connection: Connected, now: Now, view_id: str, given: Ticked
) -> dict[str, Any]:
    """Take partners off an explicit list; how many stood on it."""
    acts_of(request)
    require_for_all(caller, shared=is_shared(caller, connection, view_id))
    with connection.transaction():
        return {"dropped": drop_members(connection, caller.viewer, view_id, given.partners, now)}


@router.post("/lists/{view_id}/remove", tags=["Finding"])
def remove(request: Request, caller: Reader, connection: Connected, now: Now, view_id: str) -> dict[str, Any]:
    """Remove a list; the partners on it stay."""
    acts_of(request)
    require_for_all(caller, shared=is_shared(caller, connection, view_id))
    with connection.transaction():
        remove_view(connection, caller.viewer, view_id, now)
    return {"removed": view_id}


def wanted_of(view: View, now: str) -> Wanted:
    """What a saved list asks for."""
    return Wanted(cohort=view.view_id) if view.kind == COHORT else address_of(view.query).wanted(now)

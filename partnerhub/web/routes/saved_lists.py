"""Lists people save: what a list's address asks for under a name, or partners ticked one by one."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs, NotAllowed
from partnerhub.web.list_address import Address, address_of, from_form, written
from partnerhub.web.rendering import render
from warehouse.commands.saved_views import COHORT, add_members, drop_members, remove_view, save_view
from warehouse.database import Connection
from warehouse.queries.partner_list import Wanted, count_wanted
from warehouse.queries.saved_views import saved_view, saved_views

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
SEE_OTHER: Final = 303
NEW: Final = "new"
Ticked = Annotated[list[str], Form(max_length=500)]


@router.get("/lists")
def lists(request: Request, caller: Reader, connection: Connected, now: Now) -> Response:
    """Every list this person may use, and how many partners are on it now."""
    found = []
    for view in saved_views(caller.viewer, connection):
        explicit = view.kind == COHORT
        address = Address((("list", view.view_id),), ()) if explicit else address_of(view.query)
        wanted = Wanted(cohort=view.view_id) if explicit else address.wanted(now)
        count = count_wanted(caller.viewer, connection, wanted)
        found.append((view, written(address.pairs), [] if explicit else address.chips(), count))
    return render(request, "lists.html", {"found": found})


@router.post("/lists")
def save(
    caller: Reader, connection: Connected, now: Now,
    name: Annotated[str, Form(max_length=200)], query: Annotated[str, Form(max_length=4000)] = "",
    shared: Annotated[str, Form(max_length=5)] = "",
) -> Response:  # fmt: skip
    """Save what the list shows now; goes back to it."""
    require_for_all(caller, shared=bool(shared))
    pairs = from_form(parse_qsl(query, max_num_fields=100))
    with connection.transaction():
        save_view(connection, caller.viewer, name, pairs, shared=bool(shared), now=now)
    return back("/lists")


@router.post("/lists/members")
def add(
    caller: Reader, connection: Connected, now: Now,
    to: Annotated[str, Form(max_length=100)], partner: Ticked = [],  # noqa: B006  # FastAPI copies it
    name: Annotated[str, Form(max_length=200)] = "", shared: Annotated[str, Form(max_length=5)] = "",
) -> Response:  # fmt: skip
    """Put ticked partners on an explicit list, a new one where it has no id yet; shows that list."""
    with connection.transaction():
        view_id = to
        require_for_all(caller, shared=bool(shared) if to == NEW else is_shared(caller, connection, to))
        if to == NEW:
            view_id = save_view(connection, caller.viewer, name, None, shared=bool(shared), now=now)
        add_members(connection, caller.viewer, view_id, partner, now)
    return back(f"/partners?list={quote(view_id)}")


@router.post("/lists/{view_id}/drop")
def drop(
    caller: Reader, connection: Connected, now: Now, view_id: str,
    partner: Ticked = [],  # noqa: B006  # see above
) -> Response:  # fmt: skip
    """Take ticked partners off an explicit list."""
    with connection.transaction():
        require_for_all(caller, shared=is_shared(caller, connection, view_id))
        drop_members(connection, caller.viewer, view_id, partner, now)
    return back(f"/partners?list={quote(view_id)}")


@router.post("/lists/{view_id}/remove")
def remove(caller: Reader, connection: Connected, now: Now, view_id: str) -> Response:
    """Remove a list; the partners on it stay."""
    with connection.transaction():
        require_for_all(caller, shared=is_shared(caller, connection, view_id))
        remove_view(connection, caller.viewer, view_id, now)
    return back("/lists")


def is_shared(caller: Caller, connection: Connection, view_id: str) -> bool:
    """Whether a list is everybody's. Raises NotFound."""
    return saved_view(caller.viewer, connection, view_id).shared


def require_for_all(caller: Caller, *, shared: bool) -> None:
    """What everybody sees is changed by those who may write entries. Raises NotAllowed."""
    if shared and not caller.may(Permission.WRITE_ENTRIES):
        raise NotAllowed(Permission.WRITE_ENTRIES)


def back(address: str) -> Response:
    """On to a page."""
    return RedirectResponse(address, status_code=SEE_OTHER)

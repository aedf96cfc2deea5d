"""The map of the partners of a list: the same filters, a dot for each town, and the same as a table."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.list_address import Address, address_of, written
from partnerhub.web.place_words import HOW, TownOnMap, map_of_towns, towns_on_map
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_list import chosen_view, kept
from partnerhub.web.world import OUTLINE
from warehouse.database import Connection
from warehouse.queries.partner_list import UNSET, Wanted
from warehouse.queries.places import towns

LISTED: Final = 300
"""Towns in the table under a map; the list's filters narrow it down."""
MOST_SPELLINGS: Final = 40
"""Names of one town in an address."""
router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


@router.get("/partners/map")
def partners_map(request: Request, caller: Reader, connection: Connected, now: Now) -> Response:
    """The same partners as the list under the same address, by town; a dot leads to the list of its partners."""
    address = address_of(request.query_params.multi_items())
    chosen = chosen_view(caller.viewer, connection, address)
    found = towns_of(request, caller, connection, address.wanted(now))
    links = [link_of(address, each) for each in found]
    facts = {
        "address": address,
        "query": address.having().partition("?")[2],
        "chips": address.chips(chosen, "/partners/map"),
        "chosen": chosen,
        "map": map_of_towns(found, links),
        "rows": list(zip(found, links, strict=True))[:LISTED],
        "more": max(0, len(found) - LISTED),
        "count": sum(each.partners for each in found),
        "how": HOW,
        "outline": OUTLINE,
    }
    return render(request, "partners_map.html", facts)


def towns_of(request: Request, caller: Caller, connection: Connection, wanted: Wanted) -> list[TownOnMap]:
    """The towns of a list; kept until something is published, where nothing else can change them."""
    if wanted.attention or wanted.quiet_days or wanted.cohort:
        return towns_on_map(towns(caller.viewer, connection, wanted))
    found: list[TownOnMap] = kept(
        request, caller.viewer, connection, ("towns", wanted),
        lambda viewer, connection: towns_on_map(towns(viewer, connection, wanted)),
    )  # fmt: skip
    return found


def link_of(address: Address, town: TownOnMap) -> str:
    """The list with its filters, narrowed down to one town, however its partners write it."""
    kept_on = [pair for pair in address.pairs if pair[0] not in {"city", "country"}]
    written_so = [name for name, _ in town.spellings.most_common(MOST_SPELLINGS)] or [UNSET]
    return written([*kept_on, *(("city", name) for name in written_so), ("country", town.country or UNSET)])

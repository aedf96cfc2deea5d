"""The list of partners: filters, order and columns in its address, and the same as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.amounts import money
from partnerhub.spreadsheet_cells import harmless
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.list_address import COLUMNS, QUIET, Address, address_of, today, written
from partnerhub.web.list_parquet import as_parquet
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.rendering import render
from warehouse.commands.assign import ASSIGNABLE, MOST
from warehouse.commands.audit import Deed, append
from warehouse.errors import NotFound
from warehouse.queries.list_choices import choices
from warehouse.queries.partner_list import (
    UNSET,
    Found,
    Listed,
    Position,
    Wanted,
    contacts_known,
    count_wanted,
    every_wanted,
    found_wanted,
    list_page,
)
from warehouse.queries.saved_views import saved_view, saved_views

if TYPE_CHECKING:
    from warehouse.database import Connection, Database
    from warehouse.viewer import Viewer

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Exporter = Annotated[Caller, Depends(Needs(Permission.EXPORT))]
After = Annotated[str, Query(max_length=1000)]
CSV: Final = "text/csv; charset=utf-8"
PARQUET: Final = "application/vnd.apache.parquet"
MOST_KEPT: Final = 500
"""Counts that are kept for the filters people set."""
BYTE_ORDER_MARK: Final = "\ufeff"
"""By which spreadsheet programs know UTF-8."""
ORDERS: Final = {
    "name": "Name",
    "-name": "Name, from Z",
    "contact": "Newest contact first",
    "-contact": "Longest silent first",
    "tier": "Tier",
    "owner": "Owner",
    "country": "Country",
    "records": "Most records first",
}
IN_HEAD: Final = {"name": ("name", "-name"), "contact": ("contact", "-contact"), "tier": ("tier",), "owner": ("owner",),
                  "records": ("records",), "country": ("country",)}  # fmt: skip
"""Columns whose heading sorts, and the orders it goes through."""
FILTERS: Final = (
    ("tier", "Tier"), ("owner", "Owner"), ("country", "Country"), ("status", "Status"), ("source", "Source"),
    ("missing", "Not in source"), ("program", "Program"), ("service", "Service"),
)  # fmt: skip
OF_LISTED: Final = {
    "country": "country",
    "tier": "tier",
    "status": "status",
    "owner": "owner",
    "records": "record_count",
    "contact": "last_contact_at",
    "renewal": "renews_on",
    "email": "email",
    "phone": "phone",
}
"""Columns that are one value of the list's query."""


@router.get("/partners")
def partners(
    request: Request, caller: Reader, connection: Connected, now: Now, after: After = ""
) -> Response:
    """The list, a page at a time; the address says which partners, in which order, with which columns."""
    address = address_of(request.query_params.multi_items())
    position = decode_position(after)
    chosen = chosen_view(caller.viewer, connection, address)
    wanted = address.wanted(now)
    found = found_of(request, caller.viewer, connection, wanted)
    goes_on = Position(*position) if position else None
    page = list_page(caller.viewer, connection, wanted, goes_on, known=found)
    offered = choices_of(request, caller.viewer, connection)
    facts = {
        "page": page,
        "address": address,
        "rule": urlencode(address.pairs),
        "chips": address.chips(chosen),
        "chosen": chosen,
        "contacts_known": contacts_known(connection),
        "continued": position is not None,
        "following": encode_position(page.following) if page.following else None,
        "count": found.total,
        "views": saved_views(caller.viewer, connection),
        "choices": offered,
        "columns": COLUMNS,
        "filters": FILTERS,
        "orders": ORDERS,
        "in_head": IN_HEAD,
        "quiet": QUIET,
        "written": written,
        "unset": UNSET,
        "cell": cell,
        "assignable": ASSIGNABLE,
        "most_assigned": MOST,
        "known_values": known_values(offered),
    }
    return render(request, "partners.html", facts, block="listed")


def known_values(offered: dict[str, list[str]]) -> list[str]:
    """Values that are offered when several partners are assigned one."""
    return [value for name in ("owner", "tier", "status") for value in offered[name] if value != UNSET]


@router.get("/partners.csv")
def as_csv(request: Request, caller: Exporter, connection: Connected, now: Now) -> Response:
    """Exactly what the list shows under the same address, all pages of it; who took it stands in the audit log."""
    address = exported(request, caller, connection, now, "csv")
    lines = csv_lines(request.app.state.database, caller.viewer, address, now)
    return StreamingResponse(lines, media_type=CSV, headers=kept_as("csv"))


@router.get("/partners.parquet")
def parquet_file(request: Request, caller: Exporter, connection: Connected, now: Now) -> Response:
    """The same rows and columns as a Parquet file, with numbers, days and times as such."""
    address = exported(request, caller, connection, now, "parquet")
    rows = every_wanted(caller.viewer, connection, address.wanted(now))
    content = as_parquet(rows, address.columns, cell)
    return Response(content, media_type=PARQUET, headers=kept_as("parquet"))


def exported(request: Request, caller: Caller, connection: Connection, now: str, kind: str) -> Address:
    """What the address asks for, once it stands in the audit log who took it as a file."""
    address = address_of(request.query_params.multi_items())
    chosen_view(caller.viewer, connection, address)
    rows = count_wanted(caller.viewer, connection, address.wanted(now))
    with connection.transaction():
        detail = {
            "query": [list(pair) for pair in address.pairs],
            "columns": list(address.columns),
            "rows": rows,
            **({"as": kind} if kind != "csv" else {}),
        }
        append(connection, now, caller.viewer.name, Deed("partners.export", "partners", detail))
    return address


def kept_as(kind: str) -> dict[str, str]:
    """The headers of a file."""
    return {
        "Content-Disposition": f'attachment; filename="partners-{today()}.{kind}"',
        "Cache-Control": "no-store",
    }


def csv_lines(database: Database, viewer: Viewer, address: Address, now: str) -> Iterator[str]:
    """The file, some lines at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(["Name", "Site", *(COLUMNS[name] for name in address.columns), "Id in this hub"])
    with database.session() as connection:
        for each in every_wanted(viewer, connection, address.wanted(now)):
            shown = [each.values["name"], each.values["domain"] or ""]
            shown += [cell(each, name) for name in address.columns]
            writer.writerow([*map(harmless, shown), each.values["organization_id"]])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def cell(listed: Listed, column: str) -> str:
    """One column of one partner as text; the page shows some of them in a nicer way."""
    values = listed.values
    if column in OF_LISTED:
        value = values[OF_LISTED[column]]
        return "" if value is None else str(value)
    many: dict[str, Any] = {
        "place": [values["city"], values["country"]],
        "programs": listed.programs,
        "sources": listed.sources,
    }
    if column in many:
        return ", ".join(each for each in many[column] if each)
    if column == "attention":
        count, worst = listed.signals
        return f"{count} ({worst})" if count else ""
    return (
        money(values["annual_value_minor"], values["currency"])
        if values["annual_value_minor"] is not None
        else ""
    )


def chosen_view(viewer: Viewer, connection: Connection, address: Address) -> str:
    """The name of the explicit list an address names. Raises NotFound for one this viewer may not use."""
    view_id = address.get("list")
    if not view_id:
        return ""
    found = saved_view(viewer, connection, view_id)
    if found.kind != "cohort":
        raise NotFound("This list follows a rule.", "Open it from Lists.")
    return found.name


def choices_of(request: Request, viewer: Viewer, connection: Connection) -> dict[str, list[str]]:
    """What filters can be set to; kept until something is published."""
    found: dict[str, list[str]] = kept(request, viewer, connection, "choices", choices)
    return found


def found_of(request: Request, viewer: Viewer, connection: Connection, wanted: Wanted) -> Found:
    """How many partners are wanted; kept until something is published, where nothing else can change it."""
    if wanted.attention or wanted.quiet_days or wanted.cohort:
        return found_wanted(viewer, connection, wanted)
    asked = replace(wanted, sort="")
    found: Found = kept(
        request, viewer, connection, asked, lambda viewer, connection: found_wanted(viewer, connection, asked)
    )
    return found


def kept(
    request: Request,
    viewer: Viewer,
    connection: Connection,
    name: object,
    read: Callable[[Viewer, Connection], Any],
) -> Any:
    """What is read of all partners, anew only after the next publication: it takes as long as they are many."""
    found = connection.one("SELECT value FROM hub_state WHERE name = 'published_at'")
    if not found:
        return read(viewer, connection)
    mark: str
    known: dict[tuple[object, frozenset[str] | None], Any]
    mark, known = getattr(request.app.state, "list_facts", ("", {}))
    if mark != found[0] or len(known) >= MOST_KEPT:
        known = {}
        request.app.state.list_facts = (found[0], known)
    key = (name, viewer.organizations)
    if key not in known:
        known[key] = read(viewer, connection)
    return known[key]

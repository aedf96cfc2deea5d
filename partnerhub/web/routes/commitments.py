"""The register of commitments and agreements with all partners: a page, the same as a file, and as data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.spreadsheet_cells import harmless
from partnerhub.web.connected import Connected, Now
from partnerhub.web.deep_links import deep_link, record_page
from partnerhub.web.guard import Needs
from partnerhub.web.list_address import today as day_of_file
from partnerhub.web.partner_words import days_away
from partnerhub.web.positions import decode_position, encode_position, is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_list import BYTE_ORDER_MARK, CSV, choices_of
from warehouse.commands.audit import Deed, append
from warehouse.database import Database
from warehouse.queries.commitments import (
    AGREEMENT,
    COMMITMENT,
    OPEN,
    OVER,
    OVERDUE,
    UNSET,
    Place,
    Promise,
    Sought,
    every_promise,
    owners,
    promises,
)
from warehouse.queries.record import source_of
from warehouse.queries.sources import Face, faces
from warehouse.viewer import Viewer

router = APIRouter()
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Exporter = Annotated[Caller, Depends(Needs(Permission.EXPORT))]
After = Annotated[str, Query(max_length=4000, description="`next` of the page before.")]
State = Annotated[
    Literal["open", "overdue", "done", "all"], Query(description="What is overdue is open, too.")
]
Kind = Annotated[Literal["", "commitment", "agreement"], Query(description="Both, unless one is named.")]
Owner = Annotated[
    str, Query(max_length=200, description="Who looks after it, else after the partner; `-` for nobody.")
]
Before = Annotated[str, Query(max_length=10, description="Due before this day: 2027-01-31.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
ALL: Final = "all"
STATES: Final = {OPEN: "open", OVERDUE: "overdue", OVER: "done", ALL: "all"}
KINDS: Final = {"": "Both", COMMITMENT: "Commitments", AGREEMENT: "Agreements"}
HEADINGS: Final = (
    "Partner", "Kind", "What", "State", "Day", "On that day", "Since", "Kept or ends on", "Status", "Owner", "Source",
    "Words", "Record", "Partner id",
)  # fmt: skip


@router.get("/commitments", include_in_schema=False)
def register(
    request: Request, caller: Reader, connection: Connected, now: Now,
    state: Annotated[str, Query(max_length=20)] = OPEN, kind: Annotated[str, Query(max_length=20)] = "",
    owner: Owner = "", due: Before = "", after: After = "",
) -> Response:  # fmt: skip
    """What is promised and agreed, what is due first on top; the address says which of it."""
    chosen = {
        "state": state if state in STATES else OPEN,
        "kind": kind if kind in KINDS else "",
        "owner": owner if is_storable(owner) else "",
        "due": due if is_day(due) else "",
    }
    page = promises(caller.viewer, connection, sought_by(chosen), now[:10], place_in(after))
    known = faces(connection)
    sites = dict(request.app.state.wiring.sites)
    named = {*choices_of(request, caller.viewer, connection)["owner"], *owners(caller.viewer, connection)}
    facts = {
        "rows": [(each, source_link(caller, each, known, sites)) for each in page.rows],
        "chosen": chosen,
        "rule": rule_of(chosen),
        "is_filtered": rule_of(chosen) != "",
        "wrong_day": due if due and not chosen["due"] else "",
        "states": STATES,
        "kinds": KINDS,
        "owners": sorted(named - {UNSET}, key=str.casefold),
        "unset": UNSET,
        "continued": place_in(after) is not None,
        "following": following_of(page.following),
        "away": lambda day: days_away(day, now),
        "faces": known,
    }
    return render(request, "commitments.html", facts)


@router.get("/commitments.csv", include_in_schema=False)
def as_csv(
    request: Request, caller: Exporter, connection: Connected, now: Now,
    state: State = "open", kind: Kind = "", owner: Owner = "", due: Before = "",
) -> Response:  # fmt: skip
    """The same as a file, all pages of it; who took it stands in the audit log."""
    chosen = {"state": state, "kind": kind, "owner": owner if is_storable(owner) else "", "due": due}
    with connection.transaction():
        detail = {"query": [[name, value] for name, value in chosen.items() if value]}
        append(connection, now, caller.viewer.name, Deed("commitments.export", "commitments", detail))
    lines = csv_lines(request.app.state.database, caller.viewer, sought_by(chosen), now[:10])
    headers = {
        "Content-Disposition": f'attachment; filename="commitments-{day_of_file()}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(lines, media_type=CSV, headers=headers)


@router.get("/api/commitments", tags=["Partners"])
def as_data(
    caller: Reader, connection: Connected, now: Now,
    state: State = "open", kind: Kind = "", owner: Owner = "", due: Before = "", after: After = "",
    limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """Commitments and agreements with all partners, what is due first on top, a page at a time."""
    chosen = {"state": state, "kind": kind, "owner": owner if is_storable(owner) else "", "due": due}
    page = promises(caller.viewer, connection, sought_by(chosen), now[:10], place_in(after), limit)
    told = [{**asdict(each), "does": each.does} for each in page.rows]
    return {"commitments": told, "next": following_of(page.following) or None}


def sought_by(chosen: dict[str, str]) -> Sought:
    """What the warehouse is asked; a day that is none narrows nothing."""
    state = "" if chosen["state"] == ALL else chosen["state"]
    before = date.fromisoformat(chosen["due"]).isoformat() if is_day(chosen["due"]) else ""
    return Sought(state, chosen["kind"], chosen["owner"], before)


def is_day(text: str) -> bool:
    """Whether a text is a day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def rule_of(chosen: dict[str, str]) -> str:
    """The filters as they stand in an address; what is so anyway is left out."""
    return urlencode(
        {name: value for name, value in chosen.items() if value and (name, value) != ("state", OPEN)}
    )


def place_in(after: str) -> Place | None:
    """Where a page goes on."""
    position = decode_position(after)
    record, between, organization_id = position[1].rpartition("|") if position else ("", "", "")
    return (
        Place(position[0], record, organization_id) if position and between and is_day(position[0]) else None
    )


def following_of(place: Place | None) -> str:
    """The same as one word; nothing at the end."""
    return encode_position((place.day, f"{place.record}|{place.organization_id}")) if place else ""


def source_link(caller: Caller, each: Promise, known: dict[str, Face], sites: dict[str, str]) -> str:
    """The page of the record at its source, else as it arrived, for those who may look at that."""
    own = record_page(each.record) if caller.may(Permission.READ_SYNC) else ""
    return deep_link(each.record, known.get(source_of(each.record)), sites) or own


def csv_lines(database: Database, viewer: Viewer, sought: Sought, today: str) -> Iterator[str]:
    """The file, a line at a time."""
    yield BYTE_ORDER_MARK + csv_line(HEADINGS)
    with database.session() as connection:
        for each in every_promise(viewer, connection, sought, today):
            yield csv_line((
                each.partner, each.called or each.kind, each.title, each.state, each.day, each.does if each.day else "",
                each.since, each.over_on, each.status, each.owner, source_of(each.record), each.passage, each.record,
                each.organization_id,
            ))  # fmt: skip


def csv_line(cells: tuple[str | None, ...]) -> str:
    """One line; nothing in it runs in a spreadsheet program."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([harmless(each or "") for each in cells])
    return buffer.getvalue()

"""The source records behind one partner: why each belongs, why two of them are one; and taking some out."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.stewardship.answers import split_partner
from partnerhub.stewardship.evidence import explanation
from partnerhub.web.connected import Connected, Now
from partnerhub.web.deep_links import deep_link
from partnerhub.web.guard import Needs
from partnerhub.web.positions import Number
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import survivor_at, survivor_of
from partnerhub.web.stewards import SEE_OTHER, Because, Steward, acts_of, said_by
from warehouse.database import Connection
from warehouse.queries import record
from warehouse.queries.acts import act_named
from warehouse.queries.identity import matches_within
from warehouse.queries.sides import side_of_record
from warehouse.queries.sources import faces, record_names

TWO: Final = 2
TICKED: Final = 200
router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


@router.get("/partners/{organization_id}/records")
def records_page(
    request: Request, caller: Reader, connection: Connected, organization_id: str,
    records: Annotated[list[str], Query(alias="record", max_length=TICKED)] = [],  # noqa: B006  # FastAPI copies it
    done: Number = 0,
) -> Response:  # fmt: skip
    """Every record with how it came here; two ticked ones are explained."""
    survivor = survivor_at(caller, connection, organization_id, "records")
    found = record.source_records(caller.viewer, connection, survivor)
    known, names = faces(connection), record_names(connection, [each.record for each in found])
    sites = dict(request.app.state.wiring.sites)
    ticked = [each.record for each in found if each.record in records]
    facts = {
        "organization": record.organization(caller.viewer, connection, survivor) or {},
        "records": [
            (each, names[each.record], deep_link(each.record, known.get(each.source), sites))
            for each in found
        ],
        "ticked": ticked,
        "asked": bool(records),
        "why": why(request, connection, *ticked) if len(ticked) == TWO else None,
        "nearest": nearest(connection, survivor, names),
        "faces": known,
        "may_split": caller.may(Permission.DECIDE_IDENTITY) and caller.viewer.organizations is None,
        "done": act_named(connection, done) if done else None,
    }
    return render(request, "partner_records.html", facts)


def why(request: Request, connection: Connection, left: str, right: str) -> dict[str, Any] | None:
    """Why two records are one; None where one of them is staged no more."""
    one, other = side_of_record(connection, left), side_of_record(connection, right)
    return explanation(connection, one, other, request.app.state.wiring.policy) if one and other else None


def nearest(
    connection: Connection, organization_id: str, names: dict[str, str]
) -> dict[str, tuple[str, float]]:
    """Record → the name of the record it is most alike, and by how many bits."""
    found: dict[str, tuple[str, float]] = {}
    for match in matches_within(connection, organization_id):
        found.setdefault(match.left, (names.get(match.right, match.right), match.score))
        found.setdefault(match.right, (names.get(match.left, match.left), match.score))
    return found


@router.post("/partners/{organization_id}/records")
def split(
    request: Request, caller: Steward, connection: Connected, now: Now, organization_id: str,
    records: Annotated[list[str], Form(alias="record", max_length=TICKED)],
    each: Annotated[bool, Form()] = False, reason: Because = "",
) -> Response:  # fmt: skip
    """Take the ticked records out of the partner, for good; it can be taken back."""
    survivor = survivor_of(caller, connection, organization_id)
    told = split_partner(acts_of(request).act, survivor, records, said_by(caller, now, reason), each=each)
    return RedirectResponse(f"/partners/{survivor}/records?done={told['act'] or 0}", SEE_OTHER)

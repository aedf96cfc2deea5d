"""The page of one partner."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from mappings.canonical import TIME
from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import wording
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.rendering import render
from warehouse.database import Connection
from warehouse.queries import record
from warehouse.queries.partners import surviving_id
from warehouse.queries.relations import relations
from warehouse.queries.signals import signals
from warehouse.viewer import Viewer

UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UTC_TEXT: Final = re.compile(TIME)
NOT_FOUND: Final = 404

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
After = Annotated[str, Query(max_length=1000)]


@router.get("/partners/{organization_id}")
def partner(
    request: Request, caller: Reader, connection: Connected, organization_id: str, before: After = ""
) -> Response:
    """One partner. An id that was merged answers by its survivor, for good as far as a browser is concerned."""
    survivor = (
        surviving_id(caller.viewer, connection, organization_id)
        if UUID_TEXT.fullmatch(organization_id)
        else None
    )
    if survivor is None:
        raise HTTPException(NOT_FOUND)
    if survivor != organization_id:
        return RedirectResponse(f"/partners/{survivor}", status_code=308)
    position = decode_position(before)
    if position and not UTC_TEXT.fullmatch(position[0]):
        position = None
    return render(request, "partner.html", partner_facts(caller.viewer, connection, survivor, position))


def partner_facts(
    viewer: Viewer, connection: Connection, organization_id: str, before: tuple[str, str] | None
) -> dict[str, Any]:
    """Everything the page of one partner shows."""
    records = record.source_records(viewer, connection, organization_id)
    events = record.timeline(
        viewer, connection, organization_id, before=before, limit=record.TIMELINE_PAGE + 1
    )
    shown = events[: record.TIMELINE_PAGE]
    more = len(events) > record.TIMELINE_PAGE
    return {
        "organization": record.organization(viewer, connection, organization_id),
        "partnerships": record.partnerships(viewer, connection, organization_id),
        "records": records,
        "values": wording.grouped(record.values(viewer, connection, organization_id)),
        "signals": signals(viewer, connection, organization_id),
        "relations": relations(viewer, connection, organization_id),
        "people": record.people(viewer, connection, organization_id),
        "deals": record.deals(viewer, connection, organization_id),
        "sources": record.source_ages(connection, records),
        "events": wording.by_month(shown),
        "older": encode_position((shown[-1].happened_at, shown[-1].fact_id)) if more else None,
        "continued": before is not None,
    }

"""The feed of changes for programs: what happened to ids, partners and deals since they last asked."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.problems import answered
from warehouse.changes.cursor import BadCursor, ExpiredCursor
from warehouse.changes.feed import MOST, NOW, read_changes
from warehouse.changes.kinds import GROUPS, KINDS, UnknownKind
from warehouse.changes.logged import log_reading

router = APIRouter(prefix="/api")
Exporter = Annotated[Caller, Depends(Needs(Permission.EXPORT))]
BAD: Final = 400
GONE: Final = 410
LONGEST: Final = 500
SHAPES: Final = {
    "Change": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "the same whenever it is told again"},
            "kind": {"type": "string", "enum": sorted(KINDS)},
            "at": {"type": "string", "format": "date-time", "description": "when it was published"},
            "entity": {"type": "string", "enum": ["organization", "person", "deal"]},
            "entity_id": {"type": "string", "description": "empty where the caller may not know of it"},
            "run_id": {"type": "string"},
            "other_id": {"type": ["string", "null"]},
            "record": {"type": ["string", "null"], "description": "source/stream/id"},
            "field": {"type": ["string", "null"]},
            "before": {"type": ["string", "null"], "description": "null once redacted"},
            "after": {"type": ["string", "null"]},
            "partner_ids": {"type": "array", "items": {"type": "string"}},
        },
    },
}
ANSWER: Final = {
    "type": "object",
    "required": ["changes", "next", "more"],
    "properties": {
        "changes": {"type": "array", "items": SHAPES["Change"]},
        "next": {
            "type": "string",
            "description": "the cursor to go on with; keep it once these are dealt with",
        },
        "more": {"type": "boolean", "description": "whether to ask again at once"},
    },
}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/json": {"schema": ANSWER}}},
    BAD: {"description": "A cursor or a kind that is none."},
    GONE: {"description": "What happened since this cursor cannot be told: take a full export first."},
}


@router.get("/changes", tags=["Changes"], responses=ANSWERS)
def changes(
    request: Request,
    caller: Exporter,
    connection: Connected,
    now: Now,
    cursor: Annotated[
        str,
        Query(
            max_length=LONGEST,
            description=f"`next` of the answer before; empty: from the beginning; `{NOW}`: only its end.",
        ),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many.")] = 100,
    kinds: Annotated[
        str,
        Query(
            max_length=LONGEST,
            description=f"Only these, with commas between: {', '.join((*GROUPS, *KINDS))}.",
        ),
    ] = "",
) -> Any:
    """What was published since, oldest first: at least once, never with a gap, however late a change was committed.

    Go on with `next` until `more` is false, and then again whenever you like. `before` and `after` are what the history
    holds: a value that was redacted since is told without.
    """
    words = [word.strip() for word in kinds.split(",") if word.strip()]
    try:
        found = read_changes(caller.viewer, connection, cursor, limit, words)
    except (BadCursor, UnknownKind, ExpiredCursor) as error:
        status = GONE if isinstance(error, ExpiredCursor) else BAD
        return answered(request, status, error.happened, error.do)
    log_reading(connection, now, caller.viewer.name, cursor, words, found)
    return JSONResponse(found.told())

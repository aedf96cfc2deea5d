"""Runs in the API: what ran and how, with its phases; starting, resuming and ending one; pausing a source."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from partnerhub.access.roles import Permission
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.operating import Acting, Source
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.routes.sync import taker_of
from warehouse.commands.ask_run import REFUSED, Asked, job_called
from warehouse.queries.asked_runs import asked_for
from warehouse.queries.phases import phases_of
from warehouse.queries.runs import run_called, streams_of
from warehouse.queries.sync_history import page_of_runs

TAKEN: Final = 202
CONFLICT: Final = 409
TAGS: Final[list[Any]] = ["Syncs"]
router = APIRouter(prefix="/api")
RunId = Annotated[
    str, Path(max_length=200, pattern=PLAIN, description="Its id, the beginning of it, or `last`.")
]
Filter = Annotated[str, Query(max_length=200, pattern=PLAIN)]


class PauseGiven(BaseModel):
    """Why a source is not read, and for how many hours; 0: until somebody ends the pause."""

    reason: str = Field(min_length=1, max_length=500)
    hours: int = Field(0, ge=0, le=24 * 365)


class UnpauseGiven(BaseModel):
    """Why a source is read again."""

    reason: str = Field("", max_length=500)


@router.get("/runs", tags=TAGS, dependencies=[Depends(Needs(Permission.READ_SYNC))])
def runs(
    connection: Connected,
    source: Filter = "",
    state: Filter = "",
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 30,
    after: Annotated[str, Query(max_length=1000, description="`next` of the page before.")] = "",
) -> dict[str, Any]:
    """Runs with their sums, the newest first."""
    found = page_of_runs(
        connection, source=source, state=state, before=decode_position(after), limit=limit + 1
    )
    last = found[limit - 1] if len(found) > limit else None
    return {
        "runs": found[:limit],
        "next": encode_position((last["started_at"], last["run_id"])) if last else None,
    }


@router.get("/runs/{run_id}", tags=TAGS, dependencies=[Depends(Needs(Permission.READ_SYNC))])
def one_run(connection: Connected, now: Now, run_id: RunId) -> dict[str, Any]:
    """One run with its streams and its phases; `phases` is empty for one from before they were recorded."""
    run = run_called(connection, run_id)
    return {
        "run": run,
        "streams": streams_of(connection, run["run_id"], now),
        "phases": phases_of(connection, run, now),
        "asked": asked_for(connection, run["run_id"]),
    }


@router.get("/asked-runs/{job_id}", tags=TAGS, dependencies=[Depends(Needs(Permission.READ_SYNC))])
def asked_run(
    request: Request, connection: Connected, job_id: Annotated[str, Path(max_length=200, pattern=PLAIN)]
) -> dict[str, Any]:
    """What was asked to be run: its state, how it ended, its run; `taker` is null while nobody takes."""
    return {"asked": job_called(connection, job_id), "taker": taker_of(request, connection)}


@router.post("/sources/{source}/sync", tags=TAGS, status_code=TAKEN)
def sync_now(acting: Acting, source: Source) -> Response:
    """Ask that a source be read now: 202, or 409 in words while it is paused, being read or asked for already."""
    return told(acting.sync(source))


@router.post("/runs/{run_id}/resume", tags=TAGS, status_code=TAKEN)
def resume(acting: Acting, run_id: RunId) -> Response:
    """Ask that what a run did not finish be read on: 202, or 409 in words."""
    return told(acting.resume(run_id))


@router.post("/runs/{run_id}/cancel", tags=TAGS, status_code=TAKEN)
def cancel(acting: Acting, run_id: RunId) -> Response:
    """Ask that a run at work be ended; what arrived is kept: 202, or 409 in words."""
    return told(acting.cancel(run_id))


def told(asked: Asked) -> Response:
    """What became of asking."""
    if asked.state == REFUSED:
        do = (
            f"`GET /api/runs/{asked.instead}` follows the one at work."
            if asked.instead
            else "Ask again later."
        )
        return JSONResponse({"title": asked.outcome, "do": do, "status": CONFLICT}, CONFLICT)
    return JSONResponse({"asked": asked.job_id, "state": asked.state}, TAKEN)


@router.post("/sources/{source}/pause", tags=TAGS)
def pause(acting: Acting, source: Source, given: PauseGiven) -> dict[str, Any]:
    """No sync reads this source for so many hours, or until somebody ends it."""
    return {"source": source, "paused_until": acting.pause(source, given.hours, given.reason)}


@router.post("/sources/{source}/unpause", tags=TAGS)
def unpause(acting: Acting, source: Source, given: UnpauseGiven) -> dict[str, Any]:
    """Read a paused source again, with the next sync."""
    acting.unpause(source, given.reason)
    return {"source": source}

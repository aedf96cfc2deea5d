"""Starting, resuming and ending runs from the pages: a row that waits for whoever takes asked runs, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.web import sync_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.operating import Acting, Source
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.rendering import render
from partnerhub.web.routes.sync import HERE, SEE_OTHER, taker_of
from warehouse.commands.ask_run import CANCEL, OPEN, SYNC, Asked, job_called
from warehouse.queries.asked_runs import open_jobs
from warehouse.queries.runs import at_work
from warehouse.queries.sources import faces

if TYPE_CHECKING:
    from warehouse.database import Connection

router = APIRouter(include_in_schema=False)
RunId = Annotated[str, Path(max_length=200, pattern=PLAIN)]
Job = Annotated[str, Path(max_length=200, pattern=PLAIN)]
COMMANDS: Final = {
    SYNC: "partnerhub sync {}",
    "resume": "partnerhub resume {}",
    CANCEL: "partnerhub cancel {}",
}


@router.post("/sync/{source}/now")
def sync_now(acting: Acting, source: Source) -> Response:
    """Ask that a source be read now."""
    return told(acting.sync(source))


@router.post("/runs/{run_id}/resume")
def resume(acting: Acting, run_id: RunId) -> Response:
    """Ask that what a run did not finish be read on."""
    return told(acting.resume(run_id))


@router.post("/runs/{run_id}/cancel")
def cancel(acting: Acting, run_id: RunId) -> Response:
    """Ask that a run at work be ended; what arrived is kept."""
    return told(acting.cancel(run_id))


def told(asked: Asked) -> Response:
    """To the page that follows what was asked for."""
    return RedirectResponse(f"/sync/asked/{asked.job_id}", SEE_OTHER)


@router.get("/sync/asked/{job}", dependencies=[Depends(Needs(Permission.READ_SYNC))])
def asked_run(request: Request, connection: Connected, now: Now, job: Job) -> Response:
    """What was asked for: who takes it, why not, or the run that came of it, which is where it leads."""
    found = job_called(connection, job)
    there = leads_to(connection, found)
    if there and request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": there})
    if there:
        return RedirectResponse(there, SEE_OTHER)
    others = [each for each in open_jobs(connection) if each["job_id"] != job]
    facts = {
        "job": found,
        "face": faces(connection).get(found["target"]),
        "is_open": found["state"] in OPEN,
        "taker": taker_of(request, connection),
        "before": sum(each["state"] == "running" for each in others),
        "instead": instead_of(connection, found),
        "earlier": next((each["job_id"] for each in others if each["target"] == found["target"]), None),
        "command_line": COMMANDS[found["kind"]].format(found["target"]),
        "words": sync_words,
        "now": now,
    }
    return render(request, "sync_asked.html", HERE | facts, block="asked")


def leads_to(connection: Connection, job: dict[str, Any]) -> str:
    """The page of the run that came of it, or that was ended; nothing while there is none."""
    if job["kind"] == CANCEL:
        return f"/runs/{job['target']}" if job["state"] != "refused" else ""
    begun = job["run_id"] and connection.one("SELECT state FROM sync_run WHERE run_id = ?", (job["run_id"],))
    return f"/runs/{job['run_id']}" if begun and job["state"] in {"running", "done", "lost"} else ""


def instead_of(connection: Connection, job: dict[str, Any]) -> str | None:
    """The run at work that it was refused for, if it still is."""
    if job["state"] != "refused":
        return None
    return job["target"] if job["kind"] == "resume" else at_work(connection).get(job["target"])

"""Runs: the newest first, one with its numbers, and one that is at work, as it goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from partnerhub.access.roles import Permission
from partnerhub.web import phase_words, sync_words
from partnerhub.web.connected import Connected, Now, now_text
from partnerhub.web.guard import Needs
from partnerhub.web.open_streams import OpenStreams
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.rendering import render
from partnerhub.web.routes.sync import HERE, Reader
from warehouse.processes import still_runs
from warehouse.queries.asked_runs import asked_about, asked_for
from warehouse.queries.phases import phases_of
from warehouse.queries.request_samples import samples_of
from warehouse.queries.resuming import unfinished
from warehouse.queries.runs import run_called, streams_of
from warehouse.queries.sources import faces
from warehouse.queries.sync_history import acts_on_run, page_of_runs
from warehouse.queries.sync_records import problems_for

if TYPE_CHECKING:
    from jinja2 import Environment

    from warehouse.database import Connection, Database

PAGE: Final = 30
MOST_PROBLEMS: Final = 50
TOO_MANY: Final = 429
LOOK_EVERY_SECONDS: Final = 1.0
WATCHED_SECONDS: Final = 60.0
"""After this a browser connects again by itself: whether it may is asked anew."""
RUN_STATES: Final = ("complete", "running", "incomplete", "failed", "needs_person", "abandoned")

router = APIRouter(include_in_schema=False)
Filter = Annotated[str, Query(max_length=200, pattern=PLAIN)]
RunId = Annotated[str, Path(max_length=200, pattern=PLAIN)]


@router.get("/runs", dependencies=[Depends(Needs(Permission.READ_SYNC))])
def runs(
    request: Request, connection: Connected, now: Now, source: Filter = "", state: Filter = "",
    after: Annotated[str, Query(max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Runs of all sources or one, the newest first."""
    position = decode_position(after)
    found = page_of_runs(connection, source=source, state=state, before=position, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    facts = {
        "runs": found[:PAGE],
        "older": encode_position((last["started_at"], last["run_id"])) if last else None,
        "chosen": {"source": source, "state": state},
        "sources": sorted(faces(connection).values(), key=lambda face: face.title.casefold()),
        "states": RUN_STATES,
        "words": sync_words,
        "now": now,
    }
    return render(request, "runs.html", HERE | facts)


@router.get("/runs/{run_id}")
def run_page(request: Request, caller: Reader, connection: Connected, now: Now, run_id: RunId) -> Response:
    """One run: numbers that add up, stream by stream; what went wrong and what to run next."""
    run = run_called(connection, run_id)
    if run["run_id"] != run_id:
        return RedirectResponse(f"/runs/{run['run_id']}", status_code=307)
    facts = facts_of(connection, run, now)
    found = problems_for(caller.viewer, connection, {"run": run_id}, limit=MOST_PROBLEMS)
    told = {(each["source"], each["happened"]) for each in facts["errors"]}
    more = [each for each in found if each["source_id"] or (each["source"], each["happened"]) not in told]
    settings = request.app.state.wiring.settings
    is_told = any(each["state"] != "complete" for each in facts["streams"]) or bool(more)
    resuming = {
        "broken": "" if is_told else phase_words.broken(run, facts["phases"]),
        "unfinished": unfinished(connection, facts["streams"])
        if run["state"] != "running" or facts["was_killed"]
        else [],
        "next_runs": settings.next_runs() if settings else {},
        "sampled": samples_of(facts["streams"]),
        "asked": asked_for(connection, run_id),
        "said": asked_about(connection, run_id),
        "acts": acts_on_run(connection, run_id),
        "may_operate": caller.may(Permission.OPERATE_SYNC) and request.app.state.wiring.acts is not None,
    }
    return render(request, "run.html", HERE | facts | resuming | {"problems": sync_words.alike(more)})


def facts_of(connection: Connection, run: dict[str, Any], now: str) -> dict[str, Any]:
    """What the page and its live parts show of a run."""
    streams = streams_of(connection, run["run_id"])
    phases = phase_words.waterfall(phases_of(connection, run, now), run, now)
    return {
        "phases": phases,
        "why_no_phases": phase_words.not_recorded(run),
        "phases_said": phase_words.said_once(phases),
        "run": run,
        "streams": streams,
        "totals": sync_words.totals(streams),
        "errors": sync_words.told_errors(streams),
        "words": sync_words,
        "now": now,
        "was_killed": run["state"] == "running" and still_runs(run["holder"]) is False,
    }


@router.get("/runs/{run_id}/events")
def events(request: Request, caller: Reader, connection: Connected, run_id: RunId) -> Response:
    """What changes in a run, as server-sent events `part` and `end`; read from the warehouse once a second."""
    run_called(connection, run_id)
    streams: OpenStreams = request.app.state.streams
    number = streams.opened(caller.viewer.name)
    if number is None:
        return PlainTextResponse("Too many pages follow a run already.\n", TOO_MANY, {"Retry-After": "60"})
    place = streams.until_closed(number)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        following(request, run_id, place), media_type="text/event-stream", headers=headers
    )


async def following(request: Request, run_id: str, place: AbstractContextManager[None]) -> AsyncIterator[str]:
    """What `watched` tells, as long as the place is held."""
    with place:
        async for each in watched(request, run_id):
            yield each


async def watched(request: Request, run_id: str) -> AsyncIterator[str]:
    """Events until the run has ended or a minute is over; only what is not as it was sent before."""
    sent: dict[str, str] = {}
    until = monotonic() + WATCHED_SECONDS
    yield "retry: 1000\n\n"
    while monotonic() < until:
        pieces, is_over = await run_in_threadpool(looked_at, request, run_id)
        for name, html in pieces.items():
            if sent.get(name) != html:
                sent[name] = html
                yield event("part", {"id": name, "html": html})
        if is_over:
            yield event("end", {"state": is_over})
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def looked_at(request: Request, run_id: str) -> tuple[dict[str, str], str]:
    """The parts of the page by their id, as HTML; and the state of a run that has ended."""
    database: Database = request.app.state.database
    pages: Environment = request.app.state.pages
    with database.session() as connection:
        run = run_called(connection, run_id)
        facts = facts_of(connection, run, now_text())
    made: Any = pages.get_template("run_parts.html").module
    found = {"sums": str(made.sums(run, facts["totals"], sync_words, facts["now"]))}
    told = (facts["phases"], facts["why_no_phases"], facts["phases_said"])
    found["phases"] = str(made.phases(*told))
    for row in facts["streams"]:
        found[row_id(row)] = str(made.stream(row, run, sync_words, facts["now"]))
    return found, "" if run["state"] == "running" else str(run["state"])


def row_id(row: dict[str, Any]) -> str:
    """The id of a stream's row on the page."""
    return f"{row['source']}/{row['stream']}"


def event(name: str, data: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"

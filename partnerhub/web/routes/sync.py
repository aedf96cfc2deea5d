"""How well the sources are read: all of them at a glance, and one with its streams; pausing and reading again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import sync_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.operating import Acting, Source, require_known
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.rendering import render
from warehouse.commands.operate import paused
from warehouse.database import Connection
from warehouse.queries import sync_history
from warehouse.queries.asked_runs import open_by_target
from warehouse.queries.credentials import credentials
from warehouse.queries.drift import list_drift
from warehouse.queries.mass_changes import mass_changes
from warehouse.queries.runs import at_work
from warehouse.queries.sources import faces
from warehouse.queries.sync_records import problem_sums, problems_for
from warehouse.queries.watching import health_of_streams, watch

if TYPE_CHECKING:
    from partnerhub.web.wiring import Wiring
    from warehouse.queries.health import Health

SEE_OTHER: Final = 303
HERE: Final = {"here": "/sync"}
"""These pages stand under one entry of the navigation."""
PROBLEMS: Final = 8
"""Open problems on the page of one source; all of them have a page of their own."""

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_SYNC))]
Reason = Annotated[str, Form(min_length=1, max_length=500, pattern=PLAIN)]


@router.get("/sync")
def overview(request: Request, caller: Reader, connection: Connected, now: Now) -> Response:
    """A card per source, what a person must mend first."""
    wiring: Wiring = request.app.state.wiring
    due = wiring.due()
    health = health_of_streams(connection, due, now)
    found = sync_words.cards(health, faces(connection), surroundings(connection, wiring, health, now))
    facts = {
        "cards": found,
        "watch": watch(connection, due, now),
        "sums": problem_sums(connection),
        "day_bars": sync_words.day_bars,
        "days_said": sync_words.days_said,
        "who": sync_words.WHO,
        "starts": starts(request, caller, connection),
    }
    return render(request, "sync.html", HERE | facts)


def starts(request: Request, caller: Caller, connection: Connection) -> dict[str, Any]:
    """What the buttons that start a source go by: who may, what runs, what was asked for; and who takes it."""
    wiring: Wiring = request.app.state.wiring
    may = caller.may(Permission.OPERATE_SYNC) and wiring.acts is not None
    return {
        "may": may,
        "at_work": at_work(connection),
        "asked": open_by_target(connection),
        "configured": frozenset(wiring.settings.sources() if wiring.settings else wiring.due()),
        "taker": taker_of(request, connection) if may else None,
    }


def taker_of(request: Request, connection: Connection) -> str | None:
    """The process that takes asked runs, as people are told of it; None while nobody does."""
    wiring: Wiring = request.app.state.wiring
    found = wiring.taker(connection) if wiring.taker else None
    return found.partition(" [")[0] if found else None


def surroundings(connection: Connection, wiring: Wiring, health: list[Health], now: str) -> dict[str, Any]:
    """What cards show besides the health of their streams, by source."""
    incidents: dict[str, list[dict[str, Any]]] = {}
    for each in watch(connection, {}, now).incidents:
        incidents.setdefault(each["source"], []).append(each)
    configured = wiring.settings.sources() if wiring.settings else wiring.due()
    seen = {each.source for each in health}
    return {
        "days": sync_history.days_of_sources(connection, now),
        "next": wiring.settings.next_runs() if wiring.settings else {},
        "incidents": incidents,
        "pauses": paused(connection, now),
        "unread": dict.fromkeys(name for name in configured if name not in seen),
    }


@router.get("/sync/{source}")
def one_source(request: Request, caller: Reader, connection: Connected, now: Now, source: Source) -> Response:
    """One source: its streams, how much it brought, what drifted, what is wrong, who did what."""
    wiring: Wiring = request.app.state.wiring
    require_known(connection, wiring, source)
    health = [each for each in health_of_streams(connection, wiring.due(), now) if each.source == source]
    more = surroundings(connection, wiring, health, now) | {"unread": {} if health else {source: None}}
    more["streams"] = {source: wiring.settings.streams(source) if wiring.settings else ()}
    volume = sync_history.volume_of(connection, source)
    problems = problems_for(
        caller.viewer, connection, {"source": source, "state": "open"}, limit=PROBLEMS + 1
    )
    quotas = wiring.settings.quotas(connection) if wiring.settings else []
    facts = {
        "watch": watch(connection, wiring.due(), now),
        "card": sync_words.card(source, health, faces(connection), more),
        "streams": streams_of(connection, source, health),
        "volume": volume,
        "spark": sync_words.sparkline(volume),
        "drift": list_drift(connection, (source,)),
        "mass_changes": [each for each in mass_changes(connection) if each["source"] == source],
        "problems": problems[:PROBLEMS],
        "more_problems": len(problems) > PROBLEMS,
        "credential": next((each for each in credentials(connection, now) if each.source == source), None),
        "quotas": [each for each in quotas if source in each["sources"]],
        "requests": sync_history.requests_today(connection, now).get(source, 0),
        "history": sync_history.history_of(connection, source),
        "words": sync_words,
        "starts": starts(request, caller, connection),
        "may_operate": caller.may(Permission.OPERATE_SYNC) and wiring.acts is not None,
    }
    return render(request, "sync_source.html", HERE | facts)


def streams_of(connection: Connection, source: str, health: list[Health]) -> list[dict[str, Any]]:
    """The streams of a source: health, the numbers of the last run, lag and completeness; the gravest first."""
    last = sync_history.streams_last_run(connection, source)
    held = sync_history.held_by_stream(connection, source)
    compared = sync_history.compared_streams(connection, source)
    found = [
        {
            "health": each,
            "last": last.get(each.stream),
            "held": held.get(each.stream, (0, 0)),
            "compared": compared.get(each.stream),
            "lag": sync_words.lag(each.age),
        }
        for each in health
    ]
    return sorted(found, key=lambda row: (sync_words.GRAVEST.index(row["health"].word), row["health"].stream))


@router.post("/sync/{source}/pause")
def pause(
    acting: Acting, source: Source, reason: Reason, hours: Annotated[int, Form(ge=0, le=24 * 365)] = 0
) -> Response:
    """No sync reads this source for so many hours, or until somebody ends it (0)."""
    acting.pause(source, hours, reason)
    return RedirectResponse(f"/sync/{source}", SEE_OTHER)


@router.post("/sync/{source}/unpause")
def unpause(
    acting: Acting, source: Source, reason: Annotated[str, Form(max_length=500, pattern=PLAIN)] = ""
) -> Response:
    """Read a paused source again, with the next sync."""
    acting.unpause(source, reason)
    return RedirectResponse(f"/sync/{source}", SEE_OTHER)

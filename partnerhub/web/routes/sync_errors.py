"""What went wrong, in terms of the business: which partners lack what, what to do, and a person's word on it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import sync_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.operating import Operator
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.rendering import render
from partnerhub.web.routes.sync import HERE, Reason
from partnerhub.web.stewards import acts_of
from partnerhub.web.wording import short_day
from warehouse.commands.set_aside import mark_problems
from warehouse.queries.naming import names_of, singular
from warehouse.queries.next_dates import NextDate, next_dates
from warehouse.queries.problems import SEVERITIES
from warehouse.queries.sources import Face, faces
from warehouse.queries.sync_records import lacking_partners, problem_sums, problems_for
from warehouse.queries.watching import health_of_streams

if TYPE_CHECKING:
    from collections.abc import Mapping

SEE_OTHER: Final = 303
PAGE: Final = 30
MOST_PARTNERS: Final = 12
STATES: Final = {"acknowledge": "acknowledged", "discard": "discarded", "reopen": "open"}
BETWEEN: Final = "|"

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_SYNC))]
Filter = Annotated[str, Query(max_length=200, pattern=PLAIN)]
Mark = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
FormText = Annotated[str, Form(max_length=200, pattern=PLAIN)]


@router.get("/errors")
def errors(
    request: Request, caller: Reader, connection: Connected, now: Now,
    severity: Filter = "", source: Filter = "", state: Filter = "open",
    after: Annotated[str, Query(max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Problems by gravity, and the partners of whom something is not as its source says."""
    wanted = {"severity": severity, "source": source, "state": "" if state == "all" else state}
    found = problems_for(caller.viewer, connection, wanted, position_of(after), PAGE + 1)
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    lacking = lacking_partners(caller.viewer, connection) if not after and state == "open" else []
    named = [one["organization_id"] for each in shown for one in each["partners"]]
    named += [each["organization_id"] for each in lacking[:MOST_PARTNERS]]
    ahead = next_dates(caller.viewer, connection, named, now[:10])
    known = faces(connection)
    health = health_of_streams(connection, request.app.state.wiring.due(), now)
    read = {(each.source, each.stream): each.last_success_at for each in health}
    facts = {
        "problems": sync_words.of_streams(shown),
        "missing": lambda each: sync_words.missing(each, title_of(known, each["source"]), read),
        "names": names_of(connection, (each["record"] for each in shown)),
        "older": position_after(last) if last else "",
        "chosen": {"severity": severity, "source": source, "state": state},
        "severities": SEVERITIES,
        "sources": sorted(known.values(), key=lambda face: face.title.casefold()),
        "faces": known,
        "sums": problem_sums(connection) if caller.viewer.organizations is None else [],
        "lacking": [(each, lacks(each["problems"])) for each in lacking[:MOST_PARTNERS]],
        "at_stake": lambda partners: at_stake(partners, ahead),
        "more_partners": max(0, len(lacking) - MOST_PARTNERS),
        "may_decide": caller.may(Permission.OPERATE_SYNC) and request.app.state.wiring.acts is not None,
        "may_read_raw": caller.may(Permission.READ_RAW),
        "words": sync_words,
    }
    return render(request, "errors.html", HERE | facts)


def title_of(known: dict[str, Face], source: str) -> str:
    """What people call a source."""
    return known[source].title if source in known else source


def position_after(last: dict[str, Any]) -> str:
    """The address of the page that follows a problem."""
    return encode_position((f"{last['rank']}{BETWEEN}{last['last_seen_at']}", last["fingerprint"]))


def position_of(after: str) -> tuple[str, str, str] | None:
    """Where a page goes on: rank, last seen and fingerprint."""
    position = decode_position(after)
    if position is None:
        return None
    rank, between, seen = position[0].partition(BETWEEN)
    return (rank, seen, position[1]) if between and rank.isdecimal() else None


def lacks(problems: list[dict[str, Any]]) -> str:
    """`2 companies and 1 deal of hubspot`: which records of a partner are not as their source says."""
    counts = Counter((each["source"], each["stream"]) for each in problems)
    said = [
        f"{count} {singular(stream) if count == 1 else stream.replace('_', ' ')} of {source}"
        for (source, stream), count in counts.most_common()
    ]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def at_stake(partners: list[dict[str, Any]], ahead: Mapping[str, NextDate]) -> str:
    """What comes next with the first of some partners: `The renewal of Acme on 12 May 2027 is affected`."""
    coming = [(ahead[each["organization_id"]], each) for each in partners if each["organization_id"] in ahead]
    if not coming:
        return ""
    (day, what, title), partner = min(coming, key=lambda each: each[0])
    name, on = partner["name"] or "a partner", short_day(day)
    said = {
        "renewal": f"The renewal of {name} on {on}",
        "agreement": f"The renewal of “{title}” with {name} on {on}",
        "commitment": f"“{title}”, which is due with {name} on {on},",
        "deal": f"The deal “{title}” with {name}, which is to close on {on},",
    }[what]
    return f"{said} is affected."


@router.post("/errors/decide")
def decide(
    request: Request, caller: Operator, connection: Connected, now: Now,
    act: Annotated[Literal["acknowledge", "discard", "reopen"], Form()], reason: Reason,
    fingerprint: Annotated[list[Mark], Form(min_length=1, max_length=PAGE)],
    severity: FormText = "", source: FormText = "", state: FormText = "open",
) -> Response:  # fmt: skip
    """Mark problems: being mended, may stay so, or open again. Nothing is deleted."""
    acts_of(request)
    with connection.transaction():
        mark_problems(connection, fingerprint, STATES[act], (caller.viewer.name, now, reason.strip()))
    kept = {"severity": severity, "source": source, "state": state}
    return RedirectResponse(
        f"/errors?{urlencode({name: value for name, value in kept.items() if value})}", SEE_OTHER
    )

"""The timeline of a partner: everything that happened, filtered by its address; and each thing's own page."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import timeline_words as words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.deep_links import deep_link, safe_link
from partnerhub.web.guard import Needs
from partnerhub.web.positions import decode_position, encode_position, is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import survivor_at
from warehouse.commands.accounts import By
from warehouse.commands.enter import is_time
from warehouse.commands.mail_visibility import set_mailbox, set_thread
from warehouse.database import Connection
from warehouse.queries import record
from warehouse.queries.mail_sight import LEVELS, MAILBOX, Level, copies_of, set_by_hand, sources_with_mail
from warehouse.queries.sources import Face, faces
from warehouse.queries.stream import (
    EVERY_KIND,
    Happening,
    Position,
    Wanted,
    one_happening,
    sources_of,
    stream,
)
from warehouse.queries.stream_extras import ahead, place_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
MailReader = Annotated[Caller, Depends(Needs(Permission.READ_MAIL_TEXT))]
Words = Annotated[list[str], Query(max_length=20)]
SEE_OTHER: Final = 303
NOT_FOUND: Final = 404
FORBIDDEN: Final = 403
BEHIND: Final = "~"
"""Behind every mark: a page that begins there begins with what bears the mark."""
AS_SET: Final = "default"


@router.get("/partners/{organization_id}/timeline")
def timeline(
    request: Request, caller: Reader, connection: Connected, now: Now, organization_id: str,
    kind: Words = [], source: Words = [],  # noqa: B006  # FastAPI copies them
    person: Annotated[str, Query(max_length=60)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[str, Query(max_length=600)] = "",
    logged: Annotated[str, Query(max_length=20)] = "",
    at: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    """One stream of every kind of touchpoint, the newest first, with what is dated ahead on top.

    at: the fact with which the page begins, and which it points out; what hangs on another one is found there.
    """
    query = f"?{urlencode({'at': at})}" if at else ""
    survivor = survivor_at(caller, connection, organization_id, f"timeline{query}")
    wanted = Wanted(
        tuple(each for each in EVERY_KIND if each in kind), tuple(dict.fromkeys(filter(is_storable, source))),
        person if is_storable(person) else "", day_of(since), day_of(until), q.strip() if is_storable(q) else "",
    )  # fmt: skip
    found = place_of(caller.viewer, connection, survivor, at) if at and is_storable(at) else None
    position = (found[0], found[1] + BEHIND) if found else position_of(before)
    page = stream(caller.viewer, connection, survivor, wanted, before=position)
    months = words.by_month(words.stops_of(page.happenings, now, position))
    base = f"/partners/{survivor}/timeline"
    people = {
        each.person_id: each.name or each.email or "somebody"
        for each in record.people(caller.viewer, connection, survivor)
    }
    known = faces(connection)
    is_first = position is None
    facts = {
        **shared(request, caller, known),
        "organization": record.organization(caller.viewer, connection, survivor) or {},
        "months": months,
        "same_month": bool(request.headers.get("hx-request")) and goes_on(months, position),
        "ahead": ahead(caller.viewer, connection, survivor, now[:10]) if is_first and wanted.is_all else [],
        "is_first": is_first,
        "found": found[1] if found else "",
        "gone": bool(at) and found is None,
        "newest": words.address_of(base, wanted),
        "older": words.address_of(base, wanted, before=encode_position(page.following)) if page.following else "",
        "wanted": wanted,
        "chips": words.chips(base, wanted, known, people),
        "base": base,
        "people": people,
        "sources": sources_of(caller.viewer, connection, survivor),
        "kinds": words.KIND_WORDS,
        "logged": logged if logged.isalpha() else "",
        "may_log": caller.may(Permission.WRITE_ENTRIES) and request.app.state.wiring.entries is not None,
    }  # fmt: skip
    return render(request, "timeline.html", facts, block="timeline")


def goes_on(months: list[tuple[str, list[words.Stop]]], position: Position | None) -> bool:
    """Whether a page begins in the month in which the one before it ended."""
    return bool(position and months and months[0][0] == words.month_of(position[0]))


def shared(request: Request, caller: Caller, known: dict[str, Face]) -> dict[str, Any]:
    """What both pages need to show a stop."""
    sites = dict(request.app.state.wiring.sites)

    def link(each: Happening) -> str | None:
        found = deep_link(each.record, known.get(each.source), sites) if each.record else None
        return safe_link(each.link) or found

    def readable(each: Happening) -> bool:
        return each.is_mail and each.level >= Level.EVERYTHING and caller.may(Permission.READ_MAIL_TEXT)

    return {
        "faces": known, "link_of": link, "title_of": words.title_of, "first_line": words.first_line,
        "why_withheld": words.WHY_WITHHELD, "readable": readable, "icons": words.ICONS, "Level": Level,
    }  # fmt: skip


def position_of(before: str) -> Position | None:
    """Where a page begins; the newest for an address nobody made here."""
    found = decode_position(before) if before else None
    return found if found and is_time(found[0]) else None


def day_of(written: str) -> str:
    """A day as it is written in an address; nothing for what is none."""
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError:
        return ""


@router.get("/touchpoints/{fact_id}")
def touchpoint(
    request: Request, caller: Reader, connection: Connected, fact_id: str, said: str = ""
) -> Response:
    """One thing that happened, for good under this address, with its text where the caller may read it."""
    found = one_happening(caller.viewer, connection, fact_id) if is_storable(fact_id) else None
    if found is None:
        raise HTTPException(NOT_FOUND)
    happening, organization_ids = found
    known = faces(connection)
    place = encode_position((happening.happened_at, happening.mark + BEHIND))
    facts = {
        **shared(request, caller, known),
        "each": happening,
        "organizations": [
            (each, (record.organization(caller.viewer, connection, each) or {"name": "?"})["name"])
            for each in organization_ids
        ],
        "place": place,
        "levels": list(LEVELS),
        "may_set": happening.is_mail and may_set(caller, connection, fact_id),
        "said": said if said in {*LEVELS, AS_SET} else "",
    }
    return render(request, "touchpoint.html", facts)


def may_set(caller: Caller, connection: Connection, fact_id: str) -> bool:
    """Whether somebody may say who sees a mail: the owner of a mailbox it lies in, and who manages access."""
    copies = copies_of(connection, [fact_id]).get(fact_id, [])
    owns = any(copy.mailbox in caller.viewer.mailboxes for copy in copies)
    return bool(copies) and (owns or caller.may(Permission.MANAGE_ACCESS))


@router.post("/mail/{fact_id}/visibility")
def set_visibility(
    caller: MailReader,
    connection: Connected,
    now: Now,
    fact_id: str,
    level: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Say how much others see of one conversation."""
    found = one_happening(caller.viewer, connection, fact_id) if is_storable(fact_id) else None
    if found is None or not may_set(caller, connection, fact_id):
        raise HTTPException(NOT_FOUND)
    with connection.transaction():
        set_thread(connection, fact_id, None if level == AS_SET else level, By(caller.viewer.name, now))
    return RedirectResponse(f"/touchpoints/{fact_id}?said={level}", SEE_OTHER)


@router.get("/mail/visibility")
def mailboxes(request: Request, caller: MailReader, connection: Connected, said: str = "") -> Response:
    """Every mailbox and what others see of it; the owner, and who manages access, may change it."""
    found = sources_with_mail(connection)
    by_hand = set_by_hand(connection, MAILBOX, [address for _, address in found])
    settings = request.app.state.wiring.mail_levels
    rows = [
        {
            "source": source,
            "mailbox": address,
            "by_hand": by_hand[address].name.lower() if address in by_hand else "",
            "setting": settings.get(source, ""),
            "may_set": address is not None
            and (address in caller.viewer.mailboxes or caller.may(Permission.MANAGE_ACCESS)),
        }
        for source, address in found
    ]
    facts = {
        "rows": rows,
        "levels": list(LEVELS),
        "faces": faces(connection),
        "said": said if is_storable(said) else "",
    }
    return render(request, "mail_visibility.html", facts)


@router.post("/mail/visibility")
def set_mailbox_visibility(
    caller: MailReader, connection: Connected, now: Now,
    mailbox: Annotated[str, Form(max_length=200)] = "", level: Annotated[str, Form(max_length=20)] = "",
) -> Response:  # fmt: skip
    """Say how much others see of a mailbox."""
    address = mailbox.strip().lower()
    owns = address in caller.viewer.mailboxes or caller.may(Permission.MANAGE_ACCESS)
    if not is_storable(address) or not owns:
        raise HTTPException(NOT_FOUND)
    with connection.transaction():
        set_mailbox(connection, address, None if level == AS_SET else level, By(caller.viewer.name, now))
    return RedirectResponse("/mail/visibility?said=changed", SEE_OTHER)

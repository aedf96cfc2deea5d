"""Records that are set aside, by reason: a look at one, letting the next sync try them again, letting them be."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import payloads, sync_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.operating import Operator
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.rendering import render
from partnerhub.web.routes.records import opened
from partnerhub.web.routes.sync import HERE, Reason, starts
from partnerhub.web.stewards import acts_of
from warehouse.commands.audit import Deed, append
from warehouse.commands.set_aside import let_stage, mark_problems
from warehouse.database import Connection
from warehouse.errors import WarehouseError
from warehouse.queries.naming import names_of
from warehouse.queries.quarantine import Chosen, quarantined
from warehouse.queries.sources import Face, faces
from warehouse.queries.sync_records import is_mail, quarantine_groups, set_aside_for

SEE_OTHER: Final = 303
PAGE: Final = 50
TRIED: Final = -1
"""What `staged_raw_id` is while a record waits for the next sync to try it."""

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_SYNC))]
Filter = Annotated[str, Query(max_length=200, pattern=PLAIN)]
FormText = Annotated[str, Form(max_length=200, pattern=PLAIN)]
Records = Annotated[list[str], Form(max_length=1000)]


@router.get("/quarantine")
def quarantine(
    request: Request, caller: Reader, connection: Connected, source: Filter = "", rule: Filter = "",
    after: Annotated[str, Query(max_length=1000)] = "", tried: Annotated[int | None, Query(ge=0)] = None,
    left: Annotated[int | None, Query(ge=0)] = None,
) -> Response:  # fmt: skip
    """What is set aside by source and reason; of the chosen reason the records, and the first of them as it arrived."""
    groups = [each for each in quarantine_groups(caller.viewer, connection) if source in ("", each["source"])]
    chosen = next((each for each in groups if rule == each["rule"]), groups[0] if len(groups) == 1 else None)
    known = faces(connection)
    facts = {
        "groups": groups,
        "chosen": chosen,
        "source": source,
        "faces": known,
        "tried": tried,
        "left": left,
        "tried_mark": TRIED,
        "may_operate": caller.may(Permission.OPERATE_SYNC) and request.app.state.wiring.acts is not None,
        "may_read_raw": caller.may(Permission.READ_RAW),
        "words": sync_words,
        "starts": starts(request, caller, connection),
        **(of_group(caller, connection, known, chosen, after) if chosen else {"records": []}),
    }
    return render(request, "quarantine.html", HERE | facts)


def of_group(
    caller: Caller, connection: Connection, known: dict[str, Face], chosen: dict[str, Any], after: str
) -> dict[str, Any]:
    """The records of one group, a page at a time, and the first of them as it arrived."""
    place = (chosen["source"], chosen["rule"])
    found = set_aside_for(caller.viewer, connection, place, decode_position(after), PAGE + 1)
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    sample, only_form = sample_of(caller, connection, known, shown[0]) if shown else ("", False)
    return {
        "records": shown,
        "names": names_of(connection, (each["record"] for each in shown)),
        "sample": sample,
        "only_form": only_form,
        "older": encode_position((last["stream"], last["source_id"])) if last else "",
    }


def sample_of(
    caller: Caller, connection: Connection, known: dict[str, Face], row: dict[str, Any]
) -> tuple[str, bool]:
    """One record as it arrived, for whoever may read it: no secret, and of a mail its form only."""
    place = (row["source"], row["stream"], row["source_id"])
    face = known.get(row["source"])
    from_mail = is_mail(connection, place) or (
        face is not None and face.connector in payloads.MAIL_CONNECTORS
    )
    return opened(caller, connection, place, row["raw_id"], from_mail=from_mail)


@router.post("/quarantine/replay")
def replay(
    request: Request, caller: Operator, connection: Connected, now: Now,
    source: FormText, rule: FormText, record: Records | None = None, everything: FormText = "",
) -> Response:  # fmt: skip
    """Let the next sync try records again: those that are ticked, or all of one reason."""
    acts_of(request)
    ticked = None if everything else record or []
    tried, left = try_again((caller, connection, now), (source, rule), ticked)
    return back(source, rule, tried=tried, left=left)


def try_again(
    here: tuple[Caller, Connection, str], group: tuple[str, str], ticked: list[str] | None
) -> tuple[int, int]:
    """Let the next sync try records of a group again: how many it will, and how many arrived unreadable.

    here: who does it, where and when. Raises as `meant`.
    """
    caller, connection, now = here
    rows = meant(caller, connection, group, ticked)
    with connection.transaction():
        waiting = let_stage(connection, rows)
        done = Deed("quarantine.replay", f"source:{group[0]}", {"rule": group[1], "records": waiting})
        append(connection, now, caller.viewer.name, done)
    return waiting, len(rows) - waiting


@router.post("/quarantine/discard")
def discard(
    request: Request, caller: Operator, connection: Connected, now: Now,
    source: FormText, rule: FormText, reason: Reason, record: Records | None = None, everything: FormText = "",
) -> Response:  # fmt: skip
    """Say that records may stay set aside: a mark with name and reason; what arrived stays."""
    acts_of(request)
    ticked = None if everything else record or []
    let_be((caller, connection, now), (source, rule), ticked, reason)
    return back(source, rule)


def let_be(
    here: tuple[Caller, Connection, str], group: tuple[str, str], ticked: list[str] | None, reason: str
) -> int:
    """Say that records of a group may stay set aside; returns how many problems were marked. Raises as `meant`."""
    caller, connection, now = here
    marks = [row["fingerprint"] for row in meant(caller, connection, group, ticked) if row["fingerprint"]]
    with connection.transaction():
        mark_problems(connection, marks, "discarded", (caller.viewer.name, now, reason.strip()))
        done = Deed("quarantine.discard", f"source:{group[0]}", {"rule": group[1], "records": len(marks)})
        append(connection, now, caller.viewer.name, done)
    return len(marks)


def meant(
    caller: Caller, connection: Connection, group: tuple[str, str], records: list[str] | None
) -> list[dict[str, Any]]:
    """The set-aside records a form means; None: all of the reason. Raises where none is ticked or may be touched."""
    if caller.viewer.organizations is not None:
        raise WarehouseError(
            "Only who may see every partner decides on records.", "Ask an operator of this hub."
        )
    ticked = None if records is None else frozenset(records)
    rows = quarantined(connection, Chosen(source=group[0], rule=group[1], records=ticked))
    if not rows:
        raise WarehouseError(
            "No record was ticked, or none of them is set aside any more.", "Go back and tick some."
        )
    return rows


def back(source: str, rule: str, **told: int) -> Response:
    """To the group again, with what became of it."""
    return RedirectResponse(f"/quarantine?{urlencode({'source': source, 'rule': rule, **told})}", SEE_OTHER)

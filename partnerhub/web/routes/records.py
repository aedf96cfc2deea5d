"""One source record as it arrived: every version with its run, what the mapping made of it, and what was in it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import payloads, sync_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.deep_links import deep_link
from partnerhub.web.guard import Needs
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.rendering import render
from partnerhub.web.routes.sync import HERE
from warehouse.commands.audit import Deed, append
from warehouse.database import Connection
from warehouse.queries.naming import names_of
from warehouse.queries.sources import faces
from warehouse.queries.sync_records import (
    is_mail,
    payload_for,
    problems_of_record,
    record_versions,
    staged_of,
    visible,
)

NOT_FOUND: Final = 404
SHOWN_OF_MAILS: Final = frozenset({
    "record", "kind", "happened_at", "ended_at", "direction", "nature", "left_out", "mailbox", "sensitivity",
    "deleted_at", "created_at", "modified_at", "media_type", "size_bytes", "not_fetched", "status",
})  # fmt: skip
"""Staged fields of mails and what hangs on them that say nothing of their words."""

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_SYNC))]
Part = Annotated[str, Path(max_length=300, pattern=PLAIN)]


@router.get("/records/{source}/{stream}/{source_id:path}")
def record_page(
    request: Request, caller: Reader, connection: Connected, now: Now, source: Part, stream: Part,
    source_id: Annotated[str, Path(max_length=2000, pattern=PLAIN)],
    version: Annotated[int | None, Query(ge=0)] = None,
) -> Response:  # fmt: skip
    """One record; `version` chooses which is opened, the newest without. Who reads what arrived is in the audit log."""
    place = (source, stream, source_id)
    versions = record_versions(caller.viewer, connection, place)
    chosen = next((each for each in versions if version in (None, each["raw_id"])), None)
    if chosen is None:
        raise HTTPException(NOT_FOUND)
    known = faces(connection)
    record = "/".join(place)
    from_mail = is_mail(connection, place) or (
        source in known and known[source].connector in payloads.MAIL_CONNECTORS
    )
    text, only_form = opened(caller, connection, place, chosen["raw_id"], from_mail=from_mail)
    if text:
        with connection.transaction():
            deed = Deed("raw.read", f"record:{record}", {"version": chosen["raw_id"]})
            append(connection, now, caller.viewer.name, deed)
    staged = staged_of(caller.viewer, connection, place)
    facts = {
        "record": record,
        "place": place,
        "name": names_of(connection, [record])[record],
        "face": known.get(source),
        "versions": versions,
        "chosen": chosen,
        "payload": text,
        "only_form": only_form,
        "may_read_raw": caller.may(Permission.READ_RAW),
        "staged": [(kind, shown(row, from_mail=from_mail or only_form)) for kind, row in staged],
        "partners": (visible(caller.viewer, connection, [record]) or {}).get(record, []),
        "problems": problems_of_record(caller.viewer, connection, place),
        "words": sync_words,
        "outside": deep_link(record, known.get(source), dict(request.app.state.wiring.sites)),
    }
    return render(request, "raw_record.html", HERE | facts)


def opened(
    caller: Caller, connection: Connection, place: tuple[str, str, str], raw_id: int, *, from_mail: bool
) -> tuple[str, bool]:
    """What arrived, for whoever may read it; and whether only its form is shown."""
    payload = payload_for(caller.viewer, connection, place, raw_id)
    if payload is None:
        return "", from_mail
    text, only_form = payloads.printed(payload, is_mail=from_mail)
    return (text if caller.may(Permission.READ_RAW) else ""), only_form


def shown(row: dict[str, Any], *, from_mail: bool) -> dict[str, Any]:
    """Staged fields, without secrets and the words of a mail."""
    return {
        name: payloads.plain(value) for name, value in row.items() if not from_mail or name in SHOWN_OF_MAILS
    }

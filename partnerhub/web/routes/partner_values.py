"""One value of a partner: where it is from, what it was, who disagrees; and a person's word on it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from mappings.clean.money import amount_minor, currency_sign
from mappings.clean.unreadable import Unreadable
from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.amounts import AMOUNT, CURRENCY, IN_WORDS, in_words, money
from partnerhub.web import partner_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import NOT_FOUND, Asked, Reader, survivor_of
from warehouse.commands.pin import DAYS, PINNABLE, pin_value, unpin_value
from warehouse.database import Connection
from warehouse.errors import WarehouseError
from warehouse.queries import known_then, record
from warehouse.queries.asked import questions_of_value
from warehouse.queries.sources import faces, record_names

SEE_OTHER = 303
router = APIRouter(include_in_schema=False)
Corrector = Annotated[Caller, Depends(Needs(Permission.CORRECT_VALUES))]
Text = Annotated[str, Form(max_length=2000)]


@router.get("/partners/{organization_id}/values")
def value_page(
    request: Request, caller: Reader, connection: Connected, now: Now, organization_id: str,
    field: Annotated[str, Query(max_length=200)] = "name",
) -> Response:  # fmt: skip
    """One value with its history."""
    survivor = survivor_of(caller, connection, organization_id)
    asked = Asked(caller, connection, survivor, now, request)
    facts = facts_of_value(asked, field)
    if facts["shown"] is None and not facts["history"] and not facts["pins"] and field not in PINNABLE:
        raise HTTPException(NOT_FOUND)
    return render(request, "partner_value.html", facts, block="value")


def facts_of_value(asked: Asked, field: str) -> dict[str, Any]:
    """What the page of one value shows."""
    viewer, connection, organization_id = asked.caller.viewer, asked.connection, asked.organization_id
    found = record.values(viewer, connection, organization_id)
    value = next((each for each in in_words(found) if each.field == field), None)
    known = faces(connection)
    names = record_names(connection, partner_words.records_named([value] if value else [], ()))
    stored = partner_words.fields_of(field)[0]
    history = known_then.value_history(viewer, connection, organization_id, stored)
    questions = questions_of_value(viewer, connection, organization_id, field)
    return {
        "organization": record.organization(viewer, connection, organization_id) or {},
        "field": field,
        "shown": partner_words.property_of(value, names, known, asked.sites) if value else None,
        "history": [(was, written(field, was)) for was in history],
        "pins": known_then.pins_of(viewer, connection, organization_id, stored),
        "questions": questions,
        "asked": next((each for each in questions if each.closed_at is None), None),
        "faces": known,
        "may_correct": asked.caller.may(Permission.CORRECT_VALUES),
        "pinnable": partner_words.may_pin(field),
        "is_day": field in DAYS,
    }


def written(field: str, was: known_then.Was) -> str:
    """A former value as people read it; nothing for an empty one."""
    if was.value is None:
        return ""
    return money(int(was.value), was.currency) if field == IN_WORDS else str(was.value)


@router.post("/partners/{organization_id}/values")
def say_value(
    request: Request, caller: Corrector, connection: Connected, now: Now, organization_id: str,
    act: Annotated[Literal["use", "pin", "unpin"], Form()],
    field: Annotated[str, Form(max_length=200)],
    value: Text = "", record_key: Annotated[str, Form(alias="record", max_length=1000)] = "", reason: Text = "",
) -> Response:  # fmt: skip
    """Set a value, take the one another source says, or leave it to the sources again. The answer shows the outcome."""
    survivor = survivor_of(caller, connection, organization_id)
    acts = request.app.state.wiring.acts
    if acts is None:
        raise WarehouseError("Nothing can be changed here.", "Start the pages with `partnerhub serve`.")
    wanted = wanted_values(Asked(caller, connection, survivor, now, request), act, field, value, record_key)
    said = (caller.viewer.name, reason.strip() or None)
    acts.carry_out(now, lambda inside: carried(inside, survivor, wanted, said, now))
    return RedirectResponse(
        f"/partners/{survivor}?changed={quote(field, safe='')}#{partner_words.mark_of(field)}",
        status_code=SEE_OTHER,
    )


def wanted_values(
    asked: Asked, act: str, field: str, value: str, record_key: str
) -> dict[str, str | None] | tuple[str, ...]:
    """Stored field → the value it shall have; or the fields whose pins shall go.

    Raises WarehouseError where nobody says that value any more, or an amount cannot be read.
    """
    stored = partner_words.fields_of(field)
    if act == "unpin":
        return stored
    if act == "use":
        return said_by(asked, stored, record_key)
    if field == IN_WORDS:
        return amount_of(value.strip())
    return {field: value.strip() or None}


def said_by(asked: Asked, stored: tuple[str, ...], record_key: str) -> dict[str, str | None]:
    """What a record says now about some fields it disagrees on; a field it agrees on keeps its value."""
    values = {
        each.field: each
        for each in record.values(asked.caller.viewer, asked.connection, asked.organization_id)
    }
    others = {
        name: next((other.value for other in values[name].others if other.record == record_key), None)
        for name in stored
        if name in values
    }
    if all(value is None for value in others.values()):
        raise WarehouseError(
            "That record does not say so any more.", "Look at the value again: it has changed."
        )
    return {name: value if value is not None else values[name].value for name, value in others.items()}


def amount_of(text: str) -> dict[str, str | None]:
    """An amount as a person writes it, with its currency: `1,200.00 EUR`. Nothing keeps both empty."""
    if not text:
        return {AMOUNT: None, CURRENCY: None}
    currency = currency_sign(text)
    minor = None
    with suppress(Unreadable):
        minor = amount_minor(text, currency)
    if currency is None or minor is None:
        raise WarehouseError("This is no amount.", "Write it with its currency: 1,200.00 EUR.")
    return {AMOUNT: str(minor), CURRENCY: currency}


def carried(
    connection: Connection,
    organization_id: str,
    wanted: dict[str, str | None] | tuple[str, ...],
    said: tuple[str, str | None],
    now: str,
) -> None:
    """Do it, in the caller's transaction."""
    actor, reason = said
    if isinstance(wanted, dict):
        for field, value in wanted.items():
            pin_value(connection, organization_id, field, value, actor=actor, now=now, reason=reason)
    else:
        for field in wanted:
            unpin_value(connection, organization_id, field, actor=actor, now=now, reason=reason)

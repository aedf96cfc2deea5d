"""Asking a value's owner: the form, the question on a page of its own, and all questions that wait."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.amounts import in_words
from partnerhub.web import partner_words
from partnerhub.web.asking import asked_of, asking_of, likely_owners, mail_to
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.partner_words import Property
from partnerhub.web.positions import Number
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import NOT_FOUND, Asked, Reader, survivor_of
from partnerhub.web.stewards import SEE_OTHER, acts_of, said_by
from warehouse.commands.ask import WRONG, ask, close
from warehouse.errors import WarehouseError
from warehouse.queries import asked, record
from warehouse.queries.sources import faces, record_names

NOT_UNDERSTOOD: Final = 422
router = APIRouter(include_in_schema=False)
Corrector = Annotated[Caller, Depends(Needs(Permission.CORRECT_VALUES))]
Name = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=4000)]


@router.get("/partners/{organization_id}/ask")
def form(
    request: Request, caller: Corrector, connection: Connected, now: Now, organization_id: str,
    field: Annotated[str, Query(max_length=200)] = "",
) -> Response:  # fmt: skip
    """Whom to ask about one value, and what."""
    survivor = survivor_of(caller, connection, organization_id)
    return page(Asked(caller, connection, survivor, now, request), field, {})


@router.post("/partners/{organization_id}/ask")
def put(
    request: Request, caller: Corrector, connection: Connected, now: Now, organization_id: str,
    field: Name = "", wrong: Name = "", to: Name = "", words: Words = "",
) -> Response:  # fmt: skip
    """Put the question; what is wrong with the form stands on it, and nothing that was written is lost."""
    survivor = survivor_of(caller, connection, organization_id)
    about = Asked(caller, connection, survivor, now, request)
    try:
        number = put_question(about, field, wrong, words, to)
    except WarehouseError as error:
        said = {"wrong": wrong, "to": to, "words": words, "error": f"{error.happened} {error.do}"}
        return page(about, field, said)
    return RedirectResponse(f"/asked/{number}?new=1", SEE_OTHER)


def put_question(about: Asked, field: str, wrong: str, words: str, to: str) -> int:
    """Keep a question about the value a field has now; its number. Raises 404 for no such value, WarehouseError."""
    acts_of(about.request)
    one, organization = value_asked(about, field)
    owners = likely_owners(about.connection, organization, one)
    meant = asked_of(about.connection, to or (owners[0].written if owners else ""), owners)
    asking = asking_of(organization, one, wrong, words, meant)
    with about.connection.transaction():
        return ask(about.connection, asking, said_by(about.caller, about.now, None))


def value_asked(about: Asked, field: str) -> tuple[Property, dict[str, Any]]:
    """The value a field has now, and its organization. Raises 404 where it has none."""
    of = (about.caller.viewer, about.connection, about.organization_id)
    value = next((each for each in in_words(record.values(*of)) if each.field == field), None)
    if value is None:
        raise HTTPException(NOT_FOUND)
    names = record_names(about.connection, partner_words.records_named([value], ()))
    one = partner_words.property_of(value, names, faces(about.connection), about.sites)
    return one, record.organization(*of) or {}


def page(about: Asked, field: str, said: dict[str, str]) -> Response:
    """The form, with what somebody wrote already."""
    one, organization = value_asked(about, field)
    owners = likely_owners(about.connection, organization, one)
    facts = {
        "organization": organization, "one": one, "owners": owners, "wrongs": WRONG,
        "colleagues": asked.colleagues(about.connection),
        "said": {"wrong": "disputed" if one.others else "outdated", "words": "", "error": "",
                 "to": owners[0].written if owners else "", **said},
    }  # fmt: skip
    return render(about.request, "ask.html", facts, status=NOT_UNDERSTOOD if said else 200)


@router.get("/asked")
def waiting(
    request: Request, caller: Reader, connection: Connected,
    whose: Literal["", "mine", "closed"] = "", before: Number = 0,
) -> Response:  # fmt: skip
    """Questions that wait; mine: those put to or by whoever looks; closed: those that are over."""
    viewer = caller.viewer
    if whose == "closed":
        found = asked.closed_questions(viewer, connection)
    else:
        mine = viewer.name.lower() if whose == "mine" else ""
        found = asked.open_questions(viewer, connection, mine=mine, before=before)
    facts = {
        "questions": found, "whose": whose, "wrongs": WRONG, "me": viewer.name.lower(),
        "older": found[-1].number if whose != "closed" and len(found) == asked.PAGE else 0,
        "may_review": caller.may(Permission.DECIDE_IDENTITY) and viewer.organizations is None,
    }  # fmt: skip
    return render(request, "asked.html", facts)


@router.get("/asked/{number}")
def question(
    request: Request, caller: Reader, connection: Connected, number: Number, new: bool = False
) -> Response:
    """One question, for good under this address: its words, the mail that tells whoever is asked, and how it ended."""
    found = asked.question_numbered(caller.viewer, connection, number)
    if found is None:
        raise HTTPException(NOT_FOUND)
    called = record_names(connection, [found.record])[found.record] if found.record else ""
    base = request.app.state.wiring.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    facts = {
        "each": found, "called": called, "mail": mail_to(found, called, base), "wrongs": WRONG, "new": new,
        "may_close": caller.may(Permission.CORRECT_VALUES), "faces": faces(connection),
    }  # fmt: skip
    return render(request, "asked_one.html", facts)


@router.post("/asked/{number}")
def end(
    request: Request, caller: Corrector, connection: Connected, now: Now, number: Number,
    outcome: Annotated[Literal["answered", "withdrawn"], Form()] = "answered", answer: Words = "",
) -> Response:  # fmt: skip
    """Close a question by hand."""
    closed(request, caller, connection, now, number, outcome, answer)
    return RedirectResponse(f"/asked/{number}", SEE_OTHER)


def closed(
    request: Request, caller: Caller, connection: Connected, now: str, number: int, outcome: str, answer: str
) -> asked.ValueQuestion:
    """The question as it ended. Raises 404 for one the caller cannot know of, WarehouseError for one that is over."""
    acts_of(request)
    if asked.question_numbered(caller.viewer, connection, number) is None:
        raise HTTPException(NOT_FOUND)
    with connection.transaction():
        close(connection, number, outcome, answer, said_by(caller, now, None))
    found = asked.question_numbered(caller.viewer, connection, number)
    if found is None:
        raise HTTPException(NOT_FOUND)
    return found

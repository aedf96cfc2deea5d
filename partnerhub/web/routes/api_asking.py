"""The JSON API of questions about values and of what is next with a partner: twins of their pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.positions import Number
from partnerhub.web.routes.asking import closed, put_question
from partnerhub.web.routes.next_actions import said_next, steps_data, steps_of
from partnerhub.web.routes.partner_page import NOT_FOUND, Asked, Reader, survivor_of
from warehouse.queries import asked

ABOUT: Final = "`about` of one of the things to do."
router = APIRouter(prefix="/api")
Corrector = Annotated[Caller, Depends(Needs(Permission.CORRECT_VALUES))]
Writer = Annotated[Caller, Depends(Needs(Permission.WRITE_ENTRIES))]


class QuestionGiven(BaseModel):
    """A question about a value. to: name or address of a colleague; empty: whoever owns it at its source."""

    field: str = Field(max_length=200)
    wrong: Literal["outdated", "wrong", "disputed", "unclear"]
    words: str = Field("", max_length=4000)
    to: str = Field("", max_length=200)


class CloseGiven(BaseModel):
    """How a question ends."""

    outcome: Literal["answered", "withdrawn"] = "answered"
    answer: str = Field("", max_length=4000)


class NextGiven(BaseModel):
    """What is said of a thing to do. until: the day on which a snoozed one is back. seen: as it was listed."""

    act: Literal["done", "snooze", "back"]
    about: str = Field(max_length=2000, description=ABOUT)
    until: str = Field("", max_length=10)
    seen: str = Field("", max_length=40)
    reason: str = Field("", max_length=1000)


@router.post("/partners/{organization_id}/questions", tags=["Values"])
def put(
    request: Request, caller: Corrector, connection: Connected, now: Now, organization_id: str,
    given: QuestionGiven,
) -> dict[str, Any]:  # fmt: skip
    """Ask whoever owns a value whether it is right. One question at a time about each value."""
    survivor = survivor_of(caller, connection, organization_id)
    about = Asked(caller, connection, survivor, now, request)
    number = put_question(about, given.field, given.wrong, given.words, given.to)
    return one(caller, connection, number)


@router.get("/questions-of-values", tags=["Values"])
def waiting(
    caller: Reader, connection: Connected, before: Number = 0,
    mine: Annotated[bool, Query(description="Only those put to or by the caller.")] = False,
) -> dict[str, Any]:  # fmt: skip
    """Open questions about values, the newest first. before: the last number of the page before."""
    name = caller.viewer.name.lower() if mine else ""
    found = asked.open_questions(caller.viewer, connection, mine=name, before=before)
    return {"questions": [asdict(each) for each in found]}


@router.get("/questions-of-values/{number}", tags=["Values"])
def one(caller: Reader, connection: Connected, number: Number) -> dict[str, Any]:
    """One question about a value, with how it ended."""
    found = asked.question_numbered(caller.viewer, connection, number)
    if found is None:
        raise HTTPException(NOT_FOUND)
    return asdict(found)


@router.post("/questions-of-values/{number}/close", tags=["Values"])
def end(
    request: Request, caller: Corrector, connection: Connected, now: Now, number: Number, given: CloseGiven
) -> dict[str, Any]:
    """Close a question by hand, with what came of it."""
    return asdict(closed(request, caller, connection, now, number, given.outcome, given.answer))


@router.get("/partners/{organization_id}/next", tags=["Partners"])
def to_do(
    request: Request, caller: Reader, connection: Connected, now: Now, organization_id: str
) -> dict[str, Any]:
    """What is to be done with a partner, the first thing first, with its evidence; and what people set aside."""
    survivor = survivor_of(caller, connection, organization_id)
    return steps_data(steps_of(Asked(caller, connection, survivor, now, request)))


@router.post("/partners/{organization_id}/next", tags=["Partners"])
def say_next(
    request: Request, caller: Writer, connection: Connected, now: Now, organization_id: str, given: NextGiven
) -> dict[str, Any]:
    """Say that a thing is done or not before a day, or bring it back; what is to be done since."""
    survivor = survivor_of(caller, connection, organization_id)
    about = Asked(caller, connection, survivor, now, request)
    return steps_data(said_next(about, given.act, given.about, given.seen, given.until, given.reason))

"""What to do next with a partner, set aside: done, or not before a day; and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.routes.partner_page import Asked, relationship, survivor_of
from partnerhub.web.stewards import SEE_OTHER, Because, acts_of, said_by
from warehouse.commands.next_action import ToDo, bring_back, set_aside
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from partnerhub.web.next_steps import NextSteps, Step
    from warehouse.queries.next_words import NextWord

LOOK_AGAIN: Final = "Look at the partner again: something changed."
Does = Literal["done", "snooze", "back"]
router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Needs(Permission.WRITE_ENTRIES))]
Mark = Annotated[str, Form(max_length=2000)]


@router.post("/partners/{organization_id}/next")
def say_next(
    request: Request, caller: Writer, connection: Connected, now: Now, organization_id: str,
    act: Annotated[Does, Form()], about: Mark, seen: Mark = "", until: Annotated[str, Form(max_length=10)] = "",
    reason: Because = "",
) -> Response:  # fmt: skip
    """Set a thing to do aside, or bring it back; the partner's page shows what is next."""
    survivor = survivor_of(caller, connection, organization_id)
    said_next(Asked(caller, connection, survivor, now, request), act, about, seen, until, reason)
    return RedirectResponse(f"/partners/{survivor}#next", SEE_OTHER)


def said_next(asked: Asked, act: Does, about: str, seen: str, until: str, reason: str) -> NextSteps:
    """Carry it out; what is to be done since.

    seen: what it rested on when somebody looked; empty: whatever it rests on. Raises WarehouseError for what is not to
    be done any more, what rests on something else by now, and a day that is not to come.
    """
    acts_of(asked.request)
    steps = steps_of(asked)
    step = steps.named(about)
    if step is None:
        raise WarehouseError("That is not to be done any more.", LOOK_AGAIN)
    if seen and seen != step.seen:
        raise WarehouseError("It rests on something else than when you looked.", LOOK_AGAIN)
    if act == "snooze" and not until:
        raise WarehouseError("It has no day on which it is back.", "Choose one after today.")
    said, word = said_by(asked.caller, asked.now, reason), steps.word(about)
    followed = word.number if word is not None and word.followed else None
    with asked.connection.transaction():
        if act == "back":
            bring_back(asked.connection, asked.organization_id, about, said, followed)
        else:
            to_do = ToDo(asked.organization_id, about, step.rule, step.why, step.evidence, step.since)
            set_aside(asked.connection, to_do, until if act == "snooze" else None, said, followed)
    return steps_of(asked)


def steps_of(asked: Asked) -> NextSteps:
    """What is to be done with a partner now."""
    steps: NextSteps = relationship(asked, {})["steps"]
    return steps


def steps_data(steps: NextSteps) -> dict[str, Any]:
    """The same as data."""
    return {
        "next": step_data(steps.first) if steps.first else None,
        "open": [step_data(each) for each in steps.open],
        "set_aside": [{**step_data(step), **word_data(word)} for step, word in steps.aside],
    }


def step_data(step: Step) -> dict[str, Any]:
    """One thing to do."""
    return {
        "about": step.about, "rule": step.rule, "do": step.do, "why": step.why, "level": step.level,
        "evidence": [dict(each) for each in step.evidence], "since": step.since, "seen": step.seen,
    }  # fmt: skip


def word_data(word: NextWord) -> dict[str, Any]:
    """What somebody said of it."""
    return {
        "word": word.word, "until": word.until_on, "by": word.actor, "said_at": word.said_at, "reason": word.reason,
    }  # fmt: skip

"""One question of the queue: two records side by side, and the four answers to it.

The module's name comes after `review_queue`, so that `/review/acts` and the like are not taken for questions.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.sign_in import Caller
from partnerhub.amounts import AMOUNT, CURRENCY, money
from partnerhub.stewardship.answers import Given, Gone, answer_question, question_asked
from partnerhub.stewardship.evidence import explanation
from partnerhub.stewardship.verdicts import SIDE_BY_SIDE, SUGGESTED, Answer, Standing, guessed
from partnerhub.web import wording
from partnerhub.web.connected import Connected, Now
from partnerhub.web.positions import Number
from partnerhub.web.rendering import render
from partnerhub.web.stewards import CONFLICT, SEE_OTHER, Because, Steward, acts_of, said_by
from warehouse.commands.pin import PINNABLE
from warehouse.database import Connection
from warehouse.queries.acts import act_named
from warehouse.queries.record import BOOKKEEPING
from warehouse.queries.review import Question, fields_of
from warehouse.queries.sources import record_names
from warehouse.queries.stewarding import answer_to, hanging_on, next_question

STANDINGS: Final = {
    Standing.PARENT_OF: "is the parent of the right one",
    Standing.CHILD_OF: "is a subsidiary of the right one",
    Standing.HEAD_OF: "is the head office of the right one",
    Standing.BRANCH_OF: "is a branch of the right one",
    Standing.FAMILY: "is of one family with the right one",
}
FOUND: Final = 200
NOT_FOUND: Final = 404
NO_ANSWER: Final = ""
LEFT_OUT: Final = BOOKKEEPING | {"organization_id", "name", "recorded_from_at", "recorded_to_at"}
LEFT, RIGHT = "left", "right"
router = APIRouter(include_in_schema=False)


class Row(NamedTuple):
    """One field of both sides. state: same, differs or only (one side says something)."""

    field: str
    label: str
    left: str | None
    right: str | None

    @property
    def state(self) -> str:
        """How the two stand to each other."""
        if self.left is None or self.right is None:
            return "only"
        return "same" if self.left.casefold() == self.right.casefold() else "differs"

    @property
    def may_choose(self) -> bool:
        """Whether a person may say which of the two the survivor shall have."""
        return self.state == "differs" and self.field in PINNABLE


@router.get("/review/{question}")
def pair(
    request: Request, caller: Steward, connection: Connected,
    question: str, done: Number = 0,
) -> Response:  # fmt: skip
    """A question with its evidence; for one that waits no more, who answered it."""
    try:
        facts = pair_facts(request, caller, connection, question)
    except Gone:
        return decided_page(request, caller, connection, question)
    return render(request, "pair.html", {**facts, "done": act_named(connection, done) if done else None})


def pair_facts(request: Request, caller: Caller, connection: Connection, wanted: str) -> dict[str, Any]:
    """Everything the page of one question shows."""
    question, one, other = question_asked(connection, wanted)
    ids = (question.left.id, question.right.id)
    values = fields_of(connection, ids, SIDE_BY_SIDE)
    evidence = explanation(connection, one, other, request.app.state.wiring.policy)
    why = (evidence["strongest"] or {}).get("why", [])
    return {
        "question": question,
        "rows": person_rows(question)
        if question.entity == "person"
        else rows_of(values.get(ids[0], {}), values.get(ids[1], {})),
        "sides": ((LEFT, question.left, one), (RIGHT, question.right, other)),
        "names": record_names(connection, {*one.records, *other.records, *question.pair}),
        "hanging": hanging_on(caller.viewer, connection, ids),
        "evidence": evidence,
        "speaking_for": [each for each in why if each["weight"] > 0],
        "speaking_against": [each for each in why if each["weight"] < 0],
        "guess": guessed(connection, question) if question.proposal == "related" else None,
        "held_back": SUGGESTED.get(question.reason, "").lstrip("; "),
        "standings": STANDINGS,
        "next": next_question(caller.viewer, connection, question.id),
    }


def rows_of(left: dict[str, Any], right: dict[str, Any]) -> list[Row]:
    """The fields that either side fills, in the order in which people compare."""
    return [
        Row(name, wording.label(name), text_of(left.get(name)), text_of(right.get(name)))
        for name in SIDE_BY_SIDE
        if left.get(name) is not None or right.get(name) is not None
    ]


def person_rows(question: Question) -> list[Row]:
    """What is known of two persons. A person has no values of their own to choose from."""
    left, right = question.left, question.right
    rows = (
        Row("name", "Name", left.name, right.name),
        Row("email", "E-mail", left.email, right.email),
        Row("employer", "Works at", left.employer, right.employer),
    )
    return [row for row in rows if row.left or row.right]


def text_of(value: object) -> str | None:
    """A value as it is compared on the page."""
    return None if value is None else str(value)


def decided_page(
    request: Request, caller: Caller, connection: Connection, question: str, status: int = 0
) -> Response:
    """A question that waits no more: who answered it, if somebody did."""
    act = answer_to(caller.viewer, connection, question)
    facts = {"question": question, "act": act}
    return render(request, "pair_decided.html", facts, status=status or (FOUND if act else NOT_FOUND))


@router.get("/review/{question}/preview")
def preview(
    request: Request, caller: Steward, connection: Connected, now: Now, question: str,
    keep: Annotated[list[str], Query()] = [],  # noqa: B006  # FastAPI copies it
) -> Response:  # fmt: skip
    """What the two would be as one: tried in a transaction that is rolled back, so it is what would come out."""
    try:
        kept = chosen(connection, question, keep)
        tried = answer_question(
            acts_of(request).act,
            Given(question, Answer.SAME, kept=kept),
            said_by(caller, now, None),
            dry_run=True,
        )
    except Gone:
        return decided_page(request, caller, connection, question)
    survivor = tried.get("survivor") or {}
    facts = {"question_id": question, "tried": tried, "survivor": survivor, "shown": shown_of(survivor)}
    return render(request, "pair_preview.html", facts, block="preview")


def shown_of(survivor: dict[str, Any]) -> list[tuple[str, str]]:
    """The values of a survivor as people read them."""
    values = {name: value for name, value in survivor.items() if name not in LEFT_OUT}
    if (amount := values.pop(AMOUNT, None)) is not None:
        values["annual_value"] = money(amount, values.pop(CURRENCY, None))
    return [
        (wording.label(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in values.items()
    ]


@router.post("/review/{question}")
def answer(
    request: Request, caller: Steward, connection: Connected, now: Now, question: str,
    verdict: Annotated[Answer, Form()], reason: Because = "",
    how: Annotated[Standing | None, Form()] = None,
    keep: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
) -> Response:  # fmt: skip
    """Answer, and go on to the next question. What somebody else answered meanwhile is said, and stands."""
    try:
        following = next_question(caller.viewer, connection, question)
        kept = chosen(connection, question, keep) if verdict is Answer.SAME else {}
        given = Given(question, verdict, how, kept)
        told = answer_question(acts_of(request).act, given, said_by(caller, now, reason))
    except Gone:
        return decided_page(request, caller, connection, question, CONFLICT)
    there = f"/review/{following}" if following else "/review"
    return RedirectResponse(f"{there}?done={told['act'] or 0}", SEE_OTHER)


def chosen(connection: Connection, wanted: str, keep: list[str]) -> dict[str, str]:
    """Field → value that somebody chose, from words like `city:right`. Raises Gone."""
    question, _, _ = question_asked(connection, wanted)
    ids = {LEFT: question.left.id, RIGHT: question.right.id}
    values = fields_of(connection, ids.values(), SIDE_BY_SIDE)
    picked = (each.partition(":") for each in keep)
    return {
        name: str(value)
        for name, _, side in picked
        if name in SIDE_BY_SIDE
        and name in PINNABLE
        and (value := values.get(ids.get(side, NO_ANSWER), {}).get(name)) is not None
    }

"""Exact matches together: several questions with equal evidence, previewed, and each answered by its own act.

The module's name comes before `review_queue` and `reviewing_pair`, whose addresses would take this one for a question.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Query, Request, Response

from partnerhub.access.sign_in import Caller
from partnerhub.stewardship.alike import MOST, alike_questions, answer_several
from partnerhub.stewardship.verdicts import SUGGESTED, Answer
from partnerhub.web.connected import Connected, Now
from partnerhub.web.rendering import render
from partnerhub.web.routes.review_queue import tabs
from partnerhub.web.stewards import Because, Steward, acts_of, said_by
from warehouse.database import Connection

OFFERED: Final = {"same": Answer.SAME, "different": Answer.DIFFERENT}
Verdict = Literal["same", "different"]
Ids = Annotated[list[str], Query(alias="question", max_length=200)]
Ticked = Annotated[list[str], Form(alias="question", max_length=200)]
router = APIRouter(include_in_schema=False)


@router.get("/review/alike")
def alike(
    request: Request, caller: Steward, connection: Connected, now: Now,
    verdict: Verdict = "same", questions: Ids = [],  # noqa: B006  # FastAPI copies it
) -> Response:  # fmt: skip
    """Groups of questions with equal evidence; ticked ones are tried, and nothing is written."""
    tried: list[dict[str, Any]] = []
    if questions:
        said = said_by(caller, now, None)
        tried = answer_several(acts_of(request).act, questions, OFFERED[verdict], said, dry_run=True)
    return page(request, caller, connection, verdict, tried=tried)


@router.post("/review/alike")
def answer(
    request: Request, caller: Steward, connection: Connected, now: Now,
    verdict: Annotated[Verdict, Form()], questions: Ticked, reason: Because = "",
) -> Response:  # fmt: skip
    """Answer the ticked questions, each by a decision that can be taken back alone; what became of each."""
    told = answer_several(acts_of(request).act, questions, OFFERED[verdict], said_by(caller, now, reason))
    return page(request, caller, connection, verdict, told=told)


def page(
    request: Request, caller: Caller, connection: Connection, verdict: str,
    *, tried: list[dict[str, Any]] | None = None, told: list[dict[str, Any]] | None = None,
) -> Response:  # fmt: skip
    """The groups, below what would become, or became, of those that were chosen."""
    facts = {
        **tabs(caller, connection, "alike"),
        "groups": []
        if tried
        else alike_questions(caller.viewer, connection, request.app.state.wiring.policy),
        "reasons": {name: words.lstrip("; ") for name, words in SUGGESTED.items()},
        "verdict": verdict,
        "tried": tried or [],
        "told": told or [],
        "most": MOST,
    }
    return render(request, "review_alike.html", facts)

"""The JSON API: what the pages show and do, for programs, documented by its own OpenAPI document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.stewardship.answers import Given, answer_question, question_asked, split_partner, take_back
from partnerhub.stewardship.evidence import explanation
from partnerhub.stewardship.verdicts import SIDE_BY_SIDE, Answer, Standing
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs, SignedIn, declared
from partnerhub.web.positions import Number, decode_position, encode_position
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_page import survivor_of
from partnerhub.web.routes.review_queue import place_of
from partnerhub.web.stewards import Steward, acts_of, said_by, whole_hub
from warehouse.queries import record
from warehouse.queries.acts import DoneAct, list_acts
from warehouse.queries.partner_list import Position, Wanted, list_page
from warehouse.queries.review import Question, fields_of
from warehouse.queries.sides import organization_names
from warehouse.queries.stewarding import hanging_on, question_page

PREFIX: Final = "/api"
VERSION: Final = "1"
ABOUT: Final = (
    "Everything the pages show and do. Send an API key: `Authorization: Bearer hub_…`. An answer that is no success is"
    " `{title, do, status}`: what happened, what to do about it, and the HTTP status."
)
SIGNED_IN: Final = [Depends(SignedIn())]
router = APIRouter(prefix=PREFIX)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
After = Annotated[str, Query(max_length=4000, description="`next` of the page before.")]


class AnswerGiven(BaseModel):
    """A steward's answer. how: only for `related`. keep: field → value the survivor shall have."""

    verdict: Answer
    reason: str = Field("", max_length=1000)
    how: Standing | None = None
    keep: dict[str, str] = {}


class SplitGiven(BaseModel):
    """Records that leave a partner; each: every one as an organization of its own."""

    records: list[str] = Field(min_length=1, max_length=200)
    each: bool = False
    reason: str = Field("", max_length=1000)


class UndoGiven(BaseModel):
    """agreed: in spite of what came since."""

    agreed: bool = False
    reason: str = Field("", max_length=1000)


@router.get("", include_in_schema=False, dependencies=SIGNED_IN)
def overview(request: Request) -> Response:
    """The operations of the API, as its OpenAPI document has them."""
    document = schema_of(request)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            groups.setdefault(each["tags"][0], []).append({**each, "method": method.upper(), "path": path})
    return render(request, "api.html", {"groups": groups, "about": ABOUT})


@router.get("/openapi.json", include_in_schema=False, dependencies=SIGNED_IN)
def openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI document."""
    return schema_of(request)


def schema_of(request: Request) -> dict[str, Any]:
    """The document, made once: every documented address, with the permission it takes."""
    made: dict[str, Any] | None = getattr(request.app.state, "openapi", None)
    if made is not None:
        return made
    routes = [
        each
        for each in request.app.routes
        if isinstance(each, APIRoute) and each.path.startswith(PREFIX) and each.include_in_schema
    ]
    made = get_openapi(title="Partner Hub", version=VERSION, description=ABOUT, routes=routes)
    made.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"key": []}]
    for each in routes:
        need = declared(each)
        for method in each.methods or ():
            operation = made["paths"][each.path_format][method.lower()]
            operation["x-permission"] = str(need.permission) if isinstance(need, Needs) else ""
    request.app.state.openapi = made
    return made


@router.get("/partners", tags=["Partners"])
def partners(
    caller: Reader, connection: Connected,
    search: Annotated[
        str, Query(max_length=200, description="Words of its names, site, addresses or city, or how they begin.")
    ] = "",
    after: After = "", limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """List partners by name, a page at a time."""
    position = decode_position(after)
    goes_on = Position(*position) if position else None
    page = list_page(caller.viewer, connection, Wanted(text=search), goes_on, limit)
    following = encode_position(page.following) if page.following else None
    listed = [
        {**each.values, "sources": each.sources, "programs": each.programs, "open_signals": each.signals[0]}
        for each in page.rows
    ]
    return {"partners": listed, "next": following}


@router.get("/partners/{organization_id}", tags=["Partners"])
def partner(caller: Reader, connection: Connected, organization_id: str) -> dict[str, Any]:
    """One partner: its values, records, people and deals. A merged id answers by its survivor."""
    survivor = survivor_of(caller, connection, organization_id)
    of = (caller.viewer, connection, survivor)
    return {
        "organization": record.organization(*of),
        "records": [asdict(each) for each in record.source_records(*of)],
        "people": [asdict(each) for each in record.people(*of)],
        "deals": [asdict(each) for each in record.deals(*of)],
        "partnerships": record.partnerships(*of),
    }


@router.get("/partners/{organization_id}/values", tags=["Partners"])
def values(caller: Reader, connection: Connected, organization_id: str) -> dict[str, Any]:
    """Every value with its provenance: the record it is from, the rule that chose it, and who says otherwise."""
    survivor = survivor_of(caller, connection, organization_id)
    found = record.values(caller.viewer, connection, survivor)
    told = [{**asdict(each), "others": [other._asdict() for other in each.others]} for each in found]
    return {"organization_id": survivor, "values": told}


@router.get("/partners/{organization_id}/timeline", tags=["Partners"])
def timeline(
    caller: Reader, connection: Connected, organization_id: str, after: After = "", limit: Limit = 50
) -> dict[str, Any]:
    """What happened with a partner, the newest first, a page at a time."""
    survivor = survivor_of(caller, connection, organization_id)
    found = record.timeline(
        caller.viewer, connection, survivor, before=decode_position(after), limit=limit + 1
    )
    last = found[limit - 1] if len(found) > limit else None
    following = encode_position((last.happened_at, last.fact_id)) if last else None
    return {"events": [asdict(each) for each in found[:limit]], "next": following}


@router.post("/partners/{organization_id}/split", tags=["Identity"])
def split(
    request: Request,
    caller: Steward,
    connection: Connected,
    now: Now,
    organization_id: str,
    given: SplitGiven,
) -> dict[str, Any]:
    """Take records out of a partner, for good."""
    survivor = survivor_of(caller, connection, organization_id)
    said = said_by(caller, now, given.reason)
    return split_partner(acts_of(request).act, survivor, given.records, said, each=given.each)


@router.get("/likely", tags=["Identity"])
def likely(
    request: Request, caller: Reader, connection: Connected,
    name: Annotated[str, Query(max_length=300)] = "", website: Annotated[str, Query(max_length=300)] = "",
    phone: Annotated[str, Query(max_length=100)] = "", street: Annotated[str, Query(max_length=300)] = "",
    city: Annotated[str, Query(max_length=200)] = "", postcode: Annotated[str, Query(max_length=50)] = "",
    country: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:  # fmt: skip
    """Which organizations are known that somebody about to add one may mean, the likeliest first."""
    said = {
        "name": name, "website": website, "phone": phone, "street": street, "city": city, "postcode": postcode,
        "country": country,
    }  # fmt: skip
    return {"likely": meant(request, caller, connection, said)[:10]}


def meant(
    request: Request, caller: Caller, connection: Connected, said: dict[str, str]
) -> list[dict[str, Any]]:
    """Organizations that may be meant, as far as the caller may know of them."""
    find = request.app.state.wiring.likely
    found = (
        [each for each in find(connection, said) if caller.viewer.may_see(each.organization_id)]
        if find
        else []
    )
    names = organization_names(connection, [each.organization_id for each in found])
    return [
        {
            "id": each.organization_id, "name": names.get(each.organization_id, each.organization_id),
            "probability": round(each.probability, 4), "bits": each.bits, "certain": each.certain,
        }
        for each in found
    ]  # fmt: skip


@router.get("/questions", tags=["Identity"])
def questions(
    caller: Steward, connection: Connected, unsure: bool = False, after: After = "", limit: Limit = 50
) -> dict[str, Any]:
    """Pairs that may be one organization: the most valuable and likeliest first."""
    found, following = question_page(
        caller.viewer, connection, unsure=unsure, after=place_of(after), limit=limit
    )
    further = encode_position((repr(following.behind), "\n".join(following[1:]))) if following else None
    return {"questions": [question_data(each) for each in found], "next": further}


@router.get("/questions/{question}", tags=["Identity"])
def one_question(request: Request, caller: Steward, connection: Connected, question: str) -> dict[str, Any]:
    """One question with both sides, what hangs on them and the evidence."""
    found, one, other = question_asked(connection, question)
    ids = (found.left.id, found.right.id)
    return {
        **question_data(found),
        "values": fields_of(connection, ids, SIDE_BY_SIDE),
        "hanging": {
            each: [kind._asdict() for kind in kinds]
            for each, kinds in hanging_on(caller.viewer, connection, ids).items()
        },
        "evidence": explanation(connection, one, other, request.app.state.wiring.policy),
    }


def question_data(question: Question) -> dict[str, Any]:
    """A question as data, in the words of `partnerhub review --json`."""
    return {
        **asdict(question),
        "probability": round(question.probability, 4),
        "value": question.value,
        "rank": round(question.rank, 2),
    }


@router.post("/questions/{question}/answer", tags=["Identity"])
def answer(
    request: Request, caller: Steward, now: Now, question: str, given: AnswerGiven,
    dry_run: Annotated[bool, Query(description="Only say what would become of it.")] = False,
) -> dict[str, Any]:  # fmt: skip
    """Answer a question: same, different, related or unsure; what became of it."""
    told = Given(question, given.verdict, given.how, given.keep)
    return answer_question(acts_of(request).act, told, said_by(caller, now, given.reason), dry_run=dry_run)


@router.get("/acts", tags=["Identity"], dependencies=[Depends(whole_hub)])
def acts(connection: Connected, undone: bool = True, limit: Limit = 50) -> dict[str, Any]:
    """What people decided, the newest first."""
    return {"acts": [act_data(each) for each in list_acts(connection, undone=undone, limit=limit)]}


def act_data(act: DoneAct) -> dict[str, Any]:
    """An act as data."""
    return {name: value for name, value in act._asdict().items() if name != "detail"}


@router.post("/acts/{act}/undo", tags=["Identity"])
def undo(request: Request, caller: Steward, now: Now, act: Number, given: UndoGiven) -> dict[str, Any]:
    """Take an act back. What came since is a conflict (409) until `agreed`."""
    return take_back(acts_of(request).act, act, said_by(caller, now, given.reason), agreed=given.agreed)

"""The JSON API of what is done on pages beside pairs: values, conflicts, facts, entries, exact matches.

Each act of a page has its twin here or in `api`; a test takes both lists from the routes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.stewardship.alike import MOST, alike_questions, answer_several
from partnerhub.stewardship.verdicts import Answer
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.log_form import SHOWN_KINDS
from partnerhub.web.partner_then import facts_then
from partnerhub.web.positions import is_storable
from partnerhub.web.routes.api import question_data
from partnerhub.web.routes.partner_adding import Adder, added, alike_to
from partnerhub.web.routes.partner_page import Asked, moment_of, survivor_of, was_itself
from partnerhub.web.routes.partner_values import carried, wanted_values
from partnerhub.web.routes.review_alike import OFFERED
from partnerhub.web.routes.review_queue import OPEN_REASONS, settled
from partnerhub.web.stewards import Steward, acts_of, said_by
from warehouse.commands.attach import attach_fact, detach_fact
from warehouse.commands.enter import Entry, about_organization
from warehouse.errors import WarehouseError
from warehouse.queries import record
from warehouse.queries.pins import pin_conflicts
from warehouse.queries.waiting import list_unmatched

NOT_FOUND: Final = 404
LONGEST: Final = 2000
router = APIRouter(prefix="/api")
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Corrector = Annotated[Caller, Depends(Needs(Permission.CORRECT_VALUES))]
Writer = Annotated[Caller, Depends(Needs(Permission.WRITE_ENTRIES))]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]


class MaybeKnown(WarehouseError):
    """Whom somebody adds may be there already."""


class ValueGiven(BaseModel):
    """What a value shall be. use: as `record` says; pin: `value`, nothing keeps it empty; unpin: up to the sources.

    field: as the page names it; an amount is `annual_value`, written with its currency.
    """

    act: Literal["use", "pin", "unpin"]
    field: str = Field(max_length=200)
    value: str = Field("", max_length=LONGEST)
    record: str = Field("", max_length=1000)
    reason: str = Field("", max_length=1000)


class Settled(BaseModel):
    """How a contradicted value is settled. keep: the person's value stands; else the sources decide again."""

    organization_id: str = Field(max_length=100)
    field: str = Field(max_length=200)
    keep: bool
    reason: str = Field("", max_length=1000)


class Placed(BaseModel):
    """A partner a fact is put on, or taken off."""

    organization_id: str = Field(max_length=100)
    reason: str = Field("", max_length=1000)


class SeveralGiven(BaseModel):
    """One answer to several questions, each by a decision of its own."""

    questions: list[str] = Field(min_length=1, max_length=MOST)
    verdict: Literal["same", "different"]
    reason: str = Field("", max_length=1000)


class PartnerGiven(BaseModel):
    """A partner as somebody writes it. agreed: in spite of whoever may be meant."""

    name: str = Field(min_length=1, max_length=300)
    website: str = Field("", max_length=300)
    email: str = Field("", max_length=300)
    phone: str = Field("", max_length=100)
    street: str = Field("", max_length=300)
    city: str = Field("", max_length=200)
    postcode: str = Field("", max_length=50)
    country: str = Field("", max_length=100)
    tier: str = Field("", max_length=100)
    notes: str = Field("", max_length=LONGEST)
    agreed: bool = False


class EntryGiven(BaseModel):
    """What nobody's tool holds. kind: call, meeting, visit, message, note, agreement or commitment.

    fields: what an entry of the kind says, as `partnerhub log` names it; times are UTC.
    """

    kind: str = Field(max_length=20)
    fields: dict[str, str | int | list[dict[str, str]] | None] = Field(max_length=40)


@router.post("/partners/{organization_id}/values", tags=["Partners"])
def say_value(
    request: Request,
    caller: Corrector,
    connection: Connected,
    now: Now,
    organization_id: str,
    given: ValueGiven,
) -> dict[str, Any]:
    """Set a value, take the one another source says, or leave it to the sources again; the outcome."""
    survivor = survivor_of(caller, connection, organization_id)
    asked = Asked(caller, connection, survivor, now, request)
    wanted = wanted_values(asked, given.act, given.field, given.value, given.record)
    said = (caller.viewer.name, given.reason.strip() or None)
    acts_of(request).carry_out(now, lambda inside: carried(inside, survivor, wanted, said, now))
    return {"organization": record.organization(caller.viewer, connection, survivor)}


@router.post("/partners", tags=["Partners"])
def add_partner(
    request: Request, caller: Adder, connection: Connected, now: Now, given: PartnerGiven
) -> dict[str, Any]:
    """Add a partner by hand. Whoever may be meant already is a conflict (409) until `agreed`."""
    said = {name: text.strip() for name, text in given.model_dump(exclude={"agreed"}).items() if text.strip()}
    likely = alike_to(request, caller, connection, said)
    if likely and not given.agreed:
        names = ", ".join(f"{each['name']} ({each['probability']:.0%}, {each['id']})" for each in likely)
        raise MaybeKnown(
            f"It may be known already: {names}.", "Use that one, or say that you want a new one all the same."
        )
    record, organization_id = added(request, caller, connection, now, said)
    return {"record": record, "organization_id": organization_id, "likely": likely}


@router.get("/partners/{organization_id}/then", tags=["Partners"])
def partner_then(
    request: Request, caller: Reader, connection: Connected, now: Now, organization_id: str,
    as_of: Annotated[str, Query(max_length=40, description="A day of the past: 2026-09-01, its end in UTC.")],
) -> dict[str, Any]:  # fmt: skip
    """One partner as the hub knew it on a day: its values, records, people, deals, work, promises and documents."""
    moment, wrong = moment_of(as_of)
    if moment is None or moment >= now:
        raise WarehouseError(
            wrong or f"{as_of} is not over yet.", "Ask for a day of the past, as 2026-09-01."
        )
    survivor = survivor_of(caller, connection, organization_id)
    itself = was_itself(caller, connection, organization_id, moment)
    asked = Asked(caller, connection, organization_id if itself else survivor, now, request)
    facts = facts_then(asked.then(as_of, moment), now[:10])
    held = facts.get("held")
    return {
        "as_of": as_of,
        "organization": facts["then"],
        "records": [each._asdict() for each in facts["records"]],
        "held": asdict(held) if held else None,
        "partnerships": facts["partnerships"],
        "relations": [asdict(each) for each in facts["relations"]] if held else None,
        "signals": facts["signals"] if held else None,
        "not_kept": ["provenance of values", "how well each source was read"],
    }


@router.get("/conflicts", tags=["Values"])
def conflicts(caller: Steward, connection: Connected) -> dict[str, Any]:
    """Values a person set that a source contradicts since."""
    found = [each for each in pin_conflicts(connection) if caller.viewer.may_see(each.organization_id)]
    return {"conflicts": [{name: getattr(each, name) for name in each.__slots__} for each in found]}


@router.post("/conflicts", tags=["Values"])
def settle(
    request: Request, caller: Steward, connection: Connected, now: Now, given: Settled
) -> dict[str, Any]:
    """Keep the person's value in spite of what the source says now, or let the sources decide again."""
    said = said_by(caller, now, given.reason)
    news = settled(acts_of(request), connection, (given.organization_id, given.field), said, keep=given.keep)
    return {"settled": news}


@router.get("/unmatched", tags=["Facts"])
def unmatched(
    caller: Steward, connection: Connected, limit: Limit = 50,
    reason: Annotated[str, Query(max_length=20, description="unknown, ambiguous or generic.")] = "",
) -> dict[str, Any]:  # fmt: skip
    """Facts that are on no timeline, the newest first."""
    wanted = (reason,) if reason in OPEN_REASONS else tuple(OPEN_REASONS)
    return {"facts": list_unmatched(caller.viewer, connection, wanted, limit)}


@router.post("/facts/{fact_id}/attach", tags=["Facts"])
def attach(request: Request, caller: Steward, now: Now, fact_id: str, given: Placed) -> dict[str, Any]:
    """Put a fact on a partner's timeline, whatever its sources say."""
    return placed(request, caller, now, fact_id, given, attach_fact)


@router.post("/facts/{fact_id}/detach", tags=["Facts"])
def detach(request: Request, caller: Steward, now: Now, fact_id: str, given: Placed) -> dict[str, Any]:
    """Take a fact off a partner's timeline, whatever its sources say."""
    return placed(request, caller, now, fact_id, given, detach_fact)


def placed(
    request: Request, caller: Caller, now: str, fact_id: str, given: Placed, command: Any
) -> dict[str, Any]:
    """Decide about one fact and one partner. Raises NotFound."""
    said = said_by(caller, now, given.reason)
    if not (is_storable(fact_id) and is_storable(given.organization_id)):
        raise HTTPException(NOT_FOUND)
    news = acts_of(request).carry_out(
        now,
        lambda inside: command(
            inside, fact_id, given.organization_id, actor=said.actor, now=now, reason=said.reason
        ),
    )
    return {"fact_id": fact_id, "organization_id": given.organization_id, "news": news}


@router.get("/exact-matches", tags=["Identity"])
def exact_matches(request: Request, caller: Steward, connection: Connected) -> dict[str, Any]:
    """Questions with equal, strong evidence, in groups."""
    found = alike_questions(caller.viewer, connection, request.app.state.wiring.policy)
    return {
        "groups": [
            {
                "evidence": group.words,
                "reason": group.reason,
                "questions": [question_data(each) for each in group.questions],
            }
            for group in found
        ]
    }


@router.post("/exact-matches", tags=["Identity"])
def answer_exact_matches(
    request: Request, caller: Steward, now: Now, given: SeveralGiven,
    dry_run: Annotated[bool, Query(description="Only say what would become of them.")] = False,
) -> dict[str, Any]:  # fmt: skip
    """Answer several questions alike, each by an act that can be undone alone; what became of each."""
    verdict: Answer = OFFERED[given.verdict]
    said = said_by(caller, now, given.reason)
    told = answer_several(acts_of(request).act, given.questions, verdict, said, dry_run=dry_run)
    return {"answers": told}


@router.post("/partners/{organization_id}/entries", tags=["Partners"])
def log(
    request: Request, caller: Writer, connection: Connected, now: Now, organization_id: str, given: EntryGiven
) -> dict[str, Any]:
    """Log what no tool holds: a call, a note, an agreement, …; the key of its record."""
    survivor = survivor_of(caller, connection, organization_id)
    entries = request.app.state.wiring.entries
    if given.kind not in SHOWN_KINDS or entries is None:
        raise HTTPException(NOT_FOUND)
    entry = Entry(given.kind, about_organization(connection, survivor), given.fields)
    return {"record": entries.enter(now, entry, caller.viewer.name)}

"""The queue of stewards: possible duplicates, contradicted pins, facts on no timeline, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.stewardship.answers import since_act, take_back
from partnerhub.stewardship.verdicts import SUGGESTED
from partnerhub.web.connected import Connected, Now
from partnerhub.web.positions import Number, decode_position, encode_position
from partnerhub.web.rendering import render
from partnerhub.web.stewards import CONFLICT, SEE_OTHER, Because, Steward, acts_of, said_by
from warehouse.commands.attach import attach_fact
from warehouse.commands.pin import pin_value, unpin_value
from warehouse.database import Connection
from warehouse.queries.acts import act_named, list_acts
from warehouse.queries.partners import find_organizations
from warehouse.queries.pins import pin_conflicts
from warehouse.queries.sources import faces, record_names
from warehouse.queries.stewarding import Place, count_unmatched, count_waiting, question_page
from warehouse.queries.waiting import list_unmatched

if TYPE_CHECKING:
    from partnerhub.web.wiring import Acts
    from warehouse.commands.acts import Said

OPEN_REASONS: Final = {
    "unknown": "nobody there is known",
    "ambiguous": "several organizations share the domain",
    "generic": "a free-mail or hosting domain",
}
LISTED: Final = 50
FOUND: Final = 8
router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=2000)]


@router.get("/review")
def queue(
    request: Request, caller: Steward, connection: Connected,
    unsure: bool = False, after: Annotated[str, Query(max_length=4000)] = "", done: Number = 0,
) -> Response:  # fmt: skip
    """What waits, the most valuable and likeliest first."""
    found, following = question_page(caller.viewer, connection, unsure=unsure, after=place_of(after))
    facts = {
        **tabs(caller, connection, "unsure" if unsure else "questions"),
        "questions": found,
        "following": encode_position((repr(following.behind), "\n".join(following[1:])))
        if following
        else None,
        "continued": bool(after),
        "reasons": {name: words.lstrip("; ") for name, words in SUGGESTED.items()},
        "done": act_named(connection, done) if done else None,
    }
    return render(request, "review.html", facts)


def place_of(after: str) -> Place | None:
    """Where a page begins; None for the first one, and for an address nobody made here."""
    position = decode_position(after)
    if position is None or position[1].count("\n") != 1:
        return None
    try:
        return Place(float(position[0]), *position[1].split("\n"))
    except ValueError:
        return None


def tabs(caller: Caller, connection: Connection, here: str) -> dict[str, Any]:
    """The tabs with how much waits in each."""
    waiting = count_waiting(caller.viewer, connection)
    unsure = count_waiting(caller.viewer, connection, unsure=True)
    unmatched = count_unmatched(connection)
    return {
        "tab": here,
        "tabs": (
            ("questions", "/review", "Possible duplicates", waiting),
            ("alike", "/review/alike", "Exact matches", None),
            ("unsure", "/review?unsure=1", "Unsure", unsure),
            ("conflicts", "/review/conflicts", "Contradicted values", None),
            ("unmatched", "/review/unmatched", "On no timeline", unmatched),
            ("asked", "/asked", "Questions", None),
            ("acts", "/review/acts", "Done", None),
        ),
    }


@router.get("/review/conflicts")
def conflicts(request: Request, caller: Steward, connection: Connected, settled: str = "") -> Response:
    """Values a person set that a source contradicts since."""
    found = pin_conflicts(connection)
    facts = {
        **tabs(caller, connection, "conflicts"),
        "conflicts": found,
        "names": record_names(connection, [each.record for each in found]),
        "settled": settled,
    }
    return render(request, "review_conflicts.html", facts)


@router.post("/review/conflicts")
def settle(
    request: Request, caller: Steward, connection: Connected, now: Now,
    organization_id: Text, field: Text, keep: Annotated[bool, Form()], reason: Because = "",
) -> Response:  # fmt: skip
    """Keep the person's value in spite of what the source says now, or let the sources decide again."""
    said = said_by(caller, now, reason)
    news = settled(acts_of(request), connection, (organization_id, field), said, keep=keep)
    return RedirectResponse(f"/review/conflicts?settled={'now' if news else 'before'}", SEE_OTHER)


def settled(acts: Acts, connection: Connection, place: tuple[str, str], said: Said, *, keep: bool) -> bool:
    """Settle a contradicted value, organization and field; says whether it still was one."""
    found = next(
        (each for each in pin_conflicts(connection) if (each.organization_id, each.field) == place), None
    )
    if found is None:
        return False

    def say(inside: Connection) -> None:
        if keep:
            pin_value(inside, *place, found.pinned, actor=said.actor, now=said.now, reason=said.reason)
        else:
            unpin_value(inside, *place, actor=said.actor, now=said.now, reason=said.reason)

    acts.carry_out(said.now, say)
    return True


@router.get("/review/unmatched")
def unmatched(
    request: Request, caller: Steward, connection: Connected,
    reason: Annotated[str, Query(max_length=20)] = "",
    fact: Annotated[str, Query(max_length=100)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    attached: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Facts nobody is attached to, the newest first; one of them with the partners a search finds."""
    wanted = (reason,) if reason in OPEN_REASONS else tuple(OPEN_REASONS)
    listed = list_unmatched(caller.viewer, connection, wanted, LISTED)
    facts = {
        **tabs(caller, connection, "unmatched"),
        "facts": [each | {"title": title_for(caller, each)} for each in listed],
        "reasons": OPEN_REASONS,
        "reason": reason if reason in OPEN_REASONS else "",
        "chosen": fact,
        "q": q,
        "found": find_organizations(caller.viewer, connection, q, FOUND) if fact and q.strip() else [],
        "attached": attached,
        "faces": faces(connection),
    }
    return render(request, "review_unmatched.html", facts)


def title_for(caller: Caller, fact: dict[str, Any]) -> str | None:
    """What a fact is called; a mail's subject only for who may read mail."""
    if fact["kind"] == "email" and not caller.may(Permission.READ_MAIL_TEXT):
        return None
    return fact["title"] or None


@router.post("/review/unmatched")
def attach(
    request: Request, caller: Steward, now: Now, fact: Text, organization_id: Text, reason: Because = ""
) -> Response:
    """Put a fact on a partner's timeline, whatever its sources say."""
    said = said_by(caller, now, reason)

    def say(inside: Connection) -> None:
        attach_fact(inside, fact, organization_id, actor=said.actor, now=now, reason=said.reason)

    acts_of(request).carry_out(now, say)
    return RedirectResponse(f"/review/unmatched?attached={organization_id}", SEE_OTHER)


@router.get("/review/acts")
def acts(request: Request, caller: Steward, connection: Connected, undone: Number = 0) -> Response:
    """What people decided, the newest first; each can be taken back."""
    return acts_page(request, caller, connection, undone=undone)


def acts_page(
    request: Request, caller: Caller, connection: Connection, *, status: int = 200, undone: int = 0,
    asked: int = 0, since: tuple[str, ...] = (), reason: str = "",
) -> Response:  # fmt: skip
    """The list of acts. asked: the act that is only taken back after a look at what came `since`."""
    facts = {
        **tabs(caller, connection, "acts"),
        "acts": list_acts(connection, undone=True, limit=LISTED),
        "undone": undone,
        "asked": asked,
        "since": since,
        "reason": reason,
    }
    return render(request, "review_acts.html", facts, status=status)


@router.post("/review/acts/{act}/undo")
def undo(
    request: Request, caller: Steward, connection: Connected, now: Now, act: Number,
    agreed: Annotated[bool, Form()] = False, reason: Because = "",
) -> Response:  # fmt: skip
    """Take an act back. Where something came since, say what first, and do it once that is agreed to."""
    since = since_act(connection, act)[1]
    if since and not agreed:
        return acts_page(
            request, caller, connection, status=CONFLICT, asked=act, since=tuple(since), reason=reason
        )
    take_back(acts_of(request).act, act, said_by(caller, now, reason), agreed=agreed)
    return RedirectResponse(f"/review/acts?undone={act}", SEE_OTHER)

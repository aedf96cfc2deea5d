"""What goes wrong, in the API: how well sources are, problems and what is said of them, records that are set aside."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.operating import Operator
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.routes.quarantine import let_be, try_again
from partnerhub.web.routes.sync_errors import STATES, position_after, position_of
from partnerhub.web.stewards import acts_of
from warehouse.commands.set_aside import mark_problems
from warehouse.queries.sync_records import problems_for, quarantine_groups, set_aside_for
from warehouse.queries.watching import health_of_streams

if TYPE_CHECKING:
    from partnerhub.web.wiring import Wiring

TAGS: Final[list[Any]] = ["Syncs"]
MOST: Final = 1000
router = APIRouter(prefix="/api")
Reader = Annotated[Caller, Depends(Needs(Permission.READ_SYNC))]
Filter = Annotated[str, Query(max_length=200, pattern=PLAIN)]
Named = Annotated[str, StringConstraints(max_length=2000, pattern=PLAIN)]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
After = Annotated[str, Query(max_length=1000, description="`next` of the page before.")]


class Decided(BaseModel):
    """What a person says of problems: being mended, may stay so, or open again."""

    act: Literal["acknowledge", "discard", "reopen"]
    fingerprints: list[Named] = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=500)


class Chosen(BaseModel):
    """Records that are set aside for one reason at one source: those named by their keys, or all of them."""

    source: str = Field(max_length=200, pattern=PLAIN)
    rule: str = Field(max_length=200, pattern=PLAIN)
    records: list[Named] = Field(default=[], max_length=MOST)
    everything: bool = False

    @property
    def ticked(self) -> list[str] | None:
        """The keys, or None for all."""
        return None if self.everything else self.records


class LetBe(Chosen):
    """The same, with why they may stay so."""

    reason: str = Field(min_length=1, max_length=500)


@router.get("/sources", tags=TAGS, dependencies=[Depends(Needs(Permission.READ_SYNC))])
def sources(request: Request, connection: Connected, now: Now) -> dict[str, Any]:
    """How well each stream of each source is: a word, why, who must act, when it goes on."""
    wiring: Wiring = request.app.state.wiring
    return {
        "streams": [asdict(each) for each in health_of_streams(connection, wiring.due(), now)],
        "next": dict(wiring.settings.next_runs()) if wiring.settings else {},
    }


@router.get("/problems", tags=TAGS)
def problems(
    caller: Reader,
    connection: Connected,
    severity: Filter = "",
    source: Filter = "",
    state: Filter = "open",
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """Problems by gravity, with what to do and the partners they concern. state: `all` for those of any."""
    wanted = {"severity": severity, "source": source, "state": "" if state == "all" else state}
    found = problems_for(caller.viewer, connection, wanted, position_of(after), limit + 1)
    more = len(found) > limit
    return {"problems": found[:limit], "next": position_after(found[limit - 1]) if more else None}


@router.post("/problems/decide", tags=TAGS)
def decide(
    request: Request, caller: Operator, connection: Connected, now: Now, given: Decided
) -> dict[str, Any]:
    """Mark problems; nothing is deleted."""
    acts_of(request)
    said = (caller.viewer.name, now, given.reason.strip())
    with connection.transaction():
        mark_problems(connection, given.fingerprints, STATES[given.act], said)
    return {"state": STATES[given.act], "problems": len(given.fingerprints)}


@router.get("/quarantine", tags=TAGS)
def quarantine(
    caller: Reader,
    connection: Connected,
    source: Filter = "",
    rule: Filter = "",
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """What is set aside by source and reason; with both, the records of that reason."""
    groups = [each for each in quarantine_groups(caller.viewer, connection) if source in ("", each["source"])]
    if not (source and rule):
        return {"groups": groups, "records": [], "next": None}
    found = set_aside_for(caller.viewer, connection, (source, rule), decode_position(after), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    place = encode_position((last["stream"], last["source_id"])) if last else None
    return {"groups": groups, "records": found[:limit], "next": place}


@router.post("/quarantine/replay", tags=TAGS)
def replay(
    request: Request, caller: Operator, connection: Connected, now: Now, given: Chosen
) -> dict[str, Any]:
    """Let the next sync try records again. left: those that arrived unreadable, which only the source can mend."""
    acts_of(request)
    tried, left = try_again((caller, connection, now), (given.source, given.rule), given.ticked)
    return {"tried": tried, "left": left}


@router.post("/quarantine/discard", tags=TAGS)
def discard(
    request: Request, caller: Operator, connection: Connected, now: Now, given: LetBe
) -> dict[str, Any]:
    """Say that records may stay set aside: a mark with name and reason; what arrived stays."""
    acts_of(request)
    group = (given.source, given.rule)
    return {"discarded": let_be((caller, connection, now), group, given.ticked, given.reason)}

"""What the pages of stewards share: who may decide, what carries it out, and what they say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Form, Request

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.guard import Needs, NotAllowed
from warehouse.commands.acts import Said
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from partnerhub.web.wiring import Acts

SEE_OTHER: Final = 303
CONFLICT: Final = 409
LONGEST: Final = 1000


def whole_hub(caller: Annotated[Caller, Depends(Needs(Permission.DECIDE_IDENTITY))]) -> Caller:
    """Who decides about identity; a decision reaches across organizations, so it takes the sight of all of them."""
    if caller.viewer.organizations is not None:
        raise NotAllowed(Permission.DECIDE_IDENTITY)
    return caller


Steward = Annotated[Caller, Depends(whole_hub)]
Because = Annotated[str, Form(max_length=LONGEST)]


def acts_of(request: Request) -> Acts:
    """What carries acts out. Raises WarehouseError where the pages can only be read."""
    acts: Acts | None = request.app.state.wiring.acts
    if acts is None:
        raise WarehouseError("Nothing can be changed here.", "Start the pages with `partnerhub serve`.")
    return acts


def said_by(caller: Caller, now: str, reason: str | None) -> Said:
    """Who says something, when and why."""
    return Said(caller.viewer.name, now, (reason or "").strip() or None)

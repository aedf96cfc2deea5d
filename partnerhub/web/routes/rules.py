"""Who is a partner and which field goes where, as the hub runs it, with what it brings about; read-only."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import sync_words
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.rendering import render
from partnerhub.web.routes.sync import HERE
from warehouse.queries.rule_effects import LOOKED_AT, filled, partners_by_rule
from warehouse.queries.sources import faces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.web.wiring import Wiring
    from warehouse.database import Connection

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_SYNC))]
WHOLE: Final = 100


class Effect(NamedTuple):
    """One rule with the partners it declares. applies: whether the settings still have it."""

    rule: str
    partners: int
    applies: bool


class Rows(NamedTuple):
    """The mapping rows of one stream and kind. looked_at: staged records counted; said: of these, by target field."""

    stream: str
    kind: str
    rows: list[Mapping[str, Any]]
    looked_at: int
    said: dict[str, int]

    def share(self, target: str) -> int | None:
        """Percent of the records that say something in a field; None where that cannot be counted."""
        return (
            round(WHOLE * self.said[target] / self.looked_at)
            if self.looked_at and target in self.said
            else None
        )


@router.get("/rules")
def rules(
    request: Request, caller: Reader, connection: Connected,
    source: Annotated[str, Query(max_length=200, pattern=PLAIN)] = "",
) -> Response:  # fmt: skip
    """The partner rules with how many partners each declares, and the field catalogue of one source."""
    wiring: Wiring = request.app.state.wiring
    counts = partners_by_rule(caller.viewer, connection)
    known = faces(connection)
    fields = list(wiring.settings.fields()) if wiring.settings else []
    sources = sorted({row["source"] for row in fields})
    chosen = source if source in sources else (sources[0] if sources else "")
    facts = {
        "effects": effects(wiring.settings.rules() if wiring.settings else None, counts),
        "has_settings": wiring.settings is not None,
        "sources": [(name, known[name].title if name in known else name) for name in sources],
        "chosen": chosen,
        "streams": catalog(connection, [row for row in fields if row["source"] == chosen]),
        "most": LOOKED_AT,
        "words": sync_words,
    }
    return render(request, "rules.html", HERE | facts)


def effects(configured: Sequence[str] | None, counts: Mapping[str, int]) -> list[Effect]:
    """The rules in the order of the settings, then those that only former settings had. None: settings unknown."""
    names = list(configured) if configured is not None else list(counts)
    found = [Effect(name, counts.get(name, 0), applies=True) for name in names]
    return [
        *found,
        *(Effect(name, count, applies=False) for name, count in counts.items() if name not in names),
    ]


def catalog(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Rows]:
    """The mapping rows of one source by stream and kind, with how many records say something in each field."""
    found = []
    in_order = sorted(rows, key=lambda row: (row["stream"], row["kind"]))
    for (stream, kind), group in groupby(in_order, key=lambda row: (row["stream"], row["kind"])):
        own = list(group)
        looked_at, said = filled(connection, own[0]["source"], stream, kind, (row["target"] for row in own))
        found.append(Rows(stream, kind, own, looked_at, said))
    return found

"""The log of what stewards do: every act has a number, so that it can be named, explained and taken back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

COLUMNS: Final = (
    "act_id", "acted_at", "kind", "entity", "subject", "actor", "reason", "detail_json", "undone_at", "undone_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something, when (UTC text) and why."""

    actor: str
    now: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One act as it is remembered. detail: what was written and what stood before, by kind of act."""

    kind: str
    subject: str
    entity: str = "organization"
    detail: Mapping[str, Any] = field(default_factory=dict)


def remember_act(connection: Connection, act: Act, said: Said) -> int:
    """Append an act to the log; returns its number. Expects to be inside a transaction."""
    found = connection.one("SELECT coalesce(max(act_id), 0) + 1 FROM steward_act")
    act_id = int(found[0]) if found else 1
    detail = json.dumps(act.detail, ensure_ascii=False, sort_keys=True)
    row = (act_id, said.now, act.kind, act.entity, act.subject, said.actor, said.reason, detail, None, None)
    bulk.insert(connection, "steward_act", COLUMNS, [row])
    return act_id

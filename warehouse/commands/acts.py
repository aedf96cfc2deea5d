"""The log of what stewards do: every act has a number, so that it can be named, explained and taken back.

Each is in the audit log, too, whichever way it came: by a page, the API or a command.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.commands.audit import Deed, did

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

COLUMNS: Final = (
    "act_id", "acted_at", "kind", "entity", "subject", "actor", "reason", "detail_json", "undone_at", "undone_by",
)  # fmt: skip
VERBS: Final = {
    "pin": "value.pin", "unpin": "value.unpin", "attach": "fact.attach", "detach": "fact.detach", "ask": "value.ask",
    "answer": "value.answer", "done": "next.done", "snooze": "next.snooze", "back": "next.back",
    "assign": "partners.assign",
}  # fmt: skip
"""Kind of act → what the audit log calls it; else `identity.<kind>`."""
ENTITIES: Final = ("organization", "person")
OWNER: Final = "SELECT {entity}_id FROM {entity}_link WHERE record = ? AND ended_at IS NULL"


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
    did(connection, said.now, said.actor, deed_of(connection, act, act_id))
    return act_id


def deed_of(connection: Connection, act: Act, act_id: int) -> Deed:
    """An act as the audit log has it: whom it was about, its number, and which field or fact."""
    named = {
        name: act.detail[name] for name in ("field", "fact_id", "question", "rule") if name in act.detail
    }
    if "pins" in act.detail:
        named |= {"field": act.detail["assigned"], "partners": len(act.detail["pins"])}
    detail = {"act": act_id, **named, **({"pairs": len(pairs)} if (pairs := act.detail.get("pairs")) else {})}
    return Deed(VERBS.get(act.kind, f"identity.{act.kind}"), subject_of(connection, act), detail)


def subject_of(connection: Connection, act: Act) -> str:
    """`organization:<id>` of what an act is about, `act:<number>` of one that was taken back."""
    if "undoes" in act.detail:
        return f"act:{act.detail['undoes']}"
    if "pins" in act.detail:
        return "partners"
    if "organization_id" in act.detail:
        return f"organization:{act.detail['organization_id']}"
    pairs = act.detail.get("pairs")
    record = pairs[0][0] if pairs else ""
    owner = connection.one(OWNER.format(entity=act.entity), (record,)) if act.entity in ENTITIES else None
    return f"{act.entity}:{owner[0]}" if owner else f"record:{record}"

"""The log of what stewards did, and what came after an act: what an undo must say before it takes it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

COLUMNS: Final = "act_id, acted_at, kind, entity, subject, actor, reason, detail_json, undone_at, undone_by"
VERDICTS: Final = frozenset({"same", "different", "related", "unsure", "merge", "split"})
"""Kinds of acts that are verdicts on pairs of records."""


class DoneAct(NamedTuple):
    """One act of the log. detail: what was written and what stood before."""

    act_id: int
    acted_at: str
    kind: str
    entity: str
    subject: str
    actor: str
    reason: str | None
    detail: dict[str, Any]
    undone_at: str | None
    undone_by: str | None

    @property
    def records(self) -> set[str]:
        """The records its verdicts are about."""
        _, *related = self.detail.get("related") or ("",)
        return {record for pair in self.detail.get("pairs", ()) for record in pair} | set(related)

    @property
    def words(self) -> str:
        """`merge of Acme and ACME Ltd by ann on 2026-10-01 (one firm since 2020)`."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.kind}: {self.subject}, {self.actor} on {self.acted_at[:10]}{reason}"


def list_acts(connection: Connection, *, undone: bool = False, limit: int = 50) -> list[DoneAct]:
    """The newest acts first. undone: also those that were taken back, and the undoing itself."""
    test = "" if undone else " WHERE undone_at IS NULL AND kind <> 'undo'"
    rows = connection.query(f"SELECT {COLUMNS} FROM steward_act{test} ORDER BY act_id DESC LIMIT ?", (limit,))
    return [act_of(row) for row in rows]


def act_named(connection: Connection, act_id: int) -> DoneAct | None:
    """One act by its number."""
    row = connection.one(f"SELECT {COLUMNS} FROM steward_act WHERE act_id = ?", (act_id,))
    return act_of(row) if row else None


def act_of(row: tuple[Any, ...]) -> DoneAct:
    """A row of the log."""
    act_id, acted_at, kind, entity, subject, actor, reason, detail, undone_at, undone_by = row
    return DoneAct(
        act_id, acted_at, kind, entity, subject, actor, reason, json.loads(detail), undone_at, undone_by
    )


def acts_since(connection: Connection, act: DoneAct) -> list[DoneAct]:
    """Later acts that stand and are about the same records or the same field."""
    rows = connection.query(
        f"SELECT {COLUMNS} FROM steward_act WHERE act_id > ? AND undone_at IS NULL AND kind <> 'undo'"
        " ORDER BY act_id",
        (act.act_id,),
    )
    later = [act_of(row) for row in rows]
    mine = place_of(act)
    return [each for each in later if each.records & act.records or (mine and place_of(each) == mine)]


def place_of(act: DoneAct) -> tuple[str, str] | None:
    """The field, fact, question or thing to do an act is about, for acts that are not about records."""
    detail = act.detail
    if "place" in detail:
        kind, about = detail["place"]
        return str(kind), str(about)
    if "field" in detail:
        return str(detail["organization_id"]), str(detail["field"])
    return (str(detail["fact_id"]), "") if "fact_id" in detail else None


def joined_since(connection: Connection, entity: str, ids: Iterable[str], since: str) -> list[str]:
    """Records that came to these organizations or persons after a moment."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    rows = connection.query(
        f"SELECT l.record FROM asked_id k JOIN {entity}_link l ON l.{entity}_id = k.id AND l.ended_at IS NULL"
        " WHERE l.started_at > ? ORDER BY l.record",
        (since,),
    )
    return [row[0] for row in rows]


def facts_since(connection: Connection, ids: Iterable[str], since: str) -> int:
    """How many facts on these timelines happened, or came to the hub, after a moment."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    rows = connection.query(
        "SELECT DISTINCT t.fact_id, t.happened_at, f.record FROM asked_id k CROSS JOIN timeline t CROSS JOIN fact f"
        " WHERE t.organization_id = k.id AND f.fact_id = t.fact_id"
    )
    return sum(
        happened_at > since or first_landed(connection, record) > since for _, happened_at, record in rows
    )


def first_landed(connection: Connection, record: str) -> str:
    """When the first version of a record came; empty for one that no source says itself."""
    source, stream, rest = record.split("/", 2)
    found = connection.one(
        "SELECT landed_at FROM raw_record WHERE source = ? AND stream = ? AND source_id = ? ORDER BY raw_id LIMIT 1",
        (source, stream, rest.partition("#")[0].replace("%23", "#")),
    )
    return str(found[0]) if found else ""


def pins_since(connection: Connection, ids: Iterable[str], since: str) -> list[str]:
    """The fields people pinned on these organizations after a moment."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    rows = connection.query(
        "SELECT DISTINCT p.field FROM asked_id k JOIN pin p ON p.organization_id = k.id"
        " WHERE p.lifted_at IS NULL AND p.pinned_at > ? ORDER BY p.field",
        (since,),
    )
    return [row[0] for row in rows]

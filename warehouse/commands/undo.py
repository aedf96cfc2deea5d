"""Taking back what a steward did: the act is marked, what it wrote moves aside, and what stood before stands again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnerhub.identity.families import Related
from warehouse import bulk
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.ask import take_back_question
from warehouse.commands.judge import COLUMNS as DECISION_COLUMNS
from warehouse.commands.judge import verdicts_among
from warehouse.commands.next_action import take_back_word
from warehouse.commands.pending import answering_id, mark, records_of
from warehouse.commands.pin import COLUMNS as PIN_COLUMNS
from warehouse.commands.pin import lift
from warehouse.commands.relate import withdraw_relation
from warehouse.errors import NotFound, WarehouseError
from warehouse.queries.acts import VERDICTS, DoneAct, act_named, list_acts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

LIST: Final = "`partnerhub undo --list` shows what can be taken back."


class CannotUndo(WarehouseError):
    """An act that cannot be taken back, or not before a later one is."""


def act_to_undo(connection: Connection, act_id: int | None) -> DoneAct:
    """The act meant: the last one that stands, or the named one. Raises NotFound, CannotUndo."""
    if act_id is None:
        last = list_acts(connection, limit=1)
        if not last:
            raise NotFound("There is nothing to take back.", LIST)
        return last[0]
    found = act_named(connection, act_id)
    if found is None:
        raise NotFound(f"There is no act {act_id}.", LIST)
    if found.kind == "undo":
        raise CannotUndo(f"Act {act_id} took something back.", "Do again what it took back.")
    if found.undone_at:
        raise CannotUndo(f"{found.undone_by} took act {act_id} back on {found.undone_at[:10]} already.", LIST)
    return found


def undo_act(connection: Connection, act: DoneAct, said: Said) -> int:
    """Take an act back; returns the number of the undoing. Raises CannotUndo where a later act builds upon it.

    Expects to be inside a transaction. What follows from it is published by `pipelines.golden.acting`.
    """
    if act.kind in VERDICTS:
        withdraw_verdicts(connection, act, said)
        if entry := act.detail.get("entry"):
            withdraw_relation(connection, entry, Related(*act.detail["related"]), said)
    elif act.kind in {"pin", "unpin"}:
        restore_pin(connection, act.detail, said)
    elif act.kind == "assign":
        for detail in act.detail["pins"]:
            restore_pin(connection, detail, said)
    elif act.kind in {"attach", "detach"}:
        restore_attachment(connection, act)
    elif act.kind in {"ask", "answer"}:
        take_back_question(connection, act, said)
    elif act.kind in {"done", "snooze", "back"}:
        take_back_word(connection, act, said)
    connection.execute(
        "UPDATE steward_act SET undone_at = ?, undone_by = ? WHERE act_id = ?",
        (said.now, said.actor, act.act_id),
    )
    return remember_act(connection, Act("undo", act.subject, act.entity, {"undoes": act.act_id}), said)


def withdraw_verdicts(connection: Connection, act: DoneAct, said: Said) -> None:
    """Move the act's verdicts aside; an earlier one on the same pair stands again."""
    pairs = [(left, right) for left, right in act.detail["pairs"]]
    stands = verdicts_among(connection, act.entity, act.records)
    later = [pair for pair in pairs if pair in stands and stands[pair].decided_at > act.acted_at]
    if later:
        who = stands[later[0]]
        raise CannotUndo(
            f"{who.actor} said {who.verdict} of {later[0][0]} and {later[0][1]} after that,"
            f" on {who.decided_at[:10]}.",
            f"Take that back first. {LIST}",
        )
    where = "left_record = ? AND right_record = ? AND decided_at = ?"
    columns = ", ".join(DECISION_COLUMNS)
    rows = [
        row
        for pair in pairs
        for row in connection.query(f"SELECT {columns} FROM decision WHERE {where}", (*pair, act.acted_at))
    ]
    bulk.upsert(
        connection,
        "decision_withdrawn",
        (*DECISION_COLUMNS, "withdrawn_at", "withdrawn_by"),
        [(*row, said.now, said.actor) for row in rows],
    )
    connection.execute_many(f"DELETE FROM decision WHERE {where}", [(*pair, act.acted_at) for pair in pairs])
    mark(connection, act.entity, act.records)


def restore_pin(connection: Connection, detail: Mapping[str, Any], said: Said) -> None:
    """What was pinned before, or nothing, stands again. Raises CannotUndo where somebody pinned it after that."""
    wanted = answering_id(connection, detail["organization_id"])
    stands = connection.one(
        "SELECT pinned_at, actor, value FROM pin WHERE organization_id = ? AND field = ? AND lifted_at IS NULL",
        (detail["organization_id"], detail["field"]),
    )
    if stands is not None and stands[0] != detail.get("pinned_at"):
        raise CannotUndo(
            f"{stands[1]} pinned {detail['field']} to {stands[2] or 'nothing'} after that.",
            f"Take that back first. {LIST}",
        )
    lift(connection, detail["organization_id"], detail["field"], said.now)
    former = detail.get("former")
    if former:
        row = (wanted, detail["field"], said.now, former["value"], former["actor"], None, former["heard"])
        bulk.upsert(connection, "pin", PIN_COLUMNS, [row])
    mark(connection, "organization", records_of(connection, wanted))


def restore_attachment(connection: Connection, act: DoneAct) -> None:
    """The verdicts on a fact before this one stand again; the act keeps what it said."""
    fact_id = act.detail["fact_id"]
    later = connection.one(
        "SELECT actor, decided_at FROM attachment_decision WHERE fact_id = ? AND decided_at > ?",
        (fact_id, act.acted_at),
    )
    if later:
        raise CannotUndo(
            f"{later[0]} decided about this fact after that, on {later[1][:10]}.",
            f"Take that back first. {LIST}",
        )
    connection.execute(
        "DELETE FROM attachment_decision WHERE fact_id = ? AND decided_at = ?", (fact_id, act.acted_at)
    )
    entity = connection.one("SELECT entity FROM fact WHERE fact_id = ?", (fact_id,))
    copies = connection.query("SELECT record FROM fact_source WHERE fact_id = ?", (fact_id,))
    if entity:
        mark(connection, entity[0], (row[0] for row in copies))

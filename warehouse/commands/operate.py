"""What operators do to how the hub runs: set a cursor, pause a source. Each act is kept, with name and reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from warehouse.commands.audit import Deed, did
from warehouse.errors import NotFound, WarehouseError

if TYPE_CHECKING:
    from warehouse.database import Connection

ACT: Final = """
INSERT INTO operator_act (act_id, acted_at, actor, act, target, before_json, after_json, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
PAUSE: Final = """
INSERT INTO pause (source, since_at, until_at, actor, reason) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (source) DO UPDATE SET since_at = excluded.since_at, until_at = excluded.until_at, actor = excluded.actor,
reason = excluded.reason
"""
PAUSED: Final = "SELECT since_at, until_at, actor, reason FROM pause WHERE source = ?"
BEGAN_FROM: Final = """
SELECT run_id, started_at, cursor_json FROM stream_run WHERE source = ? AND stream = ? AND started_at <= ?
ORDER BY started_at DESC, run_id DESC LIMIT 1
"""
BEGAN_IN: Final = """
SELECT run_id, started_at, cursor_json FROM stream_run WHERE source = ? AND stream = ? AND substr(run_id, 1, ?) = ?
ORDER BY started_at DESC LIMIT 1
"""


OF: Final = {"cancel": "run", "resume": "run", "restore": "hub"}
"""Act → what it is done to, where that is no source and no stream of one."""


class Who(NamedTuple):
    """Who does it, when (UTC text) and why."""

    actor: str
    now: str
    reason: str | None = None


def note(
    connection: Connection, who: Who, act: tuple[str, str], before: Any = None, after: Any = None
) -> None:
    """Write an act down, in the audit log, too: (act, target), how it was and how it is. Expects a transaction."""
    row = (*act, *(None if each is None else json.dumps(each, sort_keys=True) for each in (before, after)))
    connection.execute(ACT, (str(uuid4()), who.now, who.actor, *row, who.reason))
    kind = OF.get(act[0], "source")
    did(connection, who.now, who.actor, Deed(f"{kind}.{act[0]}", f"{kind}:{act[1]}"))


def former_cursor(
    connection: Connection, place: tuple[str, str], to: str
) -> tuple[str, str, dict[str, Any] | None]:
    """The cursor a former run began from: the run (its id or beginning), or the last one begun by a UTC time.

    Returns run, its start and the cursor; None is the beginning of everything. Raises NotFound.
    """
    row = connection.one(BEGAN_IN, (*place, len(to), to)) if to else None
    row = row or (connection.one(BEGAN_FROM, (*place, to)) if to[:4].isdigit() and "-" in to else None)
    if row is None:
        raise NotFound(
            do="`partnerhub runs ls` lists runs; a time is written 2026-10-01 or 2026-10-01T09:00:00Z.",
            happened=f"No run of {'/'.join(place)} is known by {to or 'nothing'}.",
        )
    return row[0], row[1], json.loads(row[2]) if row[2] else None


def pause(connection: Connection, source: str, until: str | None, who: Who) -> None:
    """No sync reads this source until then (UTC text), or until somebody ends it. Again: the new end counts."""
    with connection.transaction():
        begin_pause(connection, source, until, who)


def begin_pause(connection: Connection, source: str, until: str | None, who: Who) -> None:
    """The same inside the caller's transaction."""
    before = connection.records(PAUSED, (source,))
    connection.execute(PAUSE, (source, who.now, until, who.actor, who.reason))
    note(connection, who, ("pause", source), before[0] if before else None, {"until": until})


def unpause(connection: Connection, source: str, who: Who) -> None:
    """The source is read again. Raises NotFound when it was not paused."""
    with connection.transaction():
        end_pause(connection, source, who)


def end_pause(connection: Connection, source: str, who: Who) -> None:
    """The same inside the caller's transaction."""
    before = connection.records(PAUSED, (source,))
    if not before:
        raise NotFound(do="`partnerhub status` shows what is paused.", happened=f"{source} is not paused.")
    connection.execute("DELETE FROM pause WHERE source = ?", (source,))
    note(connection, who, ("unpause", source), before[0])


def paused(connection: Connection, now: str) -> dict[str, dict[str, Any]]:
    """Sources that are paused now: source → since_at, until_at, actor, reason. What is over counts no more."""
    rows = connection.records(
        "SELECT source, since_at, until_at, actor, reason FROM pause WHERE until_at IS NULL OR until_at > ?",
        (now,),
    )
    return {row.pop("source"): row for row in rows}


class Paused(WarehouseError):
    """A person paused this source."""

    def __init__(self, source: str, facts: dict[str, Any]) -> None:
        """Say who, since when, until when and why."""
        until = f" until {facts['until_at'][:16]} UTC" if facts["until_at"] else ""
        why = f" ({facts['reason']})" if facts["reason"] else ""
        super().__init__(
            f"{source} is paused since {facts['since_at'][:16]} UTC{until} by {facts['actor']}{why}.",
            f"Run `partnerhub unpause {source}` first.",
        )

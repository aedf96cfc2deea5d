"""What people ask to be run: a row that waits for whoever takes asked runs; and what becomes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from warehouse.commands.operate import Who, note, paused
from warehouse.errors import NotFound
from warehouse.processes import still_runs
from warehouse.queries.resuming import unfinished
from warehouse.queries.runs import run_called, streams_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

SYNC: Final = "sync"
RESUME: Final = "resume"
CANCEL: Final = "cancel"
WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
REFUSED: Final = "refused"
FAILED: Final = "failed"
LOST: Final = "lost"
OPEN: Final = frozenset({WAITING, RUNNING})
INSERT: Final = """
INSERT INTO job (job_id, kind, arguments_json, state, actor, created_at, finished_at, outcome, target)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
BEING_READ: Final = """
SELECT r.run_id, r.started_at, r.holder FROM stream_run s JOIN sync_run r ON r.run_id = s.run_id
WHERE s.source = ? AND s.state = 'running' AND r.state = 'running' ORDER BY r.started_at DESC LIMIT 1
"""
ASKED_ALREADY: Final = """
SELECT job_id, kind, actor, created_at, run_id FROM job WHERE state IN ('waiting', 'running') AND target = ?
AND kind = ? ORDER BY created_at LIMIT 1
"""
TAKE: Final = """
UPDATE job SET state = 'running', taken_at = ?, taken_by = ?, run_id = ?, tries = tries + 1
WHERE job_id = ? AND state = 'waiting'
"""
PUT_BACK: Final = (
    "UPDATE job SET state = 'waiting', taken_by = NULL, run_id = NULL WHERE job_id = ? AND state = 'running'"
)
CLOSE: Final = """
UPDATE job SET state = ?, outcome = ?, finished_at = ? WHERE job_id = ? AND state IN ('waiting', 'running')
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking: the id of the row, its state (waiting or refused), and why it was refused.

    instead: the run at work that it was refused for, if one is.
    """

    job_id: str
    state: str
    outcome: str | None = None
    instead: str | None = None


class Refusal(NamedTuple):
    """Why something is not begun, and which run is at work instead."""

    words: str
    run_id: str | None = None


def ask_sync(connection: Connection, source: str, who: Who) -> Asked:
    """Ask that a source be read now. Refused in words while it is paused, read or asked for. Expects a transaction."""
    return ask(connection, (SYNC, source), who, refusal_of(connection, source, who.now))


def ask_resume(connection: Connection, run_id: str, who: Who) -> Asked:
    """Ask that what a run left be read on; refused like `ask_sync`. Expects a transaction. Raises NotFound."""
    run = run_called(connection, run_id)
    left = [each.source for each in unfinished(connection, streams_of(connection, run["run_id"]))]
    if run["state"] == "running" and still_runs(run["holder"]) is not False:
        refused: Refusal | None = Refusal("It is at work still.", run["run_id"])
    elif not left:
        refused = Refusal("Nothing of it is left to be resumed: every stream came through since.")
    else:
        found = (refusal_of(connection, source, who.now) for source in left)
        refused = first(found) or asked_already(connection, (RESUME, run["run_id"]))
    return ask(connection, (RESUME, run["run_id"]), who, refused)


def ask_cancel(connection: Connection, run_id: str, who: Who) -> Asked:
    """Ask that a run at work be ended. Refused when it is not. Expects a transaction. Raises NotFound."""
    run = run_called(connection, run_id)
    refused = None
    if run["state"] != "running" or still_runs(run["holder"]) is False:
        refused = Refusal("It is not at work.")
    refused = refused or asked_already(connection, (CANCEL, run["run_id"]))
    return ask(connection, (CANCEL, run["run_id"]), who, refused)


def ask(connection: Connection, what: tuple[str, str], who: Who, refused: Refusal | None) -> Asked:
    """Write down what was asked for, and the act of whoever did: (kind, target). Expects a transaction."""
    job_id = str(uuid4())
    state, outcome = (REFUSED, refused.words) if refused else (WAITING, None)
    ended = who.now if refused else None
    row = (job_id, what[0], json.dumps({}), state, who.actor, who.now, ended, outcome, what[1])
    connection.execute(INSERT, row)
    note(connection, who, what, None, {"asked": job_id, "state": state})
    return Asked(job_id, state, outcome, refused.run_id if refused else None)


def first(found: Iterable[Refusal | None]) -> Refusal | None:
    """The first one there is."""
    return next((each for each in found if each), None)


def refusal_of(connection: Connection, source: str, now: str) -> Refusal | None:
    """Why a source cannot be read now: it is paused, asked for already, or a run is at it."""
    pause = paused(connection, now).get(source)
    if pause:
        until = f" until {minute(pause['until_at'])}" if pause["until_at"] else ""
        return Refusal(f"{source} is paused{until} by {pause['actor']}. Have it read again first.")
    for run_id, started_at, holder in connection.query(BEING_READ, (source,)):
        if still_runs(holder) is not False:
            return Refusal(f"{source} is being read already, since {minute(started_at)}.", run_id)
    return asked_already(connection, (SYNC, source))


def asked_already(connection: Connection, what: tuple[str, str]) -> Refusal | None:
    """Who asked for the same and still waits for it. what: kind and target."""
    for row in connection.records(ASKED_ALREADY, (what[1], what[0])):
        words = f"{row['actor']} asked for the same at {minute(row['created_at'])}, and it is not over yet."
        return Refusal(words, row["run_id"])
    return None


def minute(text: str) -> str:
    """`2026-10-01 09:00 UTC`."""
    return f"{text[:16].replace('T', ' ')} UTC"


def take_job(connection: Connection, job_id: str, taker: str, run_id: str | None, now: str) -> bool:
    """Take what waits; False when somebody else did, or it is over. Expects a transaction."""
    return bool(connection.execute(TAKE, (now, taker, run_id, job_id)))


def put_back(connection: Connection, job_id: str) -> None:
    """It waits again: whoever took it is gone, and nothing of it was begun. Expects a transaction."""
    connection.execute(PUT_BACK, (job_id,))


def close_job(connection: Connection, job_id: str, state: str, outcome: str, now: str) -> None:
    """It is over. Safe to call twice: the first word stays. Expects a transaction."""
    connection.execute(CLOSE, (state, outcome, now, job_id))


def job_called(connection: Connection, job_id: str) -> dict[str, Any]:
    """One row. Raises NotFound."""
    found = connection.records("SELECT * FROM job WHERE job_id = ?", (job_id,))
    if not found:
        raise NotFound("Nothing was asked for under this address.", "Ask for it on the page of the source.")
    return found[0]

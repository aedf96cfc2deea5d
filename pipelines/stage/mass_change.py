"""The guard against mass changes: when too much of a stream changed or went at once, additions are staged and no more.

Whatever the source said has landed, so nothing is lost by waiting: the staged rows stay what they were, the stream's
run says that a person must look, and `partnerhub approve` lets it through. A source that comes back to its senses
releases the rest by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.problems import Problem, record_problems
from pipelines.stage.waiting import PENDING
from warehouse.commands.approve import let_through, settle
from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from warehouse.database import Connection

CODE: Final = "mass_change"
CHANGES_GUARDED: Final = frozenset({"organization", "person", "deal", "agreement", "relation"})
"""Kinds whose content one mistake can overwrite in bulk. Mails and slides fill in later by the hub's own doing."""

WAITING: Final = f"""
SELECT coalesce(sum(CASE WHEN c.op IN {LIVE} THEN 0 ELSE 1 END), 0),
coalesce(sum(CASE WHEN c.op IN {LIVE} THEN 1 ELSE 0 END), 0), coalesce(max(c.raw_id), 0)
FROM {{current}} JOIN raw_record s ON s.raw_id = c.staged_raw_id
WHERE c.source = ? AND c.stream = ? AND c.staged_raw_id <> c.raw_id AND c.raw_id > ? AND s.op IN {LIVE}
AND (c.op NOT IN {LIVE} OR c.content_hash <> s.content_hash)
"""
"""Of the records that stood and wait: how many are gone, how many say something else, and the newest version."""
STOOD: Final = f"""
SELECT count(*) FROM (SELECT 1 FROM raw_current c JOIN raw_record s ON s.raw_id = c.staged_raw_id
WHERE c.source = ? AND c.stream = ? AND s.op IN {LIVE} LIMIT ?) AS found
"""
"""How many records stood, counted up to a bound: a small change need not know how large the rest is."""
STANDS: Final = f"""
SELECT 1 FROM raw_current c JOIN raw_record s ON s.raw_id = c.staged_raw_id
WHERE c.source = ? AND c.stream = ? AND c.op IN {LIVE} AND s.op IN {LIVE} LIMIT 1
"""
ALL: Final = 2**40
"""More than any stream holds."""
EMPTIED_FROM: Final = 3
"""A stream that held so many records and holds none any more is taken for a failed reading, however small."""
APPROVED: Final = """
SELECT coalesce(max(up_to_raw_id), 0) FROM mass_change WHERE source = ? AND stream = ? AND approved_at IS NOT NULL
"""
OPEN: Final = "SELECT 1 FROM mass_change WHERE source = ? AND stream = ? AND closed_at IS NULL"


@dataclass(frozen=True, slots=True)
class ChangeGuard:
    """How much of a stream may go or change at once before a person is asked: shares of 1, and never fewer than `few`.

    few: so many records may always go or change. approver: who let everything of this run through beforehand, or empty.
    """

    gone: float = 0.05
    changed: float = 0.5
    few: int = 50
    approver: str = ""


class Waiting(NamedTuple):
    """What one stream's waiting versions would do: records gone, records changed, of how many that stood."""

    gone: int
    changed: int
    stood: int
    newest: int


def held_beyond(
    connection: Connection, names: tuple[str, str], kind: str | None, guard: ChangeGuard, run: tuple[str, str]
) -> int | None:
    """The newest version of the stream that may replace what is staged, or None: all may.

    Writes down what waits; calling again changes nothing. kind: what the stream's records are staged as. run: its id
    and its moment.
    """
    approved = approved_up_to(connection, names)
    found = waiting(connection, names, guard, approved)
    if found is not None and too_much(found, guard, kind):
        with connection.transaction():
            note(connection, names, found, run)
            if not guard.approver:
                return approved
            let_through(connection, names, guard.approver, "confirmed beforehand", run[1])
    elif connection.one(OPEN, names):
        with connection.transaction():
            settle(connection, names, run[1])
    return None


def approved_up_to(connection: Connection, names: tuple[str, str]) -> int:
    """The newest version a person let through; 0 when nobody ever did."""
    found = connection.one(APPROVED, names)
    return int(found[0]) if found else 0


def waiting(
    connection: Connection, names: tuple[str, str], guard: ChangeGuard, approved: int
) -> Waiting | None:
    """What waits and was not approved; None when it is little whatever the stream holds."""
    row = connection.one(WAITING.format(current=PENDING[connection.dialect]), (*names, approved))
    gone, changed, newest = row or (0, 0, 0)
    if max(gone, changed) <= guard.few and not (gone >= EMPTIED_FROM and is_emptied(connection, names)):
        return None
    stood = connection.one(STOOD, (*names, enough(gone, changed, guard)))
    return Waiting(gone, changed, stood[0] if stood else 0, newest)


def enough(gone: int, changed: int, guard: ChangeGuard) -> int:
    """So many records standing make a change small, however many more there are."""
    shares = [(gone, guard.gone), (changed, guard.changed)]
    return 1 + max(ceil(count / share) if share else ALL for count, share in shares)


def is_emptied(connection: Connection, names: tuple[str, str]) -> bool:
    """Whether no record that stood is still at the source."""
    return connection.one(STANDS, names) is None


def too_much(found: Waiting, guard: ChangeGuard, kind: str | None) -> bool:
    """Whether that is more than may pass unseen."""
    went = found.gone > guard.few and found.gone > guard.gone * found.stood
    emptied = EMPTIED_FROM <= found.gone == found.stood
    moved = found.changed > guard.few and found.changed > guard.changed * found.stood
    return went or emptied or (moved and kind in CHANGES_GUARDED)


def note(connection: Connection, names: tuple[str, str], found: Waiting, run: tuple[str, str]) -> None:
    """Write down what waits, or how much it has become, and turn the stream's run into one that needs a person."""
    run_id, now = run
    counts = (found.newest, found.gone, found.changed, found.stood)
    if connection.one(OPEN, names):
        connection.execute(
            "UPDATE mass_change SET run_id = ?, up_to_raw_id = ?, gone = ?, changed = ?, stood = ?, approved_at = NULL,"
            " approved_by = NULL, reason = NULL WHERE source = ? AND stream = ? AND closed_at IS NULL",
            (run_id, *counts, *names),
        )
    else:
        connection.execute(
            "INSERT INTO mass_change (source, stream, opened_at, run_id, up_to_raw_id, gone, changed, stood)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*names, now, run_id, *counts),
        )
    problem = told(names, found, run_id)
    record_problems(connection, [problem], run_id, now)
    connection.execute(
        "UPDATE stream_run SET state = 'needs_person', error_code = ?, error_do = ?, error_happened = ?"
        " WHERE run_id = ? AND source = ? AND stream = ? AND state = 'complete'",
        (CODE, problem.do, problem.happened, run_id, *names),
    )


def told(names: tuple[str, str], found: Waiting, run_id: str) -> Problem:
    """What a person reads."""
    source, stream = names
    what = f"{found.gone:,} of {found.stood:,} records went" if found.gone else ""
    moved = f"{found.changed:,} of {found.stood:,} records changed" if found.changed else ""
    return Problem(
        severity="error",
        stage="stage",
        source=source,
        stream=stream,
        code=CODE,
        do=f"Look at the source. If it is right: `partnerhub approve {run_id}`. If not, mend it there and sync again.",
        happened=f"{' and '.join(filter(None, (what, moved)))} at once; what is new was taken in, the rest waits.",
    )

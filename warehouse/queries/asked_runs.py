"""What people asked to be run: what is not over yet, by age; the last words on a source; who asked for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from warehouse.database import Connection

COLUMNS: Final = (
    "job_id, kind, target, state, actor, created_at, tries, taken_at, taken_by, run_id, finished_at, outcome"
)
IN_WORK: Final = (
    f"SELECT {COLUMNS} FROM job WHERE state IN ('waiting', 'running') ORDER BY created_at, job_id"
)
ABOUT_RUN: Final = f"SELECT {COLUMNS} FROM job WHERE target = ? ORDER BY created_at, job_id"
MADE_RUN: Final = f"SELECT {COLUMNS} FROM job WHERE run_id = ?"


def open_jobs(connection: Connection) -> list[dict[str, Any]]:
    """What waits and what runs, the oldest first."""
    return connection.records(IN_WORK)


def open_by_target(connection: Connection) -> dict[str, dict[str, Any]]:
    """Source or run → what is asked of it and not over, the newest of it."""
    return {row["target"]: row for row in open_jobs(connection)}


def asked_about(connection: Connection, target: str) -> list[dict[str, Any]]:
    """Everything that was asked of a source or a run, the oldest first."""
    return connection.records(ABOUT_RUN, (target,))


def asked_for(connection: Connection, run_id: str) -> dict[str, Any] | None:
    """What a run was begun for; None for one that nobody asked for on a page."""
    found = connection.records(MADE_RUN, (run_id,))
    return found[0] if found else None

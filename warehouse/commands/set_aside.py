"""What people do about records that are set aside: try them again, say that they may stay so, take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse.commands.audit import Deed, did
from warehouse.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

AGAIN: Final = """
UPDATE raw_current SET staged_raw_id = -1 WHERE source = ? AND stream = ? AND source_id = ? AND raw_id = ?
AND quarantine IS NOT NULL
"""
"""-1 is no version: the record waits for staging, and what it said before is replaced if it passes."""
DECIDE: Final = """
UPDATE sync_error SET state = ?, decided_at = ?, decided_by = ?, reason = ?
WHERE fingerprint = ? AND state <> 'resolved'
"""
STATES: Final = {
    "open": "problem.reopen",
    "acknowledged": "problem.acknowledge",
    "discarded": "problem.discard",
}
"""State of a problem → what the audit log calls setting it."""


def let_stage(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Let the next staging try these records (rows of `quarantined`) again; returns how many wait for it.

    Those that arrived unreadable are left out: trying again cannot mend them. Doing it twice before a staging is the
    same as once; after it, only what is still set aside is tried. Expects a transaction.
    """
    again = [row for row in rows if not row["arrived"]]
    connection.execute_many(
        AGAIN, [(row["source"], row["stream"], row["source_id"], row["raw_id"]) for row in again]
    )
    return len(again)


def decide_problems(
    connection: Connection,
    fingerprints: Sequence[str],
    state: str,
    *,
    actor: str,
    now: str,
    reason: str | None,
) -> int:
    """Mark problems acknowledged, discarded or open again, with who said so and why; nothing is ever deleted.

    Returns how many. Raises NotFound for a fingerprint nobody knows; then nothing is marked.
    """
    with connection.transaction():
        return mark_problems(connection, fingerprints, state, (actor, now, reason))


def mark_problems(
    connection: Connection, fingerprints: Sequence[str], state: str, said: tuple[str, str, str | None]
) -> int:
    """The same inside the caller's transaction. said: who, when (UTC text), why."""
    if state not in STATES:
        raise ValueError(state)
    actor, now, reason = said
    for fingerprint in fingerprints:
        if connection.one("SELECT 1 FROM sync_error WHERE fingerprint = ?", (fingerprint,)) is None:
            raise NotFound(
                do="`partnerhub errors --json` lists fingerprints.",
                happened=f"No problem has the fingerprint {fingerprint}.",
            )
    connection.execute_many(DECIDE, [(state, now, actor, reason, each) for each in fingerprints])
    if fingerprints:
        subject = f"problem:{fingerprints[0]}" if len(fingerprints) == 1 else "problems"
        did(connection, now, actor, Deed(STATES[state], subject, {"problems": len(fingerprints)}))
    return len(fingerprints)

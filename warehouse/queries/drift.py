"""What became of the fields that sources say records have: gone, called otherwise, new since the first reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from warehouse.database import Connection

MOVED: Final = """
SELECT f.source, f.stream, f.field, f.label, f.former_label, f.first_seen_at, f.gone_since_at, f.let_go_at, f.let_go_by,
f.first_seen_at > b.began_at AS is_new FROM stream_field f JOIN (
  SELECT source, stream, min(first_seen_at) AS began_at FROM stream_field GROUP BY source, stream
) b ON b.source = f.source AND b.stream = f.stream
WHERE f.gone_since_at IS NOT NULL OR f.former_label IS NOT NULL OR f.first_seen_at > b.began_at
ORDER BY f.source, f.stream, f.field
"""
TOLD: Final = """
SELECT source, stream, field, severity, state, happened, to_do FROM sync_error
WHERE code IN ('field_gone', 'field_renamed') AND state <> 'resolved'
"""
STOPPED: Final = "stopped"
ORDER: Final = (STOPPED, "renamed", "gone", "new", "accepted")


def list_drift(connection: Connection, sources: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Fields that are not what they were, what waits for a person first.

    state: stopped (gone, and a field of ours keeps its last values until somebody decides), renamed (read on by its
    former name), gone (nothing hangs on it), new, or accepted. happened, to_do: where there is something to tell.
    """
    told = {(row["source"], row["stream"], row["field"]): row for row in connection.records(TOLD)}
    found = []
    for row in connection.records(MOVED):
        problem = told.get((row["source"], row["stream"], row["field"]), {})
        is_new = bool(row.pop("is_new"))
        state = state_of(row, problem, is_new=is_new)
        words = {name: problem.get(name) if state != "accepted" else None for name in ("happened", "to_do")}
        found.append({**row, "state": state, **words})
    chosen = [row for row in found if not sources or row["source"] in sources]
    return sorted(chosen, key=lambda row: ORDER.index(row["state"]))


def state_of(row: dict[str, Any], problem: dict[str, Any], *, is_new: bool) -> str:
    """One word for what became of a field."""
    if row["let_go_at"] is not None or problem.get("state") in {"discarded", "acknowledged"}:
        return "accepted"
    if row["gone_since_at"] is not None:
        return STOPPED if problem.get("severity") == "warning" else "gone"
    return "new" if is_new and row["former_label"] is None else "renamed"

"""What became of the fields of records: gone, called otherwise, new since the first reading, of another kind."""

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
SELECT source, stream, field, code, severity, state, happened, to_do FROM sync_error
WHERE code IN ('field_gone', 'field_renamed', 'field_new', 'field_retyped') AND state <> 'resolved'
"""
RETYPED: Final = """
SELECT source, stream, field, shape, standing, first_seen_at, accepted_at, accepted_by FROM field_shape s
WHERE EXISTS (
  SELECT 1 FROM field_shape o
  WHERE o.source = s.source AND o.stream = s.stream AND o.field = s.field AND o.standing <> 'usual'
) ORDER BY source, stream, field, first_seen_at, shape
"""
STOPPED: Final = "stopped"
DECIDED: Final = frozenset({"discarded", "acknowledged"})
ORDER: Final = (STOPPED, "retyped", "renamed", "gone", "new", "accepted")
OF_KINDS: Final = "field_retyped"


def list_drift(connection: Connection, sources: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Fields that are not what they were, what waits for a person first.

    state: stopped (a field of ours keeps its last values until somebody decides), retyped (holds another kind of value,
    which is read), renamed (read on by its former name), gone (nothing hangs on it), new, or accepted. values: former
    and present kinds of one that was retyped. happened, to_do: where there is something to tell.
    """
    told = connection.records(TOLD)
    of_kinds = {place_of(row): row for row in told if row["code"] == OF_KINDS}
    others = {place_of(row): row for row in told if row["code"] != OF_KINDS}
    found = []
    for row in connection.records(MOVED):
        problem = others.get(place_of(row), {})
        is_new = bool(row.pop("is_new"))
        state = state_of(row, problem, is_new=is_new)
        found.append({**row, "values": None, "state": state, **words_of(problem, state)})
    found += retyped(connection.records(RETYPED), of_kinds)
    chosen = [row for row in found if not sources or row["source"] in sources]
    return sorted(chosen, key=lambda row: ORDER.index(row["state"]))


def place_of(row: dict[str, Any]) -> tuple[str, str, str]:
    """Source, stream and field of a row."""
    return row["source"], row["stream"], row["field"]


def words_of(problem: dict[str, Any], state: str) -> dict[str, Any]:
    """What is to be told of a field; nothing once it is accepted."""
    return {name: problem.get(name) if state != "accepted" else None for name in ("happened", "to_do")}


def retyped(
    kinds: list[dict[str, Any]], told: dict[tuple[str, str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """A row per field that came to hold another kind of value. Once none is held any more, only what was accepted."""
    fields: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in kinds:
        fields.setdefault(place_of(row), []).append(row)
    found = []
    for place, rows in fields.items():
        problem = told.get(place, {})
        strange = [row for row in rows if row["standing"] == "strange"]
        if strange and not problem:  # it held such values once, and no record does now
            continue
        shown = strange or [row for row in rows if row["standing"] == "accepted"]
        others = [row["shape"] for row in rows if row not in shown]
        state = STOPPED if problem.get("severity") == "warning" else "retyped"
        if not strange or problem.get("state") in DECIDED:
            state = "accepted"
        found.append(
            {
                **dict(zip(("source", "stream", "field"), place, strict=True)),
                "label": place[2],
                "former_label": None,
                "first_seen_at": shown[0]["first_seen_at"],
                "gone_since_at": None,
                "let_go_at": shown[0]["accepted_at"],
                "let_go_by": shown[0]["accepted_by"],
                "values": f"{listed(others)} → {listed([row['shape'] for row in shown])}",
                "state": state,
                **words_of(problem, state),
            }
        )
    return found


def listed(kinds: list[str]) -> str:
    """Kinds of values in words."""
    return " or ".join(kinds) or "nothing"


def state_of(row: dict[str, Any], problem: dict[str, Any], *, is_new: bool) -> str:
    """One word for what became of a field."""
    if row["let_go_at"] is not None or problem.get("state") in DECIDED:
        return "accepted"
    if row["gone_since_at"] is not None:
        return STOPPED if problem.get("severity") == "warning" else "gone"
    return "new" if is_new and row["former_label"] is None else "renamed"

"""Single records as ops engineers see them: what is set aside by reason, problems with the partners they concern.

For a Viewer of few organizations only what is about one of these exists.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mappings.canonical import STAGED_KINDS, record_key
from warehouse.errors import NotFound
from warehouse.queries.affected import affected_partners

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

GROUPS: Final = """
SELECT c.source, c.quarantine AS rule, count(*) AS records, count(DISTINCT c.stream) AS streams,
min(c.stream) AS stream, min(r.landed_at) AS oldest_at, max(r.landed_at) AS newest_at,
sum(CASE WHEN r.quarantine IS NULL THEN 1 ELSE 0 END) AS replayable,
sum(CASE WHEN c.staged_raw_id = -1 THEN 1 ELSE 0 END) AS waiting,
sum(CASE WHEN e.state = 'discarded' THEN 1 ELSE 0 END) AS discarded,
max(e.happened) AS happened, max(e.to_do) AS to_do
FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id
LEFT JOIN sync_error e ON e.source = c.source AND e.stream = c.stream AND e.source_id = c.source_id
AND e.code = c.quarantine
WHERE c.quarantine IS NOT NULL GROUP BY c.source, c.quarantine ORDER BY count(*) DESC, c.source, c.quarantine
"""
SET_ASIDE: Final = """
SELECT c.source, c.stream, c.source_id, c.raw_id, c.quarantine AS rule, c.op, r.quarantine AS arrived, r.landed_at,
c.staged_raw_id, e.happened, e.to_do, e.state, e.sample, e.field, e.fingerprint, e.decided_by, e.reason
FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id
LEFT JOIN sync_error e ON e.source = c.source AND e.stream = c.stream AND e.source_id = c.source_id
AND e.code = c.quarantine
WHERE c.quarantine IS NOT NULL AND c.source = ? AND c.quarantine = ?
AND (c.stream > ? OR (c.stream = ? AND c.source_id > ?)) ORDER BY c.stream, c.source_id LIMIT ?
"""
RANK: Final = "CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END"
PROBLEMS: Final = f"""
SELECT {RANK} AS rank, severity, state, stage, source, stream, source_id, code, field, happened, to_do, sample, count,
first_seen_at, last_seen_at, first_run_id, last_run_id, fingerprint, decided_at, decided_by, reason
FROM sync_error WHERE {{where}} ORDER BY {RANK}, last_seen_at DESC, fingerprint LIMIT ?
"""
VERSIONS: Final = """
SELECT raw_id, op, content_hash, version, winner_id, quarantine, run_id, landed_at, redacted_at, redaction,
length(payload) AS bytes FROM raw_record WHERE source = ? AND stream = ? AND source_id = ?
ORDER BY raw_id DESC LIMIT ?
"""
HIDDEN_COLUMNS: Final = frozenset({"record", "source", "stream", "source_id", "raw_id", "rules"})


def key_of(row: dict[str, Any]) -> str:
    """`source/stream/id` of a row, or as much of it as there is."""
    return "/".join(part for part in (row["source"], row["stream"], row["source_id"]) if part)


def visible(
    viewer: Viewer, connection: Connection, records: Iterable[str]
) -> dict[str, list[dict[str, Any]]] | None:
    """Record → partners it is about, as far as the viewer may know of them."""
    found = affected_partners(connection, records)
    return {
        record: [each for each in partners if viewer.may_see(each["organization_id"])]
        for record, partners in found.items()
    }


def with_partners(
    viewer: Viewer, connection: Connection, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows with `record` and `partners`; without those a viewer of few organizations may not know of."""
    keys = {key_of(row) for row in rows if row["source_id"]}
    partners = visible(viewer, connection, keys) or {}
    found = [{**row, "record": key_of(row), "partners": partners.get(key_of(row), [])} for row in rows]
    return found if viewer.organizations is None else [row for row in found if row["partners"]]


def quarantine_groups(viewer: Viewer, connection: Connection) -> list[dict[str, Any]]:
    """What is set aside by source and reason, the most frequent first. Whoever may not see all sees no groups."""
    return connection.records(GROUPS) if viewer.organizations is None else []


def set_aside_for(
    viewer: Viewer,
    connection: Connection,
    group: tuple[str, str],
    after: tuple[str, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Records of one source that are set aside for one reason, by stream and id, with the partners they are about."""
    stream, source_id = after or ("", "")
    rows = connection.records(SET_ASIDE, (*group, stream, stream, source_id, limit))
    return with_partners(viewer, connection, rows)


def problems_for(
    viewer: Viewer,
    connection: Connection,
    wanted: dict[str, str],
    after: tuple[str, str, str] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Problems, the gravest and newest first, with the partners they concern.

    wanted: column of `sync_error` → value (severity, source, state, code, run); empty values narrow nothing.
    """
    tests: list[str] = ["1 = 1"]
    values: list[Any] = []
    for name in ("severity", "source", "state", "code"):
        if wanted.get(name):
            tests.append(f"{name} = ?")
            values.append(wanted[name])
    if wanted.get("run"):
        tests.append("(last_run_id = ? OR first_run_id = ?)")
        values += [wanted["run"]] * 2
    if after:
        rank, seen, mark = after
        tests.append(
            f"({RANK} > ? OR ({RANK} = ? AND (last_seen_at < ? OR (last_seen_at = ? AND fingerprint > ?))))"
        )
        values += [int(rank), int(rank), seen, seen, mark]
    rows = connection.records(PROBLEMS.format(where=" AND ".join(tests)), (*values, limit))
    return with_partners(viewer, connection, rows)


def lacking_partners(viewer: Viewer, connection: Connection, limit: int = 500) -> list[dict[str, Any]]:
    """Which partners lack what: organization_id, name and the open errors about records of theirs, most first.

    Looks at the newest open errors only; a record that never could be read belongs to nobody yet.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in problems_for(viewer, connection, {"severity": "error", "state": "open"}, limit=limit):
        for each in row["partners"]:
            entry = found.setdefault(each["organization_id"], {**each, "problems": []})
            entry["problems"].append(row)
    return sorted(found.values(), key=lambda each: (-len(each["problems"]), each["name"] or ""))


def problem_sums(connection: Connection) -> list[dict[str, Any]]:
    """How many problems there are by severity, source and state."""
    return connection.records(
        "SELECT severity, source, state, count(*) AS problems FROM sync_error GROUP BY severity, source, state"
        " ORDER BY severity, source, state"
    )


def problems_of_record(
    viewer: Viewer, connection: Connection, place: tuple[str, str, str]
) -> list[dict[str, Any]]:
    """Problems of one record, the newest first."""
    if not may_see_record(viewer, connection, place):
        return []
    return connection.records(
        "SELECT severity, state, stage, code, field, happened, to_do, count, first_seen_at, last_seen_at, last_run_id,"
        " decided_by, reason, fingerprint FROM sync_error WHERE source = ? AND stream = ? AND source_id = ?"
        " ORDER BY last_seen_at DESC, fingerprint",
        place,
    )


def record_versions(
    viewer: Viewer, connection: Connection, place: tuple[str, str, str], limit: int = 50
) -> list[dict[str, Any]]:
    """Every version of one source record that arrived, the newest first; `hash` as text. Raises NotFound."""
    rows = connection.records(VERSIONS, (*place, limit)) if may_see_record(viewer, connection, place) else []
    if not rows:
        raise NotFound(
            do="`partnerhub quarantine ls` and the errors name records that exist.",
            happened=f"No record {'/'.join(place)} ever arrived.",
        )
    return [{**row, "hash": bytes(row.pop("content_hash")).hex()} for row in rows]


def may_see_record(viewer: Viewer, connection: Connection, place: tuple[str, str, str]) -> bool:
    """Whether a record is about something the viewer may know of."""
    if viewer.organizations is None:
        return True
    record = record_key(*place)
    return bool((visible(viewer, connection, [record]) or {}).get(record))


def payload_for(
    viewer: Viewer, connection: Connection, place: tuple[str, str, str], raw_id: int
) -> bytes | None:
    """What arrived as one version of one record; None when it was redacted, carried nothing or is another's."""
    if not may_see_record(viewer, connection, place):
        return None
    found = connection.one(
        "SELECT payload FROM raw_record WHERE raw_id = ? AND source = ? AND stream = ? AND source_id = ?",
        (raw_id, *place),
    )
    return None if found is None or found[0] is None else bytes(found[0])


def staged_of(
    viewer: Viewer, connection: Connection, place: tuple[str, str, str]
) -> list[tuple[str, dict[str, Any]]]:
    """What the mapping made of a record, by kind: (kind, fields that say something); parts of it follow it."""
    if not may_see_record(viewer, connection, place):
        return []
    record = record_key(*place)
    found: list[tuple[str, dict[str, Any]]] = []
    for kind in STAGED_KINDS:
        rows = connection.records(
            f"SELECT * FROM staged_{kind.kind_name} WHERE record = ? OR (record > ? AND record < ?) ORDER BY record",
            (record, f"{record}#", f"{record}$"),
        )
        for row in rows:
            fields = {name: shown(value) for name, value in row.items() if said(name, value)}
            found.append((kind.kind_name, {"record": row["record"], **fields}))
    return found


def said(name: str, value: Any) -> bool:
    """Whether a column says something about the record itself."""
    return name not in HIDDEN_COLUMNS and value not in (None, "", "[]", "{}")


def shown(value: Any) -> Any:
    """A stored value as a page prints it."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def is_mail(connection: Connection, place: tuple[str, str, str]) -> bool:
    """Whether a record is an e-mail, whatever system it came from."""
    record = record_key(*place)
    found = connection.one(
        "SELECT 1 FROM staged_touchpoint WHERE kind = 'email' AND (record = ? OR (record > ? AND record < ?)) LIMIT 1",
        (record, f"{record}#", f"{record}$"),
    )
    return found is not None

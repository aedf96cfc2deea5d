"""The list of problems a person may want to see: open ones first by severity, then the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from warehouse.database import Connection

SEVERITIES = ("error", "warning", "finding")
FIELD_CODES = ("field_gone", "field_renamed", "field_retyped")
"""Codes of what is told about fields that went away, are called otherwise or hold other values at their source."""


def list_problems(
    connection: Connection,
    *,
    sources: tuple[str, ...] = (),
    severities: tuple[str, ...] = SEVERITIES,
    closed: bool = False,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Problems as rows of `sync_error`, worst and newest first. `closed`: also resolved and discarded ones."""
    tests, values = condition(sources, severities, closed=closed)
    return connection.records(
        "SELECT severity, state, stage, source, stream, source_id, code, field, happened, to_do, sample, count,"
        f" first_seen_at, last_seen_at, fingerprint FROM sync_error WHERE {tests}"
        " ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, last_seen_at DESC, fingerprint"
        " LIMIT ?",
        (*values, limit),
    )


def count_problems(
    connection: Connection, *, sources: tuple[str, ...] = (), closed: bool = False
) -> list[dict[str, Any]]:
    """How many problems there are by severity, source, stream and code, the most frequent first."""
    tests, values = condition(sources, SEVERITIES, closed=closed)
    return connection.records(
        "SELECT severity, source, stream, code, field, count(*) AS records, max(last_seen_at) AS last_seen_at,"
        f" min(to_do) AS to_do FROM sync_error WHERE {tests} GROUP BY severity, source, stream, code, field"
        " ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, records DESC, source, stream,"
        " code, field",
        values,
    )


def condition(
    sources: tuple[str, ...], severities: tuple[str, ...], *, closed: bool
) -> tuple[str, tuple[str, ...]]:
    """The WHERE clause and its values."""
    tests = [f"severity IN ({', '.join('?' * len(severities))})"]
    if sources:
        tests.append(f"source IN ({', '.join('?' * len(sources))})")
    if not closed:
        tests.append("state = 'open'")
    return " AND ".join(tests), (*severities, *sources)


def field_notes(connection: Connection, *, sources: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Open problems about fields that are not what they were at their source, as rows of `sync_error`."""
    tests, values = condition(sources, SEVERITIES, closed=False)
    return connection.records(
        "SELECT severity, source, stream, code, field, happened, to_do, first_seen_at FROM sync_error"
        f" WHERE {tests} AND code IN ({', '.join('?' * len(FIELD_CODES))})"
        " ORDER BY CASE severity WHEN 'warning' THEN 1 ELSE 2 END, source, stream, field",
        (*values, *FIELD_CODES),
    )


def quarantine_reasons(connection: Connection) -> dict[str, dict[str, int]]:
    """Source → reason → how many records are set aside for it now, the most frequent first."""
    rows = connection.query(
        "SELECT source, quarantine, count(*) FROM raw_current WHERE quarantine IS NOT NULL"
        f" AND op IN {LIVE} GROUP BY source, quarantine ORDER BY source, count(*) DESC, quarantine"
    )
    found: dict[str, dict[str, int]] = {}
    for source, reason, count in rows:
        found.setdefault(source, {})[reason] = count
    return found

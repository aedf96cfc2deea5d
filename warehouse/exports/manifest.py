"""What stands beside exported tables: a manifest of what is in them, and a Frictionless data package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.marts import Column, Mart

FORMAT: Final = 1
PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
READINGS: Final = """
SELECT s.source, s.stream, s.run_id, s.state, s.finished_at FROM stream_run s
WHERE s.started_at = (SELECT max(o.started_at) FROM stream_run o WHERE o.source = s.source AND o.stream = s.stream
AND o.state = 'complete') AND s.state = 'complete' ORDER BY s.source, s.stream
"""
NEWEST: Final = (
    "SELECT run_id, state, started_at, finished_at FROM sync_run ORDER BY started_at DESC, run_id LIMIT 1"
)
FRICTIONLESS: Final = {
    "text": "string",
    "json": "string",
    "integer": "integer",
    "decimal": "number",
    "float": "number",
    "boolean": "boolean",
    "time": "datetime",
    "date": "date",
}
MEDIA: Final = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}


def runs_behind(connection: Connection) -> dict[str, Any]:
    """Which runs what is exported comes from: the newest one, and of every stream the last that came through."""
    newest = connection.records(NEWEST)
    return {"newest_run": newest[0] if newest else None, "streams": connection.records(READINGS)}


def manifest(
    facts: dict[str, Any], runs: dict[str, Any], tables: Sequence[dict[str, Any]], beside: Iterable[str]
) -> dict[str, Any]:
    """The manifest: how it was made, from which runs, and every file with its rows, bytes and sha256."""
    return {"manifest": FORMAT, **facts, "runs": runs, "tables": list(tables), "beside": sorted(beside)}


def data_package(
    name: str, made_at: str, kind: str, tables: Sequence[tuple[Mart, dict[str, Any]]]
) -> dict[str, Any]:
    """The same for whoever reads Frictionless packages (v2): a resource a table."""
    return {
        "$schema": PROFILE,
        "name": name,
        "title": "Partner Hub",
        "created": made_at,
        "resources": [resource(mart, table, kind) for mart, table in tables],
    }


def resource(mart: Mart, table: dict[str, Any], kind: str) -> dict[str, Any]:
    """One table of a data package."""
    files = [each["path"] for each in table["files"]]
    only = table["files"][0] if len(files) == 1 else None
    own = {"hash": f"sha256:{only['sha256']}", "bytes": only["bytes"]} if only else {}
    return {
        "name": mart.name,
        "title": mart.grain,
        "description": mart.over_time,
        "path": files[0] if only else files,
        "format": kind,
        "mediatype": MEDIA[kind],
        **({"encoding": "utf-8"} if kind == "csv" else {}),
        **own,
        "schema": {
            "fields": [field(column, mart) for column in mart.columns],
            "primaryKey": list(mart.key),
            **({"missingValues": [""]} if kind == "csv" else {}),
        },
    }


def field(column: Column, mart: Mart) -> dict[str, Any]:
    """One column of a data package."""
    needed = {"constraints": {"required": True}} if column.required or column.name in mart.key else {}
    tags = {"tags": sorted(column.tags)} if column.tags else {}
    return {
        "name": column.name,
        "type": FRICTIONLESS[column.type],
        "description": column.says,
        **needed,
        **tags,
    }

"""What an event says: a run of our job `sync`, streams as inputs, published tables as outputs. Facts, no delivery.

Written by hand after version 2-0-2 of the specification: five small shapes need no client with two HTTP libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from partnerhub import __version__
from warehouse.bulk import among
from warehouse.marts import MARTS
from warehouse.marts.streams import stream_marts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnerhub.config import HubConfig
    from warehouse.database import Connection
    from warehouse.marts import Mart

SPECIFICATION: Final = "https://openlineage.io/spec"
EVENT: Final = f"{SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/RunEvent"
PRODUCER: Final = f"urn:partnerhub:{__version__}"
FACETS: Final = {
    "schema": "1-2-0/SchemaDatasetFacet",
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "inputStatistics": "1-0-0/InputStatisticsInputDatasetFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
}
"""Name of a facet → its version and shape."""
JOB: Final = "sync"
ENDS: Final = {"complete": "COMPLETE", "incomplete": "COMPLETE"}
"""State of a run → how it ended; every other one failed. What an incomplete one read is published."""
STREAMS: Final = """
SELECT r.source, r.stream, r.read, r.landed, r.error_happened, s.connector FROM stream_run r
LEFT JOIN source s ON s.source = r.source WHERE r.run_id = ? ORDER BY r.source, r.stream
"""
ORIGINS: Final = """
SELECT table_name, column_name, source, stream, source_path, cleaner FROM lineage_column
WHERE {those} AND source_path IS NOT NULL ORDER BY table_name, column_name, source, stream
"""


def began(config: HubConfig, run_id: str, at: str) -> dict[str, Any]:
    """A run begins; what it will read is not known yet."""
    return event(config, run_id, "START", at)


def ended(connection: Connection, config: HubConfig, run_id: str, state: str, at: str) -> dict[str, Any]:
    """A run is over: what it read of each stream, and the tables made of that, with where each column comes from."""
    streams = connection.records(STREAMS, (run_id,))
    told = event(config, run_id, ENDS.get(state, "FAIL"), at)
    failures = [
        f"{row['source']}/{row['stream']}: {row['error_happened']}"
        for row in streams
        if row["error_happened"]
    ]
    if told["eventType"] == "FAIL":
        message = "; ".join(failures) or f"The run is {state}."
        told["run"]["facets"] = {
            "errorMessage": facet("errorMessage", message=message, programmingLanguage="Python")
        }
    told["inputs"] = [read_stream(row) for row in streams]
    told["outputs"] = list(tables(connection, config, streams))
    return told


def event(config: HubConfig, run_id: str, kind: str, at: str) -> dict[str, Any]:
    """What every event says."""
    job_type = facet("jobType", processingType="BATCH", integration="PARTNERHUB", jobType="JOB")
    return {
        "eventType": kind,
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": EVENT,
        "run": {"runId": run_id},
        "job": {"namespace": config.lineage.namespace, "name": JOB, "facets": {"jobType": job_type}},
        "inputs": [],
        "outputs": [],
    }


def facet(name: str, **said: Any) -> dict[str, Any]:
    """One facet with its schema."""
    shape = FACETS[name]
    url = f"{SPECIFICATION}/facets/{shape}.json#/$defs/{shape.partition('/')[2]}"
    return {"_producer": PRODUCER, "_schemaURL": url, **said}


def read_stream(row: Mapping[str, Any]) -> dict[str, Any]:
    """One stream of a source as an input."""
    statistics = facet("inputStatistics", rowCount=int(row["read"]))
    return {
        "namespace": space_of(row["source"], row["connector"]),
        "name": row["stream"],
        "inputFacets": {"inputStatistics": statistics},
    }


def space_of(source: str, connector: str | None) -> str:
    """The namespace of a source's streams: `hubspot://crm`."""
    return f"{connector or 'source'}://{source}"


def tables(
    connection: Connection, config: HubConfig, streams: Iterable[Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    """The tables that what was read has a part in: the views of these streams, and marts chosen from their kinds."""
    landed = {(row["source"], row["stream"]): int(row["landed"]) for row in streams}
    spaces = {row["source"]: space_of(row["source"], row["connector"]) for row in streams}
    columns: dict[str, dict[str, list[dict[str, Any]]]] = {}
    written: dict[str, int] = {}
    those, values = among(connection, "source", sorted(spaces))
    for table, column, source, stream, path, cleaner in connection.query(ORIGINS.format(those=those), values):
        if (source, stream) not in landed:
            continue
        found = columns.setdefault(table, {}).setdefault(column, [])
        found += [input_field(spaces[source], stream, each, cleaner) for each in str(path).split(", ")]
        if table.startswith("stg_"):
            written[table] = landed[source, stream]
    space, prefix = where(config)
    for mart in (*MARTS, *stream_marts(connection)):
        if mart.name in columns:
            yield output(mart, (space, prefix), columns[mart.name], written.get(mart.name))


def input_field(namespace: str, stream: str, path: str, cleaner: str | None) -> dict[str, Any]:
    """A field of a stream that a column is read from."""
    how = {
        "type": "DIRECT",
        "subtype": "TRANSFORMATION" if cleaner else "IDENTITY",
        "description": cleaner or "",
    }
    return {
        "namespace": namespace,
        "name": stream,
        "field": path,
        "transformations": [{**how, "masking": False}],
    }


def output(
    mart: Mart, place: tuple[str, str], columns: Mapping[str, list[dict[str, Any]]], rows: int | None
) -> dict[str, Any]:
    """One table with its columns, where they come from, and for the view of a stream how many rows were written."""
    fields = [{"name": each.name, "type": each.type, "description": each.says} for each in mart.columns]
    lineage = {name: {"inputFields": found} for name, found in columns.items()}
    told: dict[str, Any] = {
        "namespace": place[0],
        "name": f"{place[1]}{mart.name}",
        "facets": {
            "schema": facet("schema", fields=fields),
            "documentation": facet("documentation", description=mart.grain),
            "columnLineage": facet("columnLineage", fields=lineage),
        },
    }
    if rows is not None:
        told["outputFacets"] = {"outputStatistics": facet("outputStatistics", rowCount=rows)}
    return told


def where(config: HubConfig) -> tuple[str, str]:
    """Namespace and beginning of the name of our tables; on PostgreSQL as the specification names them."""
    if config.warehouse_url.startswith("sqlite"):
        return config.lineage.namespace, ""
    found = urlsplit(config.warehouse_label)
    return (
        f"postgres://{found.hostname or 'localhost'}:{found.port or 5432}",
        f"{found.path.lstrip('/')}.marts.",
    )

"""The field catalogue: every mapping row as data teams read it."""

from __future__ import annotations

from typing import NamedTuple

from mappings.plan import NO_OVERRIDES, Overrides, effective_rows, variants_with
from mappings.rows import Mapping, StreamMapping


class CatalogRow(NamedTuple):
    """One source field and where it goes. `owner` (system of record) is blank until a deployment names one."""

    source: str
    stream: str
    path: str
    kind: str
    target: str
    cleaner: str
    required: bool
    owner: str = ""


def field_catalog(
    mapping: Mapping, overrides: dict[str, Overrides] | None = None, source: str = ""
) -> list[CatalogRow]:
    """The rows that apply, by stream and in mapping order.

    overrides: a deployment's `fields:` by stream. source: the source's name, else the connector's. Streams that only
    Python fills, and what ends as `custom.*`, have one row each without a target field.
    """
    by_stream = overrides or {}
    streams = dict(mapping.streams)
    if mapping.default is not None:
        streams["*"] = mapping.default
    rows: list[CatalogRow] = []
    for name, stream in streams.items():
        rows.extend(
            _stream_rows(source or mapping.connector, name, stream, by_stream.get(name, NO_OVERRIDES))
        )
    return rows


def _stream_rows(source: str, name: str, stream: StreamMapping, overrides: Overrides) -> list[CatalogRow]:
    if stream.choose:
        found = variants_with(stream, overrides).values()
        return list(
            dict.fromkeys(row for each, own in found for row in _stream_rows(source, name, each, own))
        )
    kind = stream.kind or ""
    prefix = f"{stream.base}." if stream.base else ""
    rows = [
        CatalogRow(source, name, _shown(row.path, prefix), kind, row.target, row.clean, row.required)
        for row in effective_rows(stream, overrides)
    ]
    if kind:
        rows.append(CatalogRow(source, name, f"{prefix}*", kind, "custom.*", "json", required=False))
    if stream.extra:
        rows.append(
            CatalogRow(source, name, "*", kind, "", f"python:{stream.extra.__name__}", required=False)
        )
    return rows


def _shown(path: str, prefix: str) -> str:
    return path.removeprefix("$.") if path.startswith("$.") else f"{prefix}{path}"

"""The field catalogue: every mapping row as data teams read it."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from itertools import chain
from typing import Any, Final, NamedTuple

from mappings.clean.text import border_text
from mappings.plan import NO_OVERRIDES, Overrides, effective_rows, leaves_over, ready_plan, variants_with
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


CUSTOM: Final = "custom."


class CustomField(NamedTuple):
    """A field without a staged name. key: in `custom_json`; label: what people call it; cleaner: of a row, else empty.

    path: the source field.
    """

    key: str
    label: str
    path: str
    cleaner: str = ""


def custom_fields(
    stream: StreamMapping,
    overrides: Overrides,
    described: MappingABC[str, str],
    settings: MappingABC[str, Any],
) -> list[CustomField]:
    """The custom fields a stream may have: those a deployment names, then those no row reads and nobody leaves out.

    described: the fields the source says there are, with what people call them.
    """
    if stream.choose:
        variants = variants_with(stream, overrides).values()
        several = [custom_fields(each, own, described, settings) for each, own in variants]
        inner = [{field.key for field in found} for found in several]
        shared = set.intersection(*inner) if inner else set()
        # What only one of the things reads is no field of its own anywhere.
        return [
            field
            for field in dict.fromkeys(chain.from_iterable(several))
            if field.key in shared or field.cleaner
        ]
    if not stream.kind:
        return []
    rows = effective_rows(stream, overrides)
    plan = ready_plan(stream, rows)
    named = [
        CustomField(row.target.removeprefix(CUSTOM), "", row.path, row.clean)
        for row in rows
        if row.target.startswith(CUSTOM)
    ]
    read = set(stream.reads(tuple(described), settings)) if stream.reads else set()
    by_label = bool(stream.names or stream.listed)
    left = [
        CustomField(label if by_label else border_text(name), label, name)
        for name, label in described.items()
        if name not in read and leaves_over(plan, name)
    ]
    return list({field.key: field for field in (*left, *named)}.values())


def _shown(path: str, prefix: str) -> str:
    return path.removeprefix("$.") if path.startswith("$.") else f"{prefix}{path}"

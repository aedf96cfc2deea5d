"""The columns of staged assets, and the fields of raw assets each is read from, as Dagster shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg

from connectors.errors import FixSetup
from mappings.canonical import STAGED_KINDS
from mappings.catalog import field_catalog
from mappings.discover import mapping_for, stream_mapping_for
from mappings.rows import Mapping
from pipelines.defs.sources import raw_key, stream_names
from pipelines.settings import stage_settings
from pipelines.stage.rules import holds_organizations
from warehouse.marts.streams import type_of_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mappings.catalog import CatalogRow
    from partnerhub.config import HubConfig

SCHEMA, LINEAGE = "dagster/column_schema", "dagster/column_lineage"


def column_metadata(config: HubConfig) -> dict[str, dict[str, Any]]:
    """Of every staged kind its columns, and from which fields of which streams the mappings read them."""
    read: dict[str, dict[str, list[dg.TableColumnDep]]] = {}
    for source, stream, row in rows_of(config):
        deps = read.setdefault(row.kind, {}).setdefault(row.target, [])
        dep = dg.TableColumnDep(asset_key=raw_key(source, stream), column_name=row.path)
        if dep not in deps:
            deps.append(dep)
    return {
        kind.kind_name: {
            SCHEMA: dg.TableSchema([column(name, field) for name, field in kind.model_fields.items()]),
            LINEAGE: dg.TableColumnLineage(
                {
                    name: deps
                    for name, deps in read.get(kind.kind_name, {}).items()
                    if name in kind.model_fields
                }
            ),
        }
        for kind in STAGED_KINDS
    }


def column(name: str, field: Any) -> dg.TableColumn:
    """One canonical field as a column."""
    return dg.TableColumn(name, type_of_field(name, field.annotation), field.description)


def rows_of(config: HubConfig) -> Iterator[tuple[str, str, CatalogRow]]:
    """Every row of every mapping that names a field, as this deployment has it."""
    settings = stage_settings(config)
    for source, rules in settings.sources.items():
        mapping = mapping_for(rules.connector).with_settings(rules.settings)
        for stream in stream_names(config, source):
            found = stream_mapping_for(mapping, stream)
            if found is None:
                continue
            overrides = config.sources[source].fields_of(stream, organizations=holds_organizations(found))
            alone = Mapping(rules.connector, {stream: found})
            try:
                rows = field_catalog(alone, {stream: overrides}, source)
            except FixSetup:
                continue  # staging tells it, stream by stream
            yield from ((source, stream, row) for row in rows if row.kind and row.target)

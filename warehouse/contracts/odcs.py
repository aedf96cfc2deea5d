"""A mart as a data contract by the Open Data Contract Standard, version 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from warehouse.marts.mart import LINEAGE, STORED

if TYPE_CHECKING:
    from warehouse.marts import Column, Mart

Contract: TypeAlias = dict[str, Any]

STANDARD: Final = "v3.1.0"
FIRST: Final = "1.0.0"
LOGICAL: Final = {
    "text": "string",
    "json": "string",
    "integer": "integer",
    "decimal": "number",
    "float": "number",
    "boolean": "boolean",
    "time": "timestamp",
    "date": "date",
}
"""Type of a column → its logical type in the standard."""
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "time": {"timezone": True, "defaultTimezone": "Etc/UTC"},
}
LIMITS: Final = "Columns are only added within a major version. Amounts are never added up across currencies."


def contract_of(mart: Mart, version: str = FIRST) -> Contract:
    """The contract of a mart. The same mart and version give the same contract."""
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"partner-hub.{mart.name}",
        "name": mart.name,
        "version": version,
        "status": "active",
        "domain": "partners",
        "dataProduct": "partner-hub",
        "description": {"purpose": mart.grain, "usage": mart.over_time, "limitations": LIMITS},
        "schema": [schema_of(mart)],
    }


def schema_of(mart: Mart) -> dict[str, Any]:
    """Its one table."""
    parted = {"property": "exportPartitionedByMonthOf", "value": mart.by_month}
    return {
        "name": mart.name,
        "physicalName": mart.name,
        "logicalType": "object",
        "physicalType": "view",
        "description": mart.grain,
        "dataGranularityDescription": mart.grain,
        "properties": [property_of(column, mart) for column in mart.columns],
        "quality": [
            {
                "name": "key_is_unique",
                "type": "library",
                "metric": "duplicateValues",
                "arguments": {"properties": list(mart.key)},
                "mustBe": 0,
                "dimension": "uniqueness",
                "severity": "error",
                "description": "No two rows have the same key.",
            }
        ],
        **({"customProperties": [parted]} if mart.by_month else {}),
    }


def property_of(column: Column, mart: Mart) -> dict[str, Any]:
    """One column."""
    is_key = column.name in mart.key
    found: dict[str, Any] = {
        "name": column.name,
        "logicalType": LOGICAL[column.type],
        "physicalType": STORED[column.type],
        "required": column.required or is_key,
        "description": column.says,
    }
    if column.type in OPTIONS:
        found["logicalTypeOptions"] = OPTIONS[column.type]
    if is_key:
        found |= {"primaryKey": True, "primaryKeyPosition": mart.key.index(column.name) + 1}
    if column.tags:
        found |= {"classification": "personal", "tags": sorted(column.tags)}
    elif column.name.startswith(LINEAGE):
        found["tags"] = ["lineage"]
    if column.of:
        found["transformSourceObjects"] = [column.of]
    return found

"""A mart as a data contract by the Open Data Contract Standard, version 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from warehouse.contracts.checks import COUNT, END
from warehouse.contracts.terms import USUAL, of_contract
from warehouse.marts.mart import LINEAGE, STORED
from warehouse.marts.then import said_of_the_past

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.contracts.terms import Terms
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
REFERS: Final = {
    "partner_id": "xref_partner_alias.alias_id",
    "contact_id": "dim_contact.contact_id",
    "owner_id": "dim_owner.owner_id",
    "touchpoint_id": "fct_touchpoint.touchpoint_id",
    "work_item_id": "fct_work_item.work_item_id",
    "deal_id": "fct_deal.deal_id",
    "happened_date": "dim_date.date_day",
    "measured_date": "dim_date.date_day",
    "date_month": "dim_date.date_day",
}
"""Column of any mart → what it names."""
UNBOUND: Final = frozenset({("fct_deal_history", "deal_id")})
"""But for these: the past of what is there no more."""
LIMITS: Final = "Columns are only added within a major version. Amounts are never added up across currencies."


def contract_of(mart: Mart, version: str = FIRST, terms: Terms = USUAL) -> Contract:
    """The contract of a mart. The same mart, version and terms give the same contract."""
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"partner-hub.{mart.name}",
        "name": mart.name,
        "version": version,
        "status": "active",
        "domain": "partners",
        "dataProduct": "partner-hub",
        "description": {
            "purpose": mart.grain,
            "usage": mart.over_time,
            "limitations": f"{LIMITS} {said_of_the_past(mart)}",
        },
        "schema": [schema_of(mart)],
        **of_contract(mart, terms),
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
        "quality": list(rules_of(mart)),
        **({"customProperties": [parted]} if mart.by_month else {}),
    }


def rules_of(mart: Mart) -> Iterator[dict[str, Any]]:
    """What must hold of its rows, beside what columns say themselves."""
    yield {
        "name": "key_is_unique",
        "type": "library",
        "metric": "duplicateValues",
        "arguments": {"properties": list(mart.key)},
        "mustBe": 0,
        "dimension": "uniqueness",
        "severity": "error",
        "description": "No two rows have the same key.",
    }
    names = {column.name for column in mart.columns}
    amounts = [each.name for each in mart.columns if each.type == "decimal" and "currency" in names]
    for name in amounts:
        yield in_sql(
            mart, f"{name}_has_currency", "conformity", "warning",
            f"Whoever states {name} states its currency.", f"{name} IS NOT NULL AND currency IS NULL",
        )  # fmt: skip
    if {"valid_from", "valid_to"} <= names:
        yield in_sql(
            mart, "no_end_before_its_beginning", "consistency", "error",
            "What ended had begun.", "valid_to < valid_from",
        )  # fmt: skip


def in_sql(mart: Mart, name: str, dimension: str, severity: str, says: str, breaks: str) -> dict[str, Any]:
    """A rule as a query that counts the rows that break it."""
    return {
        "name": name,
        "type": "sql",
        "query": f"{COUNT}SELECT {', '.join(mart.key)} FROM {mart.name} WHERE {breaks}{END}",
        "mustBe": 0,
        "dimension": dimension,
        "severity": severity,
        "description": says,
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
    target = REFERS.get(column.name, "")
    if target and target != f"{mart.name}.{column.name}" and (mart.name, column.name) not in UNBOUND:
        found["relationships"] = [{"type": "foreignKey", "to": target}]
    if column.of:
        found["transformSourceObjects"] = [column.of]
    return found

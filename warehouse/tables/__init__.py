"""Every table, by layer: raw, staged, identity, golden, ops, access. Importing this package fills `metadata`.

A table's name is unique across layers, so that one unqualified statement serves SQLite (one namespace) and PostgreSQL
(a schema per layer, all on the search path).
"""

from sqlalchemy import Table
from sqlmodel import SQLModel

from warehouse.layers import LAYERS, layer_of
from warehouse.tables import (
    access,
    asked,
    changes,
    finding,
    golden,
    ledger,
    measured,
    months,
    ops,
    past,
    raw,
    staged,
    staged_past,
)

metadata = SQLModel.metadata

__all__ = [
    "LAYERS",
    "access",
    "asked",
    "changes",
    "finding",
    "golden",
    "layer_of",
    "ledger",
    "measured",
    "metadata",
    "months",
    "ops",
    "past",
    "raw",
    "staged",
    "staged_past",
    "table",
]


def table(name: str) -> Table:
    """The table called `name`; raises KeyError for an unknown one."""
    return metadata.tables[name]

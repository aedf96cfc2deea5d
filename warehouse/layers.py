"""The layers of the warehouse, apart from its tables: importing those takes a second, which who only reads saves."""

from __future__ import annotations

from typing import Final

LAYERS: Final = ("raw", "staged", "identity", "golden", "ops", "access", "marts")
"""A schema each on PostgreSQL."""


def layer_of(name: str) -> str:
    """The layer (PostgreSQL schema) a table belongs to. Raises KeyError."""
    from warehouse.tables import metadata  # see above

    return str(metadata.tables[name].info["layer"])

"""A record's staged output as the tables take it: tuples, so that a chunk keeps no thousands of large dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mappings.canonical import STAGED_KINDS
from mappings.validate import row_validator

if TYPE_CHECKING:
    from mappings.rows import StagedOutput

TABLES = {kind.kind_name: f"staged_{kind.kind_name}" for kind in STAGED_KINDS}


class Packed(NamedTuple):
    """rows: per staged kind, each beginning with its record key. keys and participants: as in `StagedOutput`."""

    rows: dict[str, list[tuple[Any, ...]]]
    keys: list[tuple[str, str, str, str, str, str, str]]
    participants: list[tuple[str, int, str, str | None, str | None, str | None]]


def staged_columns(kind: str) -> tuple[str, ...]:
    """The columns of a staged table, in the order of the values in a packed row; the record key is the first."""
    return row_validator(kind).fields


def pack(output: StagedOutput) -> Packed:
    """What one record became, ready to be written."""
    return Packed(output.values, output.keys, output.participants)

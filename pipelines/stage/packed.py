"""A record's staged output as the tables take it: tuples in the order of their columns.

Packed while a record's rows are still at hand, so that a chunk keeps tuples of values and not thousands of large dicts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mappings.canonical import STAGED_KINDS
from warehouse import bulk

if TYPE_CHECKING:
    from mappings.rows import StagedOutput

TABLES = {kind.kind_name: f"staged_{kind.kind_name}" for kind in STAGED_KINDS}


class Packed(NamedTuple):
    """rows: per staged kind, each beginning with its record key. keys and participants: as in `StagedOutput`."""

    rows: dict[str, list[tuple[Any, ...]]]
    keys: list[tuple[str, str, str, str, str, str, str]]
    participants: list[tuple[str, int, str, str | None, str | None, str | None]]


@cache
def staged_columns(kind: str) -> tuple[str, ...]:
    """The columns of a staged table; the record key is the first."""
    return bulk.columns_of(TABLES[kind])


def pack(output: StagedOutput) -> Packed:
    """What one record became, ready to be written."""
    rows = {kind: bulk.rows_of(records, staged_columns(kind)) for kind, records in output.rows.items()}
    return Packed(rows, output.keys, output.participants)

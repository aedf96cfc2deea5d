"""What rules and mapping rows bring about: partners per rule, and how many staged records say something in a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mappings.canonical import STAGED_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

LOOKED_AT: Final = 10_000
"""Records of a stream whose fields are counted."""
KINDS: Final = {kind.kind_name: frozenset(kind.model_fields) for kind in STAGED_KINDS}


def partners_by_rule(viewer: Viewer, connection: Connection) -> dict[str, int]:
    """The rule as it stands beside partnerships → organizations that are partners by it."""
    where, values = viewer.within("organization_id")
    rows = connection.query(
        f"SELECT rule, count(DISTINCT organization_id) FROM partnership WHERE {where} GROUP BY rule"
        " ORDER BY count(*) DESC, rule",
        values,
    )
    return {rule: int(count) for rule, count in rows}


def filled(
    connection: Connection, source: str, stream: str, kind: str, fields: Iterable[str]
) -> tuple[int, dict[str, int]]:
    """How many staged records of a stream were looked at (10,000 at most), and how many say something, by field.

    Fields that are no column of the kind are left out.
    """
    if kind not in KINDS:
        return 0, {}
    names = [name for name in dict.fromkeys(fields) if name in KINDS[kind]]
    counts = "".join(f", count({name})" for name in names)
    found = connection.one(
        f"SELECT count(*){counts} FROM (SELECT * FROM staged_{kind} WHERE source = ? AND stream = ? LIMIT ?) s",
        (source, stream, LOOKED_AT),
    )
    looked_at, *by_field = found or (0,)
    return int(looked_at), {name: int(count) for name, count in zip(names, by_field, strict=True)}

"""What a staged record was compared with before it is staged anew: its old keys are about to go, and with them the way.

Two records that could both be meant keep a third one apart. Should one of them change, the others have to be looked at
again, and nothing but its old keys leads to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

SHARING_A_KEY = (
    "SELECT DISTINCT o.record, o.entity FROM rekeyed r CROSS JOIN key m CROSS JOIN key o"
    " WHERE m.record = r.record AND m.kind IN ('copy', 'crm_id') AND o.normalized = m.normalized AND o.kind = m.kind"
    " AND o.entity = m.entity AND o.record <> m.record"
)
COMPARED = {
    "deal": SHARING_A_KEY,
    "touchpoint": SHARING_A_KEY,
    "relation": (
        "SELECT DISTINCT s.from_record, 'person' FROM rekeyed r CROSS JOIN staged_relation s"
        " WHERE s.record = r.record AND s.kind = 'works_at'"
    ),
}
"""Per kind, (record, kind) of what its records were compared with; an employment is what persons are compared by."""


def compared_before(
    connection: Connection, kind: str, records: Sequence[tuple[str, ...]]
) -> list[tuple[str, str]]:
    """The (record, kind) pairs that have to be looked at again. Expects the old rows and keys still to stand."""
    if kind not in COMPARED or not records:
        return []
    bulk.load_keys(connection, "rekeyed", ("record",), [(row[0],) for row in records])
    return [(row[0], row[1]) for row in connection.query(COMPARED[kind])]

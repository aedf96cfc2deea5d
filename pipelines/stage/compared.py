"""What a staged record was compared with before it is staged anew: its old keys are about to go, and with them the way.

Two records that could both be meant keep a third one apart. Should one of them change, the others have to be looked at
again, and nothing but its old keys leads to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnerhub.identity.people import RARE
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

SHARING_A_KEY = (
    "SELECT DISTINCT o.record, o.entity FROM rekeyed r CROSS JOIN key m CROSS JOIN key o"
    " WHERE m.record = r.record AND m.kind IN ('copy', 'crm_id') AND o.normalized = m.normalized AND o.kind = m.kind"
    " AND o.entity = m.entity AND o.record <> m.record"
)
COLLEAGUES_OF_ONE_NAME = (
    " CROSS JOIN key m CROSS JOIN staged_relation here CROSS JOIN organization_link l"
    " CROSS JOIN organization_link too CROSS JOIN staged_relation there CROSS JOIN key o"
    " WHERE m.record = {person} AND m.kind = 'name' AND here.from_record = {person} AND here.kind = 'works_at'"
    " AND l.record = here.to_record AND l.ended_at IS NULL AND too.organization_id = l.organization_id"
    " AND too.ended_at IS NULL AND there.to_record = too.record AND there.kind = 'works_at'"
    " AND o.record = there.from_record AND o.kind = 'name' AND o.normalized = m.normalized AND o.record <> m.record"
)
OF_ONE_RARE_NAME = (
    "SELECT o.record, 'person' FROM rekeyed r CROSS JOIN key m CROSS JOIN key o"
    " WHERE m.record = r.record AND m.kind = 'name' AND m.entity = 'person'"
    " AND o.kind = 'name' AND o.normalized = m.normalized AND o.entity = 'person' AND o.record <> m.record"
    " AND NOT EXISTS (SELECT 1 FROM key k WHERE k.kind = 'name' AND k.normalized = m.normalized"
    f" AND k.entity = 'person' LIMIT 1 OFFSET {2 * RARE})"
)
COMPARED = {
    "deal": SHARING_A_KEY,
    "touchpoint": SHARING_A_KEY,
    "person": "SELECT DISTINCT o.record, 'person' FROM rekeyed r"
    + COLLEAGUES_OF_ONE_NAME.format(person="r.record")
    + f" UNION {OF_ONE_RARE_NAME}",
    "relation": "SELECT s.from_record, 'person' FROM rekeyed r CROSS JOIN staged_relation s"
    " WHERE s.record = r.record AND s.kind = 'works_at'"
    " UNION SELECT s.from_record, 'organization' FROM rekeyed r CROSS JOIN staged_relation s"
    " WHERE s.record = r.record AND s.kind IN ('merged_into', 'parent_of', 'branch_of')"
    " UNION SELECT o.record, 'person' FROM rekeyed r CROSS JOIN staged_relation s"
    + COLLEAGUES_OF_ONE_NAME.format(person="s.from_record")
    + " AND s.record = r.record AND s.kind = 'works_at'",
}
"""Per kind, (record, kind) of what its records were compared with: persons with those of their name, who work there or
are as rare; and of a relation whom it is about."""


def compared_before(
    connection: Connection, kind: str, records: Sequence[tuple[str, ...]]
) -> list[tuple[str, str]]:
    """The (record, kind) pairs that have to be looked at again. Expects the old rows and keys still to stand."""
    if kind not in COMPARED or not records:
        return []
    bulk.load_keys(connection, "rekeyed", ("record",), [(row[0],) for row in records])
    return [(row[0], row[1]) for row in connection.query(COMPARED[kind])]

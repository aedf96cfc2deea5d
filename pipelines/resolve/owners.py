"""Who looks after an organization in each system: what two people of one system look after is not joined by likeness.

Two accounts of one CRM with one site may be two partners, or one that two people call theirs: the hub asks. What stands
together stays together, though: an account that is handed to somebody else is the same partner as before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnerhub.identity.grouping import Guarded
    from warehouse.database import Connection

OWNERS: Final = """
SELECT s.record, s.source, s.owner_record FROM reached CROSS JOIN staged_organization s
WHERE s.record = reached.record AND s.owner_record IS NOT NULL
"""


def with_owners(
    connection: Connection, guarded: Mapping[str, Guarded], links: Mapping[str, str]
) -> dict[str, Guarded]:
    """The same with the owners of the records in the temporary table `reached`. links: record → its organization."""
    owned = [row for row in connection.query(OWNERS) if row[0] in guarded]
    owners: dict[tuple[str, str], set[str]] = {}
    for record, source, owner in owned:
        owners.setdefault((links.get(record, record), source), set()).add(owner)
    found = dict(guarded)
    for record, source, _ in owned:
        together = frozenset(owners[links.get(record, record), source])
        found[record] = replace(guarded[record], owners=(source, together))
    return found

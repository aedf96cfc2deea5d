"""What bare names, and the organizations they may mean, are called in the warehouse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mappings.clean.places import country_of
from partnerhub.identity.naming import said_country
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnerhub.identity.grouping import Guarded, Pair
    from warehouse.database import Connection

BLOCK: Final = "name:"
CALLED: Final = (
    "SELECT k.record, k.normalized, s.name FROM named CROSS JOIN key k CROSS JOIN staged_organization s"
    f" WHERE k.record = named.record AND k.kind = 'block' AND k.normalized LIKE '{BLOCK}%'"
    " AND s.record = named.record"
)


def with_names(
    connection: Connection, guarded: Mapping[str, Guarded], pairs: Iterable[Pair]
) -> dict[str, Guarded]:
    """The guards with the names of bare records and of all they are paired with; nobody else's matter.

    A name that says its country says more than a name does, so it is left out.
    """
    bare = {record for record, known in guarded.items() if known.mention}
    asked = {record for pair in pairs if pair.left in bare or pair.right in bare for record in pair[:2]}
    found = dict(guarded)
    if not asked:
        return found
    bulk.load_keys(connection, "named", ("record",), ((record,) for record in sorted(asked)))
    for record, value, shown in connection.query(CALLED):
        if said_country(shown, country_of)[0] is None:
            known = found[record]
            found[record] = replace(known, names=frozenset({*known.names, value.removeprefix(BLOCK)}))
    return found

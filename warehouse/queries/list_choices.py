"""What each filter of the list of partners can be set to."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from warehouse.queries.partner_list import OF_ONE_VALUE, UNSET
from warehouse.queries.partners import IS_PARTNER

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

BETWEEN_SERVICES: Final = re.compile(r"\s*[,;]\s*")
MOST_SERVICES: Final = 100
"""So many are offered, the commonest."""


def choices(viewer: Viewer, connection: Connection) -> dict[str, list[str]]:
    """What each filter can be set to, the commonest first for owners, else in order."""
    seen, ids = viewer.within("o.organization_id")
    found: dict[str, dict[str, int]] = {name: {} for name in OF_ONE_VALUE}
    for *values, count in connection.query(
        f"SELECT {', '.join(f'o.{name}' for name in OF_ONE_VALUE)}, count(*) FROM organization o"
        f" WHERE o.deleted_at IS NULL AND {IS_PARTNER} AND {seen} GROUP BY 1, 2, 3, 4",
        ids,
    ):
        for name, value in zip(OF_ONE_VALUE, values, strict=True):
            found[name][value or UNSET] = found[name].get(value or UNSET, 0) + count
    listed = {name: sorted(each, key=lambda value: (value == UNSET, value)) for name, each in found.items()}
    sources = connection.query("SELECT source FROM source ORDER BY source")
    programs = connection.query("SELECT DISTINCT program FROM partnership ORDER BY program")
    named = [row[0] for row in sources]
    return listed | {
        "source": named,
        "missing": named,
        "program": [row[0] for row in programs],
        "service": services_offered(viewer, connection),
    }


def services_offered(viewer: Viewer, connection: Connection) -> list[str]:
    """The commonest services of partners, by name, and `UNSET`; nothing where nobody says any."""
    seen, ids = viewer.within("o.organization_id")
    found: Counter[str] = Counter()
    for services, count in connection.query(
        "SELECT o.services, count(*) FROM organization o WHERE o.deleted_at IS NULL AND o.services IS NOT NULL"
        f" AND {IS_PARTNER} AND {seen} GROUP BY o.services",
        ids,
    ):
        for each in set(BETWEEN_SERVICES.split(services.strip())) - {""}:
            found[each] += int(count)
    named = sorted((each for each, _ in found.most_common(MOST_SERVICES)), key=str.casefold)
    return [*named, UNSET] if named else []

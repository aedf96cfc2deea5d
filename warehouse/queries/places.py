"""Where an organization is: the addresses its records state, its locations, and those of its branches."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.partner_list import Way, source_of, test_for
from warehouse.queries.relations import relations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection
    from warehouse.queries.partner_list import Wanted
    from warehouse.viewer import Viewer

MOST: Final = 200
SMALL: Final = 65_536
"""Bytes of a landed record in which coordinates are looked for; a deck that names a partner is far larger."""
ADDRESSES: Final = (
    "SELECT s.record, s.name, s.street, s.city, s.region, s.postcode, s.country, s.custom_json,"
    f" CASE WHEN length(r.payload) < {SMALL} THEN r.payload END AS payload"
    " FROM organization_link l JOIN staged_organization s ON s.record = l.record AND s.deleted_at IS NULL"
    " LEFT JOIN raw_record r ON r.raw_id = s.raw_id"
    " WHERE l.organization_id = ? AND l.ended_at IS NULL ORDER BY l.record LIMIT ?"
)
LOCATIONS: Final = (
    "SELECT p.record, p.name, p.street, p.city, p.region, p.postcode, p.country, p.latitude, p.longitude"
    " FROM organization_link l JOIN staged_location p ON p.organization_record = l.record AND p.deleted_at IS NULL"
    " WHERE l.organization_id = ? AND l.ended_at IS NULL ORDER BY p.record LIMIT ?"
)
BRANCHES: Final = (
    "SELECT organization_id, name, street, city, region, postcode, country FROM organization"
    " WHERE organization_id IN ({marks}) AND deleted_at IS NULL ORDER BY lower(name), organization_id"
)
BELOW: Final = frozenset({"head office of", "parent of"})
"""How an organization stands to those whose places are its own, too."""
TOWNS: Final = (
    "SELECT o.country, o.region, o.city, count(*) FROM {source} WHERE {test}"
    " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3"
)
LATITUDES: Final = ("latitude", "lat")
LONGITUDES: Final = ("longitude", "lng", "lon", "long")
NORTH_POLE, DATE_LINE = 90.0, 180.0


class Degrees(NamedTuple):
    """A point a source states."""

    latitude: float
    longitude: float


class Town(NamedTuple):
    """A town of the list of partners, as their addresses write it, and how many are there."""

    country: str | None
    region: str | None
    city: str | None
    partners: int


@dataclass(frozen=True, slots=True)
class Address:
    """One address. kind: `address` of a source record, `location`, or `branch` (an organization below this one).

    record: who states it, by key; the branch's id for a branch. stated: the point, where the source gives one.
    """

    kind: str
    record: str
    name: str
    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    stated: Degrees | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of where."""
        return not (self.city or self.country or self.street or self.stated)


def addresses(viewer: Viewer, connection: Connection, organization_id: str) -> list[Address]:
    """Every address of an organization, its own before those of its branches; what says nothing is left out."""
    own = viewer.only(organization_id)
    found = []
    for row in connection.records(ADDRESSES, (own, MOST)):
        custom, landed = json.loads(row.pop("custom_json") or "{}"), fields_of(row.pop("payload"))
        found.append(Address("address", **row, stated=stated_in(custom) or stated_in(landed)))
    for row in connection.records(LOCATIONS, (own, MOST)):
        point = degrees(row.pop("latitude"), row.pop("longitude"))
        found.append(Address("location", **{**row, "name": row["name"] or ""}, stated=point))
    below = [
        each.organization_id
        for each in relations(viewer, connection, organization_id)
        if each.words in BELOW and each.until is None
    ][:MOST]
    if below:
        rows = connection.records(BRANCHES.format(marks=", ".join("?" * len(below))), below)
        found += [Address("branch", row.pop("organization_id"), **row) for row in rows]
    return [each for each in found if not each.is_empty]


def fields_of(payload: bytes | str | None) -> dict[str, Any]:
    """The fields of a record as it landed, those a vendor keeps under `properties` beside its own."""
    if payload is None:
        return {}
    found = json.loads(payload if isinstance(payload, str) else bytes(payload))
    if not isinstance(found, dict):
        return {}
    inside = found.get("properties")
    return {**found, **inside} if isinstance(inside, dict) else found


def stated_in(custom: Mapping[str, Any]) -> Degrees | None:
    """The point among fields as a source names them: `BillingLatitude` and `BillingLongitude`, `lat` and `lng`."""
    plain = {"".join(filter(str.isalpha, name)).casefold(): value for name, value in custom.items()}
    for name, value in sorted(plain.items()):
        for ending in LATITUDES:
            if name.endswith(ending):
                start = name.removesuffix(ending)
                other = next((plain[start + each] for each in LONGITUDES if start + each in plain), None)
                if found := degrees(value, other):
                    return found
    return None


def degrees(latitude: object, longitude: object) -> Degrees | None:
    """Two values as a point on earth; None for what is none, and for 0, 0, which stands for nothing."""
    try:
        found = Degrees(float(str(latitude)), float(str(longitude)))
    except ValueError:
        return None
    if not all(map(math.isfinite, found)) or found == (0.0, 0.0):
        return None
    return found if abs(found.latitude) <= NORTH_POLE and abs(found.longitude) <= DATE_LINE else None


def towns(viewer: Viewer, connection: Connection, wanted: Wanted) -> list[Town]:
    """Where the partners of a list are, by town, the one with most of them first."""
    test = test_for(viewer, connection, wanted, Way.NAMED)
    statement = TOWNS.format(source=source_of(wanted, test), test=test.sql)
    return [Town(*row) for row in connection.query(statement, test.values)]

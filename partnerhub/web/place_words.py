"""Places as maps and tables show them: dots of one town together, sized by how many, and what could not be placed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from partnerhub.web.world import View, countries, folded, point_of, projected, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.queries.places import Address, Town

ONE_PLACE, MANY_PLACES = 34.0, 50.0
"""The smallest width of a map, in degrees: of a partner, and of a list."""
SMALLEST, LARGEST = 0.005, 0.018
"""Radius of a dot, by the map's width."""
MOST_DOTS: Final = 400
HOW: Final = {
    "source": "where its source says",
    "city": "the middle of the town",
    "country": "the middle of the country: the town is not known, or several bear its name",
    "": "not on the map: no country is known",
}


class Dot(NamedTuple):
    """One dot. words: what it stands for. how: of `HOW`; link: where it leads."""

    x: float
    y: float
    radius: float
    words: str
    how: str
    link: str = ""


class Map(NamedTuple):
    """A drawing. unplaced: how many of what is shown beside it have no dot."""

    view: View
    dots: Sequence[Dot]
    unplaced: int


@dataclass(slots=True)
class Place:
    """One place of an organization: what its addresses in one town have in common. how: of `HOW`."""

    words: str
    country: str
    how: str
    point: tuple[float, float] | None
    """Latitude and longitude."""
    addresses: list[Address] = field(default_factory=list)

    @property
    def streets(self) -> list[str]:
        """The different streets there."""
        return list(dict.fromkeys(each.street for each in self.addresses if each.street))


@dataclass(slots=True)
class TownOnMap:
    """One town of a list: how many partners, and what filters the list to them.

    spellings: what addresses call it, each with how many partners; city is the commonest.
    """

    city: str | None
    country: str | None
    partners: int
    how: str
    point: tuple[float, float] | None
    region: str | None = None
    """Where several towns of the country bear the name."""
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def also(self) -> list[str]:
        """What else it is called."""
        return [each for each, _ in self.spellings.most_common() if each != self.city]

    @property
    def words(self) -> str:
        """`Leeds, United Kingdom`."""
        name = f"{self.city} ({self.region})" if self.city and self.region else self.city
        return said(name, self.country) or "No place known"


def said(city: str | None, country: str | None) -> str:
    """A town as people write it."""
    return ", ".join(each for each in (city, country_name(country)) if each)


def country_name(code: str | None) -> str:
    """The country's name; its code where the hub does not know it."""
    known = countries().get(code or "")
    return known[2] if known else code or ""


def places_of(addresses: Iterable[Address]) -> list[Place]:
    """Addresses by town, in their order; one a source places stands beside those it does not, in the same town."""
    found: dict[tuple[str, str], Place] = {}
    for each in addresses:
        key = (
            (folded(each.city or ""), each.country or "") if each.city or each.country else (each.record, "")
        )
        point = point_of(each.country, each.city, each.region)
        how = "source" if each.stated else point.how if point else ""
        where = (each.stated or point or (None, None))[:2]
        place = found.setdefault(
            key,
            Place(said(each.city, each.country) or each.street or each.name, each.country or "", how, None),
        )
        place.addresses.append(each)
        if where[0] is not None and (place.point is None or (how == "source" and place.how != "source")):
            place.point, place.how = (float(where[0]), float(where[1] or 0.0)), how
    return list(found.values())


def map_of_places(places: Sequence[Place]) -> Map:
    """The map of one organization."""
    here = [(projected(*each.point), each) for each in places if each.point]
    view = view_of([point for point, _ in here], ONE_PLACE)
    dots = [Dot(x, y, view.width * (SMALLEST + LARGEST) / 2, each.words, each.how) for (x, y), each in here]
    return Map(view, dots, len(places) - len(dots))


def towns_on_map(towns: Iterable[Town]) -> list[TownOnMap]:
    """Towns with where they are; one town in two regions' words is one, and so is one under two names."""
    found: dict[tuple[str | None, str | None, tuple[float, float] | None], TownOnMap] = {}
    for each in towns:
        point = point_of(each.country, each.city, each.region)
        where = (point.latitude, point.longitude) if point else None
        is_town = point is not None and point.how == "city"
        key = (each.country, None if is_town else each.city, where)
        how, region = point.how if point else "", each.region or "region not said"
        town = found.setdefault(key, TownOnMap(each.city, each.country, 0, how, where, region))
        town.partners += each.partners
        if each.city:
            town.spellings[each.city] += each.partners
    for town in found.values():
        town.city = next((name for name, _ in town.spellings.most_common(1)), town.city)
    names = Counter((town.country, town.city) for town in found.values())
    for town in found.values():
        if names[town.country, town.city] == 1:
            town.region = None
    return sorted(found.values(), key=lambda town: (-town.partners, town.words.casefold()))


def map_of_towns(towns: Sequence[TownOnMap], links: Sequence[str]) -> Map:
    """The map of a list: the area of a dot is how many partners are in that town. The largest are drawn first."""
    placed = [(town, link) for town, link in zip(towns, links, strict=True) if town.point]
    shown = placed[:MOST_DOTS]
    where = [projected(*town.point) for town, _ in shown if town.point]
    view = view_of(where, MANY_PLACES)
    top = max((town.partners for town, _ in shown), default=1)
    dots = [
        Dot(
            x, y, view.width * (SMALLEST + (LARGEST - SMALLEST) * math.sqrt(town.partners / top)),
            f"{town.words}: {town.partners} partner{'' if town.partners == 1 else 's'}", town.how, link,
        )
        for (x, y), (town, link) in zip(where, shown, strict=True)
    ]  # fmt: skip
    return Map(view, dots, sum(town.partners for town in towns if not town.point))

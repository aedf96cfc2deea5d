"""Countries as names say them."""

from __future__ import annotations

from functools import lru_cache

from mappings.clean.places import clean_country
from mappings.clean.text import CACHED_VALUES
from mappings.clean.unreadable import Unreadable


@lru_cache(maxsize=CACHED_VALUES)
def country_of(text: str) -> str | None:
    """A text as an ISO 3166-1 alpha-2 code, None where it is no country."""
    try:
        return clean_country(text)
    except Unreadable:
        return None

"""Countries in many spellings, postcodes with their zeros."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.clean.places import ISO_COUNTRIES, clean_country, clean_postcode, clean_street
from mappings.clean.unreadable import Unreadable

COUNTRIES = [
    ("USA", "US"),
    ("U.S.A.", "US"),
    ("United States of America", "US"),
    ("UK", "GB"),
    ("England", "GB"),
    ("Deutschland", "DE"),
    ("Korea, Republic of", "KR"),
    ("South Korea", "KR"),
    ("the Netherlands", "NL"),
    ("Türkiye", "TR"),
    ("Czech Republic", "CZ"),
    ("Côte d'Ivoire", "CI"),
    ("Kosovo", "XK"),
    ("DEU", "DE"),
    ("fr", "FR"),
    ("Россия", "RU"),
    ("D", "DE"),
    ("Allemagne", "DE"),
]
POSTCODES = [
    ("01067", "DE", "01067"),
    ("sw1a1aa", "GB", "SW1A 1AA"),
    ("1012ab", "NL", "1012 AB"),
    ("k1a-0b1", "CA", "K1A 0B1"),
    ("12345 - 6789", "US", "12345-6789"),
    (1067, "DE", "1067"),
]


@pytest.mark.parametrize(("typed", "code"), COUNTRIES)
def test_country_by_many_names(typed, code):
    assert clean_country(typed) == code


@pytest.mark.parametrize("typed", ["Freedonia", "EU", "n/a", "??", "European Union"])
def test_what_is_no_country_is_unreadable(typed):
    with pytest.raises(Unreadable, match="unreadable_country"):
        clean_country(typed)


@pytest.mark.parametrize("code", sorted(ISO_COUNTRIES))
def test_every_code_is_itself(code):
    assert clean_country(code.lower()) == code


@pytest.mark.parametrize(("typed", "country", "code"), POSTCODES)
def test_postcode_keeps_zeros_and_gets_its_spacing(typed, country, code):
    assert clean_postcode(typed, country) == code


@given(st.text(max_size=12), st.sampled_from(["GB", "NL", "CA", "DE", None]))
def test_cleaning_twice_changes_nothing(typed, country):
    try:
        code = clean_postcode(typed, country)
        street = clean_street(typed)
    except Unreadable:
        return
    assert clean_postcode(code, country) == code
    assert clean_street(street) == street


def test_street_of_two_lines_is_one():
    assert clean_street("Main St 1\r\nFloor 2") == "Main St 1, Floor 2"

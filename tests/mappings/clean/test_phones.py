"""Phone numbers: E.164 by phonenumbers, and the short way that must never disagree with it."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from mappings.clean import phones
from mappings.clean.phones import clean_phone
from mappings.clean.unreadable import Unreadable

NUMBERS = [
    ("030 1234567", "DE", "+49301234567"),
    ("+49 (0)30 1234567", "DE", "+49301234567"),
    ("(212) 555-0123", "US", "+12125550123"),
    ("1-212-555-0123", "US", "+12125550123"),
    ("+1 212 555 0123 ext. 12", None, "+12125550123;ext=12"),
    ("0039 06 6982 1234", "DE", "+390669821234"),
    ("06 6982 1234", "IT", "+390669821234"),
    ("020 7946 0958", "GB", "+442079460958"),
    ("0049 30 1234567", "US", "+49301234567"),
    ("001 416 555 0285", None, "+14165550285"),
    ("8910196526", "BY", "+3758910196526"),  # begins like a trunk prefix and is none
    ("tel:+442079460958", None, "+442079460958"),
    ("+800 1234 5678", "US", "+80012345678"),
]
NO_NUMBERS = [
    ("call reception", "DE"),
    ("12", "DE"),
    ("030 1234567", None),
    ("+0 30 1234567", "DE"),
    ("n/a", "US"),
]
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize(("typed", "region", "e164"), NUMBERS)
def test_number_in_e164(typed, region, e164):
    assert clean_phone(typed, region) == e164
    assert clean_phone(e164, region) == e164


@pytest.mark.parametrize(("typed", "region"), NO_NUMBERS)
def test_what_is_no_number_is_unreadable(typed, region):
    with pytest.raises(Unreadable, match="unreadable_phone"):
        clean_phone(typed, region)


@pytest.mark.parametrize("region", REGIONS)
def test_short_way_agrees_with_the_library_for_every_region(region):
    for kind in range(11):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            for form in (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL):
                typed = phonenumbers.format_number(number, form)
                assert clean_phone(typed, region) == phones._phone(typed, region)


@given(
    st.from_regex(r"\+?[0-9][0-9 ().-]{5,18}", fullmatch=True) | st.text(max_size=20),
    st.sampled_from([*REGIONS, None]),
)
def test_short_way_never_disagrees_with_the_library(typed, region):
    try:
        cleaned = clean_phone(typed, region)
    except Unreadable:
        return
    assert cleaned is None or cleaned == phones._phone(" ".join(typed.split()), region)
    assert clean_phone(cleaned, region) == cleaned

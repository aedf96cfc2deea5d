"""E-mail addresses: one spelling each, and no domain too special to write to."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from mappings.clean.emails import PLAIN, clean_email
from mappings.clean.unreadable import Unreadable

ADDRESSES = [
    ("Ada@Example.COM", "ada@example.com"),
    (" mailto:ada@acme.com ", "ada@acme.com"),
    ("Ada Lovelace <ada@acme.com>", "ada@acme.com"),
    ("ada+tag@acme.co.uk", "ada+tag@acme.co.uk"),
    ("info@bücher.de", "info@xn--bcher-kva.de"),
    ("a@acme.test", "a@acme.test"),
    ("a@printer.local", "a@printer.local"),
    ("root@localhost", "root@localhost"),
    ("o'brien@acme.com", "o'brien@acme.com"),
]
NO_ADDRESSES = [
    "ada",
    "ada@",
    "@acme.com",
    "ada@acme",
    "a b@acme.com",
    "ada@acme..com",
    "n/a",
    "ada@-acme.com",
    "<>",
]

LOCAL = st.text("abz019_+-", min_size=1, max_size=70) | st.just("a.b")
DOMAIN = st.text("abz09-", min_size=1, max_size=45)
PLAIN_ADDRESSES = st.builds("{}@{}.{}".format, LOCAL, DOMAIN, st.sampled_from(["com", "co.uk", "de"])).filter(
    PLAIN.fullmatch
)


@pytest.mark.parametrize(("typed", "address"), ADDRESSES)
def test_address_in_one_spelling(typed, address):
    assert clean_email(typed) == address
    assert clean_email(address) == address


@pytest.mark.parametrize("typed", NO_ADDRESSES)
def test_what_is_no_address_is_unreadable(typed):
    with pytest.raises(Unreadable, match="unreadable_email"):
        clean_email(typed)


@given(PLAIN_ADDRESSES | st.emails() | st.text(max_size=30))
def test_cleaning_twice_changes_nothing(typed):
    try:
        once = clean_email(typed)
    except Unreadable:
        return
    assert clean_email(once) == once


@given(PLAIN_ADDRESSES)
def test_short_way_takes_only_what_the_validator_takes(address):
    try:
        normalized = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        with pytest.raises(Unreadable):
            clean_email(address)
        return
    assert clean_email(address) == normalized.lower()

"""Numbers in registers of organizations."""

from __future__ import annotations

from importlib import import_module

import pytest

from mappings.clean.numbers import REGISTERS, clean_registered
from mappings.clean.unreadable import Unreadable
from partnerhub.identity.policy import DEFAULT


@pytest.mark.parametrize(
    ("scheme", "written", "country", "expected"),
    [
        ("lei", "5299 00T8BM49AURSDO55", None, ("lei", "529900T8BM49AURSDO55")),
        ("vat", "DE 136695976", None, ("vat", "DE136695976")),
        ("vat", "136695976", "DE", ("vat", "DE136695976")),
        ("vat", "GB 980 7806 84", None, ("vat", "GB980780684")),
        ("duns", "15-048-3782", None, ("duns", "150483782")),
        ("companies_house", "1234567", None, ("companies_house", "01234567")),
        ("GB-COH", "sc123456", None, ("companies_house", "SC123456")),
        ("", "GB-CHC-1234567", None, ("charity_commission", "1234567")),
        ("siren", "552 008 443", None, ("siren", "552008443")),
        ("ror", "https://ror.org/02mhbdp94", None, ("ror", "02MHBDP94")),
        ("kbo", "BE 428759497", None, ("kbo", "0428759497")),
        ("a register of theirs", "x 1", None, ("a register of theirs", "x 1")),
    ],
)
def test_one_number_is_written_in_one_way(scheme, written, country, expected):
    assert clean_registered(scheme, written, country) == expected


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("lei", "529900T8BM49AURSDO56"),
        ("vat", "DE136695970"),
        ("duns", "000000000"),
        ("kvk", "123456789"),
        ("handelsregister", "HRB 18431"),
    ],
)
def test_a_number_its_register_cannot_have_issued_is_refused(scheme, written):
    with pytest.raises(Unreadable, match="unreadable_registry_number"):
        clean_registered(scheme, written)


def test_every_check_exists_and_every_exclusive_scheme_is_known():
    assert all(import_module(r.checked_by).validate for r in REGISTERS.values() if r.checked_by)
    assert DEFAULT.exclusive_schemes <= REGISTERS.keys()

"""What two organizations are compared by."""

from __future__ import annotations

import pytest

from partnerhub.identity.features import features_of, site_labels
from partnerhub.identity.streets import street_key

COUNTRIES = {"Japan": "JP"}


def features(name, host=None, domain=None, **said):
    row = {"record": "crm/companies/1", "name": name, "host": host, **said}
    names = [name.casefold()] if name else [""]
    return features_of(row, names, [host] if host else [], [domain or host] if host else [], COUNTRIES.get)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1425 N. Halsted St, Suite 2", "1425 North Halsted Street"),
        ("Hauptstraße 5", "Hauptstr. 5"),
        ("5 Hauptstrasse", "Hauptstraße 5"),
        ("221 E. 51st St.", "221 East 51st Street"),
        ("ul. Ogrodowa 32", "Ogrodowa 32"),
    ],
)
def test_a_street_is_the_same_however_it_is_abbreviated(one, other):
    assert street_key(one) == street_key(other) is not None


def test_a_street_without_a_number_or_a_word_is_no_key():
    assert [street_key(street) for street in ("Hauptstraße", "12", "", None, "5 Street")] == [None] * 5


def test_east_is_not_west():
    assert street_key("10 E Main St") != street_key("10 W Main St")


def test_a_site_is_called_by_its_labels():
    assert site_labels("cepes.org.pe", "cepes.org.pe") == ("cepes",)
    assert site_labels("physics.uni-acme.example", "uni-acme.example") == ("uniacme", "physics")
    assert site_labels("www.acme.example", "acme.example") == ("acme",)


def test_a_country_that_only_the_name_says_leaves_it_a_bare_name():
    said = features("Takeda (Japan)")
    assert (said.names, said.said_country, said.country, said.only_a_name) == (("takeda",), "JP", None, True)
    assert not features("Takeda", country="JP").only_a_name


def test_a_record_that_goes_by_its_host_has_no_name():
    without = features("", host="acme.example")
    assert (without.names, without.words, without.initials) == ((), (), ())
    assert "host:acme.example" in without.blocking_values


def test_a_site_and_a_bare_acronym_share_a_blocking_value():
    named, bare = features("Centro Peruano de Estudios", host="cepes.org.pe"), features("CEPES")
    assert "label:cepes" in named.blocking_values & bare.blocking_values


def test_two_languages_share_a_blocking_value_without_sharing_a_word():
    one, other = features("Universität für Musik"), features("University of Music")
    assert "words:music university" in one.blocking_values & other.blocking_values


def test_blocking_values_grow_with_the_words_of_a_name_and_no_faster():
    long = features(
        " ".join(f"word{n}" for n in range(40)), host="acme.example", city="Ulm", phone="+4912345"
    )
    assert len(long.blocking_values) < 40 + 25

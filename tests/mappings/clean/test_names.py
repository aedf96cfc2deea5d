"""Names: what is shown keeps every word, what is compared loses only trailing legal forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigour.names import normalize_name

from mappings.clean.names import PLAIN_WORDS, clean_name, clean_person_name, match_key
from mappings.clean.unreadable import Unreadable

WORDS = st.sampled_from(
    [
        "Acme",
        "AT&T",
        "3M",
        "the",
        "Co",
        "Inc.",
        "GmbH",
        "& Co. KG",
        "S.A.",
        "A/S",
        "Ltd",
        "(UK)",
        "ООО",
        "株式会社",
        "Müller",
    ]
)
TYPED_NAMES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join) | st.text(max_size=40)

SAME = [
    ("Siemens Aktiengesellschaft", "SIEMENS AG"),
    ("Müller GmbH & Co. KG", "müller gmbh"),
    ("Acme, Inc.", "Acme (Ltd)"),
    ("Acme Ltd. Inc", "ACME"),
    ("Foo A.S", "foo a.s."),
    ("Cafe\u0301 Zentral", "Café  Zentral"),
]
KEPT_WHOLE = [
    ("AT&T", "at t"),
    ("Limited Brands", "limited brands"),
    ("3M", "3m"),
    ("3M Company", "3m company"),
    ("A/S", "a s"),
    ("The Boeing Company", "the boeing company"),
    ("GmbH & Co. KG", "gmbh co kg"),
    ("H&M AB", "h m ab"),
    ("NA", "na"),
    ("Null Inc", "null"),
    ("株式会社日立製作所", "株式会社日立製作所"),
]
SHOWN = [
    ("  Acme \u00a0 GmbH\t", "Acme GmbH"),
    ("L\u200bG", "LG"),
    ("\u202eevil\u202c Ltd", "evil Ltd"),
    ("Cafe\u0301", "Café"),
    ("None", "None"),
    ("A\x00cme", "Acme"),
    ("عل\u200cم", "عل\u200cم"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_share_a_key(one, other):
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(("name", "key"), KEPT_WHOLE)
def test_names_that_look_like_legal_forms_survive(name, key):
    assert match_key(name) == key


@pytest.mark.parametrize(("typed", "shown"), SHOWN)
def test_shown_name_loses_only_what_nobody_sees(typed, shown):
    assert clean_name(typed) == shown


def test_quotes_around_a_person_are_taken_off():
    assert clean_person_name("\"'Ada Lovelace'\"") == "Ada Lovelace"


@given(TYPED_NAMES)
def test_cleaning_a_name_twice_changes_nothing(typed):
    try:
        once = clean_name(typed)
    except Unreadable:
        return
    assert clean_name(once) == once
    assert clean_person_name(clean_person_name(typed)) == clean_person_name(typed)


@given(TYPED_NAMES)
def test_key_of_a_key_is_itself(typed):
    try:
        key = match_key(typed)
    except Unreadable:
        return
    assert match_key(key) == key


@given(st.text(min_size=1))
def test_visible_name_never_becomes_empty(typed):
    try:
        cleaned = clean_name(typed)
    except Unreadable:
        return
    assert cleaned or not typed.strip()


def test_name_of_nothing_but_invisible_characters_is_refused():
    with pytest.raises(Unreadable, match="nothing_visible"):
        clean_name("\u200b\u200d")


@given(TYPED_NAMES)
def test_name_with_a_letter_or_digit_has_a_key(typed):
    try:
        key = match_key(typed)
    except Unreadable:
        return
    assert key or not any(character.isascii() and character.isalnum() for character in typed)


@given(st.from_regex(PLAIN_WORDS, fullmatch=True))
def test_plain_words_are_their_own_normal_form(name):
    assert normalize_name(name) == name

"""The raw→staged border: what both databases can hold, and what a reader of HTML sees."""

from __future__ import annotations

import json
import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.clean.text import border_text, clean_identifier, clean_json, clean_line, clean_text, html_text
from mappings.clean.unreadable import Unreadable

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
BORDER = [
    ("a\x00b", "ab"),
    ("a\ud800b", "a\ufffdb"),
    ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
    ("tab\tstays", "tab\tstays"),
    ("\x07bell", "bell"),
    ("\ufffe\uffffx", "x"),
    ("e\u0301", "é"),
    ("\u202eabc\u202c", "abc"),
]
HTML = [
    ("<p>One<br>two</p>", "One\ntwo"),
    ("plain & simple 3 < 4", "plain & simple 3 < 4"),
    ("<div style='display:none'>hidden</div>Shown", "Shown"),
    ("<script>alert(1)</script>Text", "Text"),
    ("Fish &amp; Chips", "Fish & Chips"),
    ("<a href='javascript:x()'>Link</a>", "Link"),
    ("<p></p>", None),
    ("Ask Ada <ada@acme.example>", "Ask Ada <ada@acme.example>"),
]


@pytest.mark.parametrize(("raw", "staged"), BORDER)
@pytest.mark.fault("F60")
def test_border_takes_what_a_database_refuses(raw, staged):
    assert border_text(raw) == staged


@given(ANY_TEXT)
@pytest.mark.fault("F60", "F61")
def test_bordered_text_is_stored_and_read_back_unchanged(raw):
    text = border_text(raw)
    connection = sqlite3.connect(":memory:")
    assert connection.execute("select ?", (text,)).fetchone() == (text,)
    connection.close()
    assert "\x00" not in text
    assert unicodedata.is_normalized("NFC", text)


@given(ANY_TEXT)
def test_bordering_twice_changes_nothing(raw):
    assert border_text(border_text(raw)) == border_text(raw)
    assert clean_text(clean_text(raw)) == clean_text(raw)


@pytest.mark.parametrize(("html", "seen"), HTML)
@pytest.mark.fault("F98")
def test_html_gives_what_a_reader_sees(html, seen):
    assert html_text(html) == seen


def test_html_too_deep_for_the_first_reader_still_gives_its_text():
    assert html_text("<div>" * 5_000 + "found" + "</div>" * 5_000) == "found"


def test_html_too_large_for_a_tree_gives_the_text_between_its_tags():
    hostile = "<div>" * 200_000 + "one &amp; <script>two</script><b>three</b>"
    assert html_text(hostile) == "one &\nthree"


def test_number_is_written_as_it_was():
    assert [clean_line(value) for value in (7, 2.0, 2.5, True, None)] == ["7", "2", "2.5", "true", None]


def test_object_is_no_text():
    with pytest.raises(Unreadable, match="not_a_text"):
        clean_line({"a": 1})


@pytest.mark.parametrize("identifier", ["007", "0031x00000AbCdE", "9007199254740993"])
def test_identifier_keeps_zeros_case_and_length(identifier):
    assert clean_identifier(identifier) == identifier


@pytest.mark.fault("F55")
def test_identifier_that_went_through_a_float_is_refused():
    with pytest.raises(Unreadable, match="identifier_is_a_float"):
        clean_identifier(9007199254740993.0)


@pytest.mark.fault("F63")
def test_nested_json_is_cleaned_and_cut_where_absurdly_deep():
    deep: object = "x"
    for _ in range(500):
        deep = [deep]
    cleaned = clean_json({"a\x00": {"b": None, "c": "e\u0301", "d": ""}, "deep": deep, "n": float("nan")})
    assert cleaned["a"] == {"c": "é"}
    assert "n" not in cleaned
    assert len(json.dumps(cleaned)) < 200

"""Names in many languages and spellings, taken apart and made comparable."""

from __future__ import annotations

import pytest

from partnerhub.identity.folding import folded, folded_name
from partnerhub.identity.naming import acronym_like, said_by, worded
from partnerhub.identity.words import SECTIONS, entries
from tests.conftest import REPOSITORY

COUNTRIES = {"Japan": "JP", "Germany": "DE", "USA": "US"}


def words(name):
    return set(worded(name, name, []).concepts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Universität Wien", "University of Vienna"),
        ("北京大学", "Beijing University"),
        ("Universidad de Buenos Aires", "University of Buenos Aires"),
        ("Московский университет", "Moscow University"),
        ("서울대학교", "Seoul University"),
        ("מכון ויצמן", "Institute ויצמן"),
        ("Instytut Biologii", "Institut für Biologie"),
        ("Stiftung Kinderhilfe e.V.", "Foundation Kinderhilfe"),
    ],
)
def test_a_name_is_the_same_words_in_any_language(one, other):
    assert words(one) == words(other)


def test_of_two_forms_that_fit_in_another_script_the_longest_counts():
    assert words("上海大学附属医院") == {"shanghai", "university", "affiliated", "hospital"}


def test_words_that_say_nothing_are_left_out_unless_nothing_else_is_left():
    assert words("The Company of Winegrowers Ltd") == {"winegrowers"}
    assert words("The Company") == {"company"}


@pytest.mark.parametrize(
    ("name", "main", "acronyms", "country"),
    [
        ("Takeda (Japan)", "Takeda", (), "JP"),
        ("Takeda (Osaka, Japan)", "Takeda", (), "JP"),
        ("National Research Council (CNR)", "National Research Council", ("cnr",), None),
        ("CNR - National Research Council", "National Research Council", ("cnr",), None),
        ("National Research Council, CNR", "National Research Council", ("cnr",), None),
        ("C.N.R.", "C.N.R.", ("cnr",), None),
        ("Nordlicht (Holding)", "Nordlicht (Holding)", (), None),
    ],
)
def test_a_name_says_its_country_and_its_acronym(name, main, acronyms, country):
    said = said_by(name, COUNTRIES.get)
    assert (said.main, said.acronyms, said.country) == (main, acronyms, country)


def test_a_word_is_an_acronym_when_half_of_it_is_capitals():
    assert [acronym_like(word) for word in ("NYULMC", "CeSMA", "Nasa", "IT")] == [
        "nyulmc",
        "cesma",
        None,
        None,
    ]


def test_initials_are_taken_with_and_without_small_words():
    name = "Massachusetts Institute of Technology"
    assert {"mit", "miot"} <= set(worded(name, name, ["massachusetts", "institute", "technology"]).initials)


def test_legal_forms_of_several_words_go_only_behind_a_name():
    assert folded_name("Montefiore Soc. Coop.") == "montefiore"
    assert folded_name("Società Cooperativa") == "societa cooperativa"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_form_of_the_table_is_spelled_as_names_are_folded(section):
    text = (REPOSITORY / "partnerhub" / "identity" / "words" / f"{section}.txt").read_text(encoding="utf-8")
    rows = list(entries(text))
    assert rows
    assert [form for _, latin, _ in rows for form in latin if folded(form) != form] == []
    assert [form for _, _, others in rows for form in others if form.isascii()] == []
    assert len(text.splitlines()) <= 400


def test_every_file_of_the_table_is_a_section():
    files = {path.stem for path in (REPOSITORY / "partnerhub" / "identity" / "words").glob("*.txt")}
    assert files == set(SECTIONS)


@pytest.mark.parametrize(
    ("compound", "halves"),
    [
        ("Forschungszentrum", {"research", "center"}),
        ("Onderzoeksinstituut", {"research", "institute"}),
        ("Energiforskning", {"energy", "research"}),
        ("Krankenhausgesellschaft Zeppelin", {"hospital", "zeppelin"}),
    ],
)
def test_a_compound_is_its_halves(compound, halves):
    assert halves <= words(compound)


@pytest.mark.parametrize("name", ["Greenwood", "Newbank", "Portland", "Zeppelin"])
def test_an_english_compound_is_a_name_and_stays_one(name):
    assert words(name) == {name.lower()}


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("பல்கலைக்கழகம்", {"university"}),
        ("ナガサキケン コウギョウ ギジュツ センター", {"industry", "technology", "center"}),
        ("دانشگاه علوم پزشکی", {"university", "science", "medicine"}),
        ("煤炭资源国家重点实验室", {"coal", "resource", "national", "key", "laboratory"}),
    ],
)
def test_words_of_other_scripts_are_understood(written, means):
    assert means <= words(written)

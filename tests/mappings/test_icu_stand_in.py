"""The cleaners work without PyICU, which has no wheels (docs/develop/decisions/0002-no-compiler.md)."""

from __future__ import annotations

import importlib.metadata

import pytest

import mappings.icu_stand_in
from mappings.clean.names import match_key


def test_the_stand_in_answers_for_icu() -> None:
    import icu

    assert icu.Transliterator is mappings.icu_stand_in.Transliterator


def test_the_environment_of_the_tests_is_that_of_the_lock() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("pyicu")


@pytest.mark.parametrize(
    ("written", "code"),
    [("Österreich", "at"), ("Россия", "ru"), ("日本", "jp"), ("Côte d’Ivoire", "ci"), ("ελλάδα", "gr")],
)
def test_countries_are_found_in_their_own_script(written: str, code: str) -> None:
    from rigour.territories import lookup_territory

    found = lookup_territory(written)
    assert found
    assert found.code == code


def test_names_keep_their_script() -> None:
    assert match_key("Łódź sp. z o.o.") == "łódź"
    assert match_key("株式会社トヨタ") is not None

"""Whole numbers, yes and no, lists."""

from __future__ import annotations

import pytest

from mappings.clean.scalars import clean_boolean, clean_integer, clean_list, split_list
from mappings.clean.unreadable import Unreadable


@pytest.mark.parametrize("written", ["1200", "1,200", "1.200", "1'200", "1200.0", 1200, 1200.0, " 1 200 "])
def test_whole_number_in_many_spellings(written):
    assert clean_integer(written) == 1200


@pytest.mark.parametrize("written", ["12.5", "about 50", "10-50", True, "1e3", "9" * 30, "9" * 5000, [1]])
def test_what_is_no_whole_number_is_unreadable(written):
    with pytest.raises(Unreadable):
        clean_integer(written)


def test_yes_and_no():
    assert [clean_boolean(value) for value in ("Yes", "false", 1, 0, True, "", None)] == [
        *(True, False, True, False, True),
        *(None, None),
    ]
    with pytest.raises(Unreadable):
        clean_boolean("perhaps")


def test_list_from_text_json_or_list():
    assert clean_list("reseller; delivery;reseller") == '["reseller", "delivery"]'
    assert clean_list(["a", " ", "b"]) == clean_list('["a", "b"]') == '["a", "b"]'
    assert clean_list(clean_list("a;b")) == clean_list("a;b")
    assert split_list(None) == []

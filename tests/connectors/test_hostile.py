"""The hostile source is as hostile as it says; others rely on its counts."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.connectors.conformance.hostile import (
    BREAKS,
    HUGE,
    KEPT,
    MALFORMED,
    NEVER_ENDS,
    PAGES,
    READ,
    Hostile,
)


@pytest.mark.parametrize("stream", PAGES)
def test_a_stream_yields_what_its_counts_promise_and_then_ends(stream):
    pages = list(Hostile().pull(stream, None))
    records = [record for page in pages for record in page.records]
    assert len(records) == READ[stream]
    assert sum(record.malformed is not None for record in records) == MALFORMED[stream]
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]


def test_the_newest_version_is_kept_whatever_the_order():
    assert KEPT["disorder"] == {"1": "newer", "2": "no stamp, changed"}
    assert KEPT["duplicates"] == {"1": "second", "2": "twice"}


def test_hostile_payloads_are_legal_json_although_no_database_likes_them():
    text = json.dumps([record.payload for pages in PAGES.values() for page in pages for record in page])
    assert "\\ud800" in text
    assert "\\u0000" in text
    assert str(HUGE) in text


@pytest.mark.parametrize("stream", NEVER_ENDS)
def test_an_endless_stream_goes_on_past_any_sensible_limit(stream):
    assert len(list(itertools.islice(Hostile().pull(stream, None), 5000))) == 5000


@pytest.mark.parametrize("stream", BREAKS)
def test_a_breaking_stream_gives_one_good_page_first(stream):
    pages = Hostile().pull(stream, None)
    assert next(pages).records
    with pytest.raises(Exception, match=r"broke|SDK"):
        next(pages)

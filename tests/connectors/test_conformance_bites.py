"""Planted bugs: each breaks one promise of the contract, and the conformance case for it must turn red."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.errors import RetryLater
from connectors.hubspot import HubSpot
from connectors.record import Page
from tests.connectors import test_conformance as suite
from tests.connectors.conformance.hubspot_rig import RIG


class LosesTheLastRecord(HubSpot):
    def pull(self, stream, cursor, *, full=False):
        for page in super().pull(stream, cursor, full=full):
            yield page._replace(records=page.records[:-1])


class CursorAheadOfItsPage(HubSpot):
    def pull(self, stream, cursor, *, full=False):
        pages = list(super().pull(stream, cursor, full=full))
        yield from (page._replace(cursor=pages[-1].cursor) for page in pages)


class BrokenPageIsTheEnd(HubSpot):
    def pull(self, stream, cursor, *, full=False):
        try:
            yield from super().pull(stream, cursor, full=full)
        except RetryLater:
            yield Page(stream, [], {"phase": "done"}, last=True)


class NumbersAsIds(HubSpot):
    def pull(self, stream, cursor, *, full=False):
        for page in super().pull(stream, cursor, full=full):
            yield page._replace(records=[one._replace(source_id=int(one.source_id)) for one in page.records])


class OnlyKnownFields(HubSpot):
    def pull(self, stream, cursor, *, full=False):
        for page in super().pull(stream, cursor, full=full):
            cut = [one._replace(payload={"id": one.source_id, "properties": {}}) for one in page.records]
            yield page._replace(records=cut)


class ShowsItsToken(HubSpot):
    def __repr__(self):
        return f"HubSpot({self.token.get_secret_value()})"


class GivesUpAtOnce(HubSpot):
    def __init__(self, **settings):
        super().__init__(**{**settings, "tries": 1})


BITES = [
    (LosesTheLastRecord, suite.test_several_pages_together_hold_every_record_once),
    (LosesTheLastRecord, suite.test_resuming_from_the_cursor_of_any_page_ends_with_every_record),
    (CursorAheadOfItsPage, suite.test_resuming_from_the_cursor_of_any_page_ends_with_every_record),
    (BrokenPageIsTheEnd, suite.test_a_body_that_stays_truncated_is_never_the_end_of_the_data),
    (BrokenPageIsTheEnd, suite.test_a_page_token_that_repeats_raises_instead_of_looping),
    (BrokenPageIsTheEnd, suite.test_a_server_that_stays_down_is_an_error_named_retry_later),
    (NumbersAsIds, suite.test_ids_are_text_and_unique_in_a_reading),
    (OnlyKnownFields, suite.test_a_field_nobody_declared_arrives_untouched),
    (ShowsItsToken, suite.test_no_secret_shows_in_a_settings_dump),
    (GivesUpAtOnce, suite.test_a_rate_limit_is_waited_out),
    (GivesUpAtOnce, suite.test_a_truncated_body_is_asked_for_again),
]


@pytest.mark.parametrize(("broken", "case"), BITES)
def test_a_planted_bug_turns_its_case_red(broken, case, tmp_path):
    with RIG.scene(tmp_path, records=suite.RECORDS) as scene:
        settings = dict(scene.connector)
        planted = replace(scene, connector=broken(**settings))
        with pytest.raises((AssertionError, pytest.fail.Exception, RetryLater)):
            case(planted)

"""Two persons in doubt on the pages of stewards: compared as people, without questions only organizations have."""

from __future__ import annotations

import pytest

from tests.web.partner_rig import ACME, browsing, put

ONE, OTHER = "crm/contacts/1", "crm/contacts/2"
ASKED = (
    "left_record", "right_record", "question_id", "left_id", "right_id", "bits", "band", "pairs", "proposal", "reason",
    "unsure", "behind",
)  # fmt: skip


@pytest.fixture
def steward(small):
    hub, url = small
    for record, address in (ONE, "ann@acme.example"), (OTHER, "ann2@acme.example"):
        hub.stage("person", record, [f"email:{address}"], name="Ann Miller", email=address)
        hub.stage("relation", f"{record}#at", kind="works_at", from_record=record, to_record=ACME)
    hub.publish()
    ids = dict(hub.rows("person_link", "record", "person_id"))
    put(
        hub,
        "question",
        ASKED,
        [(ONE, OTHER, "abcd1234", ids[ONE], ids[OTHER], 0.0, "review", 1, "join", "addresses", False, -1.0)],
    )
    with browsing(url, hub, "steward") as client:
        yield client


def test_the_queue_tells_persons_by_their_address_and_employer_and_counts_no_deals_of_theirs(steward):
    page = steward.get("/review").text
    assert "two persons" in page
    assert "ann2@acme.example · Acme" in page
    assert "deals" not in page.partition("review-list")[2]


def test_the_pair_compares_what_is_known_of_people_and_offers_no_family(steward):
    page = steward.get("/review/abcd1234").text
    assert "Are these one person?" in page
    assert "ann2@acme.example" in page
    assert 'value="related"' not in page
    assert "/preview" not in page

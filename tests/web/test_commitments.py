"""The register of commitments and agreements with all partners: which of them, in which order, to whom."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from tests.web.browsing import signed_in
from tests.web.partner_rig import ACME, LONE, browsing
from warehouse.queries.commitments import PAGE_SIZE, Sought, every_promise, promises
from warehouse.queries.next_dates import next_dates
from warehouse.viewer import Viewer

TODAY = "2026-10-01"
LATE = {"title": "Train two people", "due_on": "2026-09-20", "text": "As said in March <b>"}
SOON = {"title": "Send the figures", "due_on": "2026-10-20"}
KEPT = {"title": "Sign the annex", "due_on": "2026-08-01", "done_on": "2026-07-30"}
SOME_DAY = {"title": "Visit them"}
FRAME = {"title": "Frame contract", "renews_on": "2026-11-01", "ends_on": "2027-11-01"}
GONE = {"title": "Old contract", "ends_on": "2025-11-01"}


def promise(hub, kind, number, about, **values):
    record = hub.stage(kind, f"crm/{kind}s/{number}", **values)
    hub.stage("relation", f"{record}#about", kind="about", from_record=record, to_record=about)
    return record


@pytest.fixture
def promised(partners):
    """Six things, with Acme but for one."""
    for number, (kind, values) in enumerate((
        ("commitment", LATE), ("commitment", SOON), ("commitment", KEPT), ("agreement", FRAME), ("agreement", GONE),
    )):  # fmt: skip
        promise(partners, kind, number, ACME, **values)
    promise(partners, "commitment", 9, LONE, **SOME_DAY)
    partners.publish()
    return partners


@pytest.fixture
def client(promised, database_url, frozen_clock):
    with browsing(database_url, promised, "manager", "data") as browser:
        yield browser


def titles(text: str) -> list[str]:
    return re.findall(r'<a href="/touchpoints/[^"]+">([^<]*)</a>', unescape(text))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Train two people", "Send the figures", "Frame contract", "Visit them"]),
        ("state=overdue", ["Train two people"]),
        ("state=done", ["Old contract", "Sign the annex"]),
        ("kind=agreement&state=all", ["Old contract", "Frame contract"]),
        ("due=2026-10-21", ["Train two people", "Send the figures"]),
        ("owner=Nobody+Known", []),
        ("owner=-&due=2026-10-01", ["Train two people"]),
        ("state=x&kind=x&due=x", ["Train two people", "Send the figures", "Frame contract", "Visit them"]),
    ],
)
def test_the_address_says_which_of_them_and_what_is_due_first_stands_on_top(client, query, found):
    assert titles(client.get(f"/commitments?{query}").text) == found


def test_each_line_says_partner_passage_day_and_state(client, promised):
    text = " ".join(client.get("/commitments").text.split())
    first = text.partition("<tbody>")[2].partition("</tr>")[0]
    for shown in (
        f'<a href="/partners/{promised.id_of(ACME)}">Acme</a>', "“As said in March &lt;b&gt;”", "20 Sep 2026",
        "overdue", "HubSpot",
    ):  # fmt: skip
        assert shown in first, shown
    assert "no day said" in text


def test_pages_of_one_show_everything_once_and_so_does_the_api(client, promised):
    found, after = [], ""
    while True:
        told = client.get("/api/commitments", params={"state": "all", "limit": 1, "after": after}).json()
        found += [each["title"] for each in told["commitments"]]
        after = told["next"]
        if after is None:
            break
    with promised.database.session() as connection:
        at_once = promises(Viewer("ana"), connection, Sought(""), TODAY)
    assert found == [each.title for each in at_once.rows]
    assert len(found) == len(set(found)) == 6 < PAGE_SIZE


def test_the_file_holds_what_the_page_shows_and_who_took_it_is_remembered(client, promised):
    answer = client.get("/commitments.csv?state=overdue")
    _, (partner, kind, what, state, *_) = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (partner, kind, what, state) == ("Acme", "commitment", "Train two people", "overdue")
    assert "commitments.export" in {verb for (verb,) in promised.rows("audit_entry", "verb")}


def test_whoever_sees_some_partners_only_sees_what_is_promised_with_no_other(promised):
    viewer = Viewer("ana", frozenset({promised.id_of(LONE)}))
    with promised.database.session() as connection:
        found = list(every_promise(viewer, connection, Sought(""), TODAY))
    assert [each.title for each in found] == ["Visit them"]


def test_what_comes_next_is_the_first_of_renewal_commitment_and_open_deal(promised):
    promise(promised, "deal", 1, ACME, name="Rollout", status="open", close_date="2026-10-15")
    promise(promised, "deal", 2, ACME, name="Lost one", status="lost", close_date="2026-10-02")
    promise(promised, "agreement", 8, LONE, title="Frame", renews_on="2026-12-01")
    promised.publish()
    ids = [promised.id_of(ACME), promised.id_of(LONE)]
    with promised.database.session() as connection:
        first, then = (
            [next_dates(Viewer("ana"), connection, ids, day).get(each) for each in ids]
            for day in (TODAY, "2026-10-16")
        )
        hidden = next_dates(Viewer("bo", frozenset()), connection, ids, TODAY)
    assert first == [("2026-10-15", "deal", "Rollout"), ("2026-12-01", "agreement", "Frame")]
    assert then[0] == ("2026-10-20", "commitment", "Send the figures")
    assert hidden == {}


def test_without_any_the_page_says_where_they_come_from(sqlite_url):
    with signed_in(sqlite_url, "manager") as browser:
        assert "Nothing is promised or agreed" in browser.get("/commitments").text
        assert "Take a filter away" in browser.get("/commitments?state=done").text

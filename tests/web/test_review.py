"""The pages of stewards: what waits, how it is answered, and how an answer is taken back."""

from __future__ import annotations

import re

import pytest

from warehouse.database import Database
from warehouse.queries.stewarding import count_unmatched, count_waiting, hanging_on, question_page
from warehouse.viewer import OPERATOR, Viewer

QUESTION = "SELECT question_id, left_id, right_id FROM question ORDER BY unsure, behind"
LAST_ACT = "SELECT kind, actor, reason FROM steward_act ORDER BY act_id DESC LIMIT 1"
LIVE = "SELECT count(*) FROM organization WHERE deleted_at IS NULL"


def answered(browser, question, verdict, **given):
    return browser.post(f"/review/{question}", data={"verdict": verdict, **given}, follow_redirects=False)


def test_the_queue_leads_with_what_is_worth_most(hub):
    waiting = [row[0] for row in hub.rows(QUESTION)]
    with hub.browser() as browser:
        shown = re.findall(r'href="/review/([0-9a-f]{8})"', browser.get("/review").text)
    assert len(waiting) > 1
    assert list(dict.fromkeys(shown)) == waiting


def test_a_pair_shows_both_sides_and_says_in_words_what_is_equal_and_what_differs(hub):
    question = hub.one("SELECT question_id FROM question WHERE left_record = 'partners/rows/Corvina'")[0]
    with hub.browser() as browser:
        page = browser.get(f"/review/{question}").text
    assert "Corvina Kft." in page
    assert "corvina-budapest.example" in page
    assert page.count("differs</span>") >= 2
    assert re.search(r"Country</th><td>HU</td><td>HU</td>\s*<td><span[^>]*>.*? same</span>", page, re.DOTALL)
    assert "Speaks for it" in page
    assert all(f'data-key="{key}"' in page for key in "1234")


def test_same_makes_them_one_with_the_reason_and_goes_on_to_the_next_question(hub):
    (question, left, right), (following, *_), *_ = hub.rows(QUESTION)
    before = hub.one(LIVE)[0]
    with hub.browser() as browser:
        there = answered(browser, question, "same", reason="one firm").headers["location"]
        assert there.startswith(f"/review/{following}?done=")
        assert "Undo" in browser.get(there).text
    assert hub.one(LIVE)[0] == before - 1
    assert hub.one(LAST_ACT) == ("same", "stew@hub.example", "one firm")
    assert {row[0] for row in hub.rows("SELECT from_id FROM redirect")} <= {left, right}
    assert hub.one("SELECT verb FROM audit_entry ORDER BY number DESC LIMIT 1")[0] == "identity.same"


def test_a_value_chosen_field_by_field_is_that_of_the_survivor(hub):
    question = hub.one("SELECT question_id FROM question WHERE left_record = 'partners/rows/Corvina'")[0]
    cities = dict(hub.rows("SELECT organization_id, city FROM organization"))
    sides = hub.one("SELECT left_id, right_id FROM question WHERE question_id = ?", question)
    for place, side in (("left", sides[0]), ("right", sides[1])):
        with hub.browser(login=f"{place}@hub.example") as browser:
            tried = browser.get(f"/review/{question}/preview?keep=city:{place}").text
        assert f"<dt>City</dt><dd>{cities[side]}</dd>" in tried
    with hub.browser() as browser:
        answered(browser, question, "same", keep=["city:left", ""])
    survivor = hub.one("SELECT city FROM organization WHERE name LIKE 'Corvina%' AND deleted_at IS NULL")
    assert survivor[0] == cities[sides[0]]


def test_the_preview_changes_nothing(hub):
    question = hub.rows(QUESTION)[0][0]
    before = hub.one(LIVE)[0]
    with hub.browser() as browser:
        page = browser.get(f"/review/{question}/preview").text
    assert "Only tried" in page
    assert (hub.one(LIVE)[0], hub.one(LAST_ACT)) == (before, None)


@pytest.mark.parametrize(("verdict", "kind"), [("different", "different"), ("related", "related")])
def test_different_and_related_are_two_for_ever(hub, verdict, kind):
    question = hub.rows(QUESTION)[0][0]
    before = hub.one(LIVE)[0]
    with hub.browser() as browser:
        answered(browser, question, verdict, how="family" if verdict == "related" else "")
    assert hub.one(LIVE)[0] == before
    assert hub.one(LAST_ACT)[0] == kind
    assert question not in {row[0] for row in hub.rows(QUESTION)}


def test_an_unsure_pair_moves_to_its_own_tab(hub):
    question = hub.rows(QUESTION)[0][0]
    with hub.browser() as browser:
        answered(browser, question, "unsure")
        assert question not in browser.get("/review").text
        assert question in browser.get("/review?unsure=1").text


def test_who_comes_second_is_told_who_answered_and_what(hub):
    question = hub.rows(QUESTION)[0][0]
    with hub.browser() as first, hub.browser(login="late@hub.example") as second:
        answered(first, question, "different", reason="two towns")
        late = answered(second, question, "same")
    assert late.status_code == 409
    assert "stew@hub.example answered it" in late.text
    assert "two towns" in late.text
    assert hub.one(LAST_ACT)[0] == "different"


def test_an_answer_is_taken_back_from_the_list_of_acts(hub):
    question = hub.rows(QUESTION)[0][0]
    before = hub.one(LIVE)[0]
    with hub.browser() as browser:
        answered(browser, question, "same")
        assert browser.post("/review/acts/1/undo").status_code == 200
        assert question in browser.get("/review").text
        assert "taken back by stew@hub.example" in browser.get("/review/acts").text
    assert hub.one(LIVE)[0] == before


def test_taking_back_says_first_what_came_since_and_does_it_once_agreed(hub):
    question, left, _ = hub.rows(QUESTION)[0]
    with hub.browser("admin") as browser:
        answered(browser, question, "same")
        survivor = hub.one("SELECT to_id FROM redirect")[0]
        browser.post(f"/partners/{survivor}/values", data={"act": "pin", "field": "city", "value": "Ulm"})
        asked = browser.post("/review/acts/1/undo", follow_redirects=False)
        assert asked.status_code == 409
        assert "pinned: city" in asked.text
        agreed = browser.post("/review/acts/1/undo", data={"agreed": "true"}, follow_redirects=False)
    assert agreed.status_code == 303
    assert hub.one("SELECT undone_by FROM steward_act WHERE act_id = 1")[0] == "stew@hub.example"
    assert left


def test_ticked_records_leave_and_why_explains_two(hub):
    whole = hub.one("SELECT organization_id FROM organization WHERE record_count = 2")[0]
    records = [row[0] for row in hub.rows(
        "SELECT record FROM organization_link WHERE organization_id = ? AND ended_at IS NULL", whole
    )]  # fmt: skip
    with hub.browser() as browser:
        why = browser.get(f"/partners/{whole}/records", params={"record": records}).text
        assert "They are one." in why
        data = {"record": records[1:], "reason": "a shop of its own"}
        answer = browser.post(f"/partners/{whole}/records", data=data, follow_redirects=False)
        assert answer.status_code == 303
        everything = browser.post(f"/partners/{whole}/records", data={"record": records})
    assert hub.one(LAST_ACT)[0] == "split"
    assert everything.status_code == 409
    ids = {row[0] for row in hub.rows("SELECT organization_id FROM organization_link WHERE ended_at IS NULL")}
    assert len(ids) == hub.one(LIVE)[0] == 6


def test_only_stewards_decide(hub):
    question = hub.rows(QUESTION)[0][0]
    with hub.browser("manager") as browser:
        assert browser.get("/review").status_code == 403
        assert answered(browser, question, "same").status_code == 403
    assert hub.one(LAST_ACT) is None


def test_the_queries_of_the_queue_run_on_both_engines_and_keep_to_the_viewer(database_url):
    with Database(database_url).session() as connection:
        assert question_page(OPERATOR, connection) == ([], None)
        assert question_page(Viewer("x", frozenset({"a", "b"})), connection, unsure=True) == ([], None)
        assert count_waiting(OPERATOR, connection) == count_unmatched(connection) == 0
        assert hanging_on(Viewer("x", frozenset({"a"})), connection, ["a", "b"]) == {"a": []}

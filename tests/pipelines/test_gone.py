"""Records deleted at their source: what they held together comes apart, and they stay where they belong."""

from __future__ import annotations

import json

import pytest

from pipelines.resolve import assign_organizations
from pipelines.resolve.neighborhood import closed_neighborhood
from warehouse import bulk
from warehouse.database import Database

ORGANIZATION = ("record", "source", "stream", "source_id", "raw_id", "rules", "name", "host", "deleted_at")
KEY = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
EDGE = (
    "left_record",
    "right_record",
    "entity",
    "score",
    "band",
    "why_json",
    "rules",
    "run_id",
    "recorded_at",
)
DECISION = ("left_record", "right_record", "decided_at", "entity", "verdict", "actor")
MERGE = ("record", "source", "stream", "source_id", "raw_id", "rules", "kind", "from_record", "to_record")
REVIEW = (
    "left_record", "right_record", "reason", "entity", "proposal", "settled_json", "run_id", "opened_at",
)  # fmt: skip


class Base:
    """Staged records named by a letter; the real functions group them and keep the ledger."""

    def __init__(self, connection):
        self.connection, self.clock = connection, 0

    def now(self):
        self.clock += 1
        return f"2026-01-01T00:00:00.{self.clock:06d}Z"

    def write(self, table, columns, *row):
        with self.connection.transaction():
            bulk.upsert(self.connection, table, columns, [row])

    def stage(self, record, *, deleted=False, host="acme.example"):
        gone_at = self.now() if deleted else None
        row = (record, "crm", "companies", record, 1, "1", "Acme", host, gone_at)
        self.write("staged_organization", ORGANIZATION, *row)

    def number(self, record, number):
        self.write("key", KEY, record, "registry", "vat", number, number, "organization", "crm")

    def alike(self, left, right, score=9.0):
        row = (
            left,
            right,
            "organization",
            score,
            "auto" if score > 0 else "review",
            "[]",
            "1",
            "run",
            self.now(),
        )
        self.write("match_edge", EDGE, *row)

    def decide(self, left, right, verdict):
        self.write("decision", DECISION, left, right, self.now(), "organization", verdict, "ann")

    def merged(self, loser, winner):
        self.write(
            "staged_relation", MERGE, f"{loser}#m", "crm", "c", loser, 1, "1", "merged_into", loser, winner
        )

    def stays(self):
        return self.connection.query("SELECT record, with_record FROM stays_with ORDER BY record")

    def vanish(self, record):
        with self.connection.transaction():
            self.connection.execute("DELETE FROM staged_organization WHERE record = ?", (record,))

    def branch(self, lower, upper, *, deleted=False):
        row = (f"{lower}#b", "crm", "c", lower, 1, "1", "branch_of", lower, upper)
        gone_at = self.now() if deleted else None
        self.write("staged_relation", (*MERGE, "deleted_at"), *row, gone_at)

    def assign(self, *records):
        with self.connection.transaction():
            assign_organizations(self.connection, set(records), "run", self.now())
        groups = {}
        for record, entity_id in self.connection.query(
            "SELECT record, organization_id FROM organization_link WHERE ended_at IS NULL ORDER BY 1"
        ):
            groups.setdefault(entity_id, []).append(record)
        return sorted("".join(group) for group in groups.values())


@pytest.fixture
def base(database_url):
    with Database(database_url).session() as connection:
        yield Base(connection)


def test_what_a_deleted_record_held_together_comes_apart_and_it_stays_with_the_founder(base):
    for record in "abc":
        base.stage(record)
    for record, number in ("a", "DE1"), ("b", "DE1"), ("b", "DE2"), ("c", "DE2"):
        base.number(record, number)
    assert base.assign(*"abc") == ["abc"]
    base.stage("b", deleted=True)
    assert base.assign("b") == ["ab", "c"]
    assert base.assign(*"abc") == ["ab", "c"]


def test_scores_of_a_deleted_record_hold_nothing_together_either(base):
    for record in "abc":
        base.stage(record)
    base.alike("a", "b")
    base.alike("b", "c")
    assert base.assign(*"abc") == ["abc"]
    base.stage("b", deleted=True)
    assert base.assign("b") == ["ab", "c"]
    base.stage("b")
    assert base.assign("b") == ["abc"]


def test_what_a_record_merged_at_its_source_was_known_by_is_the_winner_s(base):
    for record in "abc":
        base.stage(record)
    base.alike("a", "b")
    base.merged("b", "c")
    base.stage("b", deleted=True)
    assert base.assign(*"abc") == ["abc"]
    base.stage("c", deleted=True)
    assert base.assign("c") == ["abc"]
    base.stage("d")
    base.alike("b", "d")
    assert base.assign("d") == ["abc", "d"]


def test_a_merge_at_the_source_of_a_record_that_is_no_longer_staged_binds_nobody(base):
    for record in "abc":
        base.stage(record)
    base.alike("a", "b")
    base.merged("b", "c")
    assert base.assign(*"abc") == ["abc"]
    base.vanish("b")
    assert base.assign("b") == ["ab", "c"]


def test_what_a_person_said_of_a_record_that_is_gone_outranks_what_a_source_says_of_the_living(base):
    for record in "abc":
        base.stage(record)
    base.alike("a", "b")
    base.decide("a", "c", "different")
    assert base.assign(*"abc") == ["ab", "c"]
    base.stage("a", deleted=True)
    base.merged("c", "b")
    assert base.assign(*"abc") == ["ab", "c"]


def test_whom_a_record_that_is_gone_stays_with_is_settled_once_and_until_it_is_back(base):
    for record in "abc":
        base.stage(record)
    base.alike("b", "c")
    base.decide("a", "b", "same")
    base.assign(*"abc")
    base.stage("c", deleted=True)
    base.assign("c")
    assert base.stays() == [("c", "a")]
    base.stage("c")
    base.assign("c")
    assert base.stays() == []


def test_a_record_that_is_gone_stays_with_nobody_a_person_said_it_is_not(base):
    for record in "abc":
        base.stage(record)
        base.number(record, "DE1")
    assert base.assign(*"abc") == ["abc"]
    base.decide("a", "c", "different")
    base.stage("c", deleted=True)
    assert base.assign(*"abc") == ["ab", "c"]
    assert base.stays() == []


def test_what_a_person_said_holds_whoever_is_deleted(base):
    for record in "abc":
        base.stage(record)
    base.decide("a", "b", "same")
    base.decide("b", "c", "same")
    base.assign(*"abc")
    base.stage("b", deleted=True)
    assert base.assign("b") == ["abc"]


def test_a_record_deleted_before_the_hub_saw_it_goes_with_one_it_is_like_and_ties_no_two(base):
    base.stage("a")
    base.stage("b", deleted=True)
    base.stage("c")
    base.alike("a", "b", 3.0)
    base.alike("b", "c", 5.0)
    assert base.assign(*"abc") == ["a", "bc"]
    assert base.assign(*"abc") == ["a", "bc"]


def test_a_number_says_more_than_a_score_about_a_record_that_was_never_there(base):
    base.stage("a")
    base.stage("b", deleted=True)
    base.stage("c")
    base.number("a", "DE1")
    base.number("b", "DE1")
    base.alike("b", "c")
    assert base.assign(*"abc") == ["ab", "c"]


def test_a_deleted_name_said_in_a_deck_still_waits(base):
    base.stage("deck#1", deleted=True, host=None)
    assert base.assign("deck#1") == []


def test_who_is_deleted_goes_with_the_record_it_came_along_with_when_a_merge_is_taken_back(base):
    for record in "abc":
        base.stage(record)
    base.alike("b", "c")
    assert base.assign(*"abc") == ["a", "bc"]
    base.stage("c", deleted=True)
    base.decide("a", "b", "same")
    assert base.assign(*"abc") == ["abc"]
    base.decide("a", "b", "different")
    assert base.assign("a", "b") == ["a", "bc"]


def test_who_is_deleted_after_a_merge_goes_with_the_record_it_came_along_with_when_that_is_taken_back(base):
    for record in "abc":
        base.stage(record)
    base.alike("b", "c")
    assert base.assign(*"abc") == ["a", "bc"]
    base.decide("a", "b", "same")
    assert base.assign(*"abc") == ["abc"]
    base.stage("c", deleted=True)
    assert base.assign("c") == ["abc"]
    base.decide("a", "b", "different")
    assert base.assign("a", "b") == ["a", "bc"]


def test_the_founder_itself_deleted_goes_with_those_it_came_along_with(base):
    for record in "abc":
        base.stage(record)
    base.alike("b", "c")
    before = base.assign(*"abc")
    base.stage("b", deleted=True)
    base.decide("a", "c", "same")
    assert base.assign(*"abc") == ["abc"]
    base.decide("a", "c", "different")
    assert base.assign("a", "c") == before


def test_what_one_question_of_a_retraining_is_about_is_decided_together(base):
    for record in "abc":
        base.stage(record)
    base.assign(*"abc")
    review = ("a", "c", "retrained", "organization", "join", json.dumps([["a"], ["c"]]), "run", base.now())
    base.write("identity_review", REVIEW, *review)
    assert closed_neighborhood(base.connection, "organization", {"a"}) == {"a", "c"}
    assert closed_neighborhood(base.connection, "organization", {"c"}) == {"a", "c"}
    with base.connection.transaction():
        base.connection.execute("UPDATE identity_review SET closed_at = ?", (base.now(),))
    assert closed_neighborhood(base.connection, "organization", {"a"}) == {"a"}


def test_a_branch_nobody_states_any_more_keeps_nobody_apart(base):
    for record in "ab":
        base.stage(record)
    base.alike("a", "b")
    base.branch("b", "a")
    assert base.assign(*"ab") == ["a", "b"]
    base.branch("b", "a", deleted=True)
    assert base.assign(*"ab") == ["ab"]

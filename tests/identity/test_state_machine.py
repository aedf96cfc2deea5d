"""Promise 7 under any history: add, change, vanish, merge at the source, decide, split, retrain, in any batches."""

from __future__ import annotations

from itertools import combinations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from partnerhub.identity.policy import DEFAULT
from pipelines.resolve import assign_organizations, assign_persons
from pipelines.resolve.retraining import ask_about_differences
from pipelines.stage.compared import compared_before
from tests.identity.laws import RECORDS, Laws, pairs, records
from warehouse import bulk

ORGANIZATION = ("record", "source", "stream", "source_id", "raw_id", "rules", "name", "country", "deleted_at")
PERSON = ("record", "source", "stream", "source_id", "raw_id", "rules", "name", "deleted_at")
KEY = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
RELATION = (
    "record", "source", "stream", "source_id", "raw_id", "rules", "kind", "from_record", "to_record", "until",
)  # fmt: skip
LINK = ("record", "started_at", "organization_id", "method", "run_id")
EDGE = (
    "left_record", "right_record", "entity", "score", "band", "why_json", "rules", "run_id", "recorded_at",
)  # fmt: skip
GONE_AT = "2026-01-01T00:00:00.000000Z"


class Organizations(Laws):
    """Organizations, with scores, numbers and what retraining asks."""

    entity = "organization"

    def assigning(self, connection, records, run_id, now):
        return assign_organizations(connection, records, run_id, now)

    @rule(record=records, deleted=st.booleans(), country=st.sampled_from(["DE", "DE", "FR", None]))
    def add_or_change(self, record, deleted, country):
        source, stream, number = record.split("/")
        gone_at = GONE_AT if deleted else None
        self.write(
            "staged_organization",
            ORGANIZATION,
            (record, source, stream, number, 1, "1", "Acme", country, gone_at),
        )
        self.waiting.add(record)

    @rule(scores=st.lists(st.sampled_from([9.0, 3.0, -4.0]), min_size=15, max_size=15))
    def a_whole_list_comes_in(self, scores):
        for record in RECORDS:
            self.add_or_change(record, deleted=False, country=None)
        for pair, score in zip(combinations(RECORDS, 2), scores, strict=True):
            self.is_scored(pair, score)
        self.assign_all()

    @rule(record=records, number=st.sampled_from(["HRB 1", "HRB 2"]))
    def gets_registry_number(self, record, number):
        self.write("key", KEY, (record, "registry", "handelsregister", number, number, "organization", "crm"))
        self.waiting.add(record)

    @rule(record=records)
    def loses_its_registry_number(self, record):
        with self.connection.transaction():
            self.connection.execute("DELETE FROM key WHERE record = ?", (record,))
        self.waiting.add(record)

    @rule(pair=pairs, score=st.sampled_from([9.0, 3.0, -4.0, -40.0]))
    def is_scored(self, pair, score):
        band = "auto" if score >= 0 else "review" if score > -10 else "veto"
        self.write("match_edge", EDGE, (*pair, "organization", score, band, "[]", "1", "r", self.now()))
        self.waiting.update(pair)

    @precondition(lambda self: not self.waiting)
    @rule(record=records)
    def vanishes_and_is_missed_by_nobody_it_did_not_hold(self, record):
        """Who is gone stays; nobody comes together because of it, and two that nothing else holds may part."""
        before = self.links()
        self.vanish(record)
        self.assign_all()
        after = self.links()
        assert after.keys() == before.keys()
        together = [other for other in before if other != record and before[other] == before.get(record)]
        assert not together or after[record] in {after[other] for other in together}

    @rule(data=st.data())
    def is_retrained(self, data):
        """Every pair weighs something else all at once; nothing else is new."""
        self.assign_all()
        before = self.everything()
        scores = st.sampled_from([9.0, 5.0, 1.0, -2.0, -4.0])
        with self.connection.transaction():
            for left, right in self.query("SELECT left_record, right_record FROM match_edge ORDER BY 1, 2"):
                score = data.draw(scores)
                self.connection.execute(
                    "UPDATE match_edge SET score = ?, band = ? WHERE left_record = ? AND right_record = ?",
                    (score, "auto" if score >= 0 else "review", left, right),
                )
            ask_about_differences(self.connection, "run", self.now(), DEFAULT)
        asked = self.reviews()
        self.assign(set(RECORDS))
        assert self.everything() == before
        with self.connection.transaction():
            ask_about_differences(self.connection, "run", self.now(), DEFAULT)
        assert [row for row in self.reviews() if "retrained" in row] == [
            row for row in asked if "retrained" in row
        ]


class Persons(Laws):
    """Persons, with names, addresses, employers and numbers."""

    entity = "person"

    def __init__(self):
        super().__init__()
        for employer in ("acme", "beta"):
            self.write("organization_link", LINK, (employer, self.now(), employer, "founding", "run"))

    def assigning(self, connection, records, run_id, now):
        return assign_persons(connection, records, run_id, now)

    def compared(self, record):
        return {
            other
            for kind, each in (("person", record), ("relation", f"{record}#at"))
            for other, entity in compared_before(self.connection, kind, [(each,)])
            if entity == "person"
        }

    @rule(
        record=records,
        deleted=st.sampled_from([False, False, True]),
        name=st.sampled_from(["ann miller", "ann miller", "bo lee", "miller", None]),
        addresses=st.sets(
            st.sampled_from(["ann@acme.example", "a@acme.example", "ann@beta.example", "info@x.example"])
        ),
        number=st.sampled_from([None, None, None, "1", "2"]),
    )
    def add_or_change(self, record, deleted, name, addresses, number):
        self.waiting |= {record} | self.compared(record)
        source, stream, place = record.split("/")
        row = (record, source, stream, place, 1, "1", name, GONE_AT if deleted else None)
        keys = [("email", "", address) for address in sorted(addresses)]
        keys += [("name", "", name)] * bool(name) + [("registry", "isni", number)] * bool(number)
        with self.connection.transaction():
            self.connection.execute("DELETE FROM key WHERE record = ?", (record,))
            bulk.upsert(self.connection, "staged_person", PERSON, [row])
            rows = [(record, kind, scheme, value, value, "person", source) for kind, scheme, value in keys]
            bulk.insert(self.connection, "key", KEY, rows)
        self.waiting |= self.compared(record)

    @rule(record=records, employer=st.sampled_from(["acme", "acme", "beta", "nowhere"]), left=st.booleans())
    def works_at(self, record, employer, left):
        self.waiting |= {record} | self.compared(record)
        row = (
            f"{record}#at",
            "crm",
            "c",
            record,
            1,
            "1",
            "works_at",
            record,
            employer,
            "2026-01-01" if left else None,
        )
        self.write("staged_relation", RELATION, row)
        self.waiting |= self.compared(record)


TestOrganizations = Organizations.TestCase
TestPersons = Persons.TestCase
TestOrganizations.settings = TestPersons.settings = settings(
    max_examples=250, stateful_step_count=40, deadline=None
)

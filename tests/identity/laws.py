"""The laws of identity (promise 7), checked after every step of any history; machines say what can happen."""

from __future__ import annotations

import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from warehouse import bulk
from warehouse.database import Connection
from warehouse.schema import migrate

RECORDS = [f"{source}/companies/{number}" for source in ("crm", "sheet") for number in range(3)]
records = st.sampled_from(RECORDS)
pairs = st.lists(records, min_size=2, max_size=2, unique=True).map(sorted)


@cache
def template() -> sqlite3.Connection:
    path = Path(tempfile.mkdtemp()) / "warehouse.db"
    migrate(f"sqlite:///{path}")
    return sqlite3.connect(path, check_same_thread=False)


def groups_of(links, records):
    """The records by what they belong to."""
    ids = {links[record] for record in records}
    return {frozenset(record for record in records if links[record] == each) for each in ids}


class Laws(RuleBasedStateMachine):
    """A warehouse in memory; the real functions write its ledger, the rules play staging, scoring and people.

    entity: what is identified; assigning: the real function; compared: whom the change of a record lets wait, too.
    """

    entity: str

    def assigning(self, connection, records, run_id, now):
        raise NotImplementedError

    def compared(self, record):
        return set()

    def __init__(self):
        super().__init__()
        memory = sqlite3.connect(":memory:", isolation_level=None)
        template().backup(memory)
        self.connection = Connection(memory, "sqlite")
        self.waiting: set[str] = set()
        self.clock = 0

    def teardown(self):
        self.connection.close()

    def now(self) -> str:
        self.clock += 1
        return f"2026-01-01T00:00:00.{self.clock:06d}Z"

    def write(self, table, columns, row):
        with self.connection.transaction():
            bulk.upsert(self.connection, table, columns, [row])

    @rule(record=records)
    def vanish(self, record):
        self.waiting |= self.compared(record)
        with self.connection.transaction():
            self.connection.execute(f"DELETE FROM staged_{self.entity} WHERE record = ?", (record,))
            self.connection.execute("DELETE FROM key WHERE record = ?", (record,))
        self.waiting.add(record)

    @rule(pair=pairs, verdict=st.sampled_from(["same", "different", "different", "unsure"]))
    def is_decided(self, pair, verdict):
        columns = ("left_record", "right_record", "decided_at", "entity", "verdict", "actor")
        self.write("decision", columns, (*pair, self.now(), self.entity, verdict, "ann"))
        self.waiting.update(pair)

    @rule(pair=pairs)
    def is_merged_at_the_source(self, pair):
        columns = (
            "record",
            "source",
            "stream",
            "source_id",
            "raw_id",
            "rules",
            "kind",
            "from_record",
            "to_record",
        )
        loser, winner = pair
        self.write(
            "staged_relation",
            columns,
            (f"{loser}#m", "crm", "c", loser, 1, "1", "merged_into", loser, winner),
        )
        self.waiting.update(pair)

    @rule(record=records)
    def is_split_off(self, record):
        """A person says that a record is none of the others it is with."""
        links = self.links()
        for other in [r for r in links if r != record and links[r] == links.get(record)]:
            self.is_decided(sorted((record, other)), "different")

    @precondition(lambda self: not self.waiting)
    @rule(pair=pairs)
    def is_merged_and_unmerged(self, pair):
        """Who is taken for one and then told apart again answers by the former ids.

        An answered question of a retraining is not asked again because the answer is taken back.
        """
        if any("retrained" in row for row in self.reviews()):
            return
        links, decided = self.links(), self.query("SELECT left_record, right_record FROM decision")
        if tuple(pair) in decided or not set(pair) <= links.keys():
            return
        # One of which nobody is left stays with the one it was merged with.
        if not {links[record] for record in pair} <= {links[record] for record in self.present()}:
            return
        self.is_decided(pair, "same")
        self.assign_all()
        both, merged = {links[record] for record in pair}, self.links()
        whole = {merged[record] for record in links if links[record] in both}
        # Scores may add up otherwise where two become one; a merge is what leaves everybody where they were.
        exact = len(whole) == 1 and all(merged[r] == links[r] for r in links if links[r] not in both)
        with self.connection.transaction():
            self.connection.execute(
                "DELETE FROM decision WHERE left_record = ? AND right_record = ?", tuple(pair)
            )
        self.assign(set(pair))
        assert self.links() == links or not exact

    @precondition(lambda self: not self.waiting)
    @rule()
    def a_hub_that_starts_now_groups_the_living_alike(self):
        """What a full run over everything there is would make of it, if nothing had ever been linked."""
        living, told = set(self.present()), self.query("SELECT left_record, right_record FROM decision")
        if (
            any("retrained" in row for row in self.reviews())
            or not {r for pair in told for r in pair} <= living
        ):
            return
        fresh = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.raw.backup(fresh)
        step_by_step, other = groups_of(self.links(), living), Connection(fresh, "sqlite")
        with other.transaction():
            for table in (
                f"{self.entity}_link",
                "redirect",
                "identity_event",
                "identity_review",
                "stays_with",
            ):
                other.execute(f"DELETE FROM {table}")
            self.assigning(other, set(RECORDS), "run", self.now())
        at_once: dict[str, str] = dict(
            other.query(f"SELECT record, {self.entity}_id FROM {self.entity}_link")
        )
        other.close()
        assert groups_of(at_once, living) == step_by_step

    @rule(data=st.data())
    def assign_a_portion(self, data):
        portion = data.draw(st.sets(st.sampled_from(sorted(self.waiting)))) if self.waiting else set()
        self.assign(portion)
        self.waiting -= portion

    @rule()
    def assign_all(self):
        self.assign(set(self.waiting))
        self.waiting.clear()

    def assign(self, records):
        before, living = self.links(), self.living()
        with self.connection.transaction():
            self.assigning(self.connection, records, "run", self.now())
        written = self.everything()
        with self.connection.transaction():
            again = self.assigning(self.connection, records, "run", self.now())
        assert self.everything() == written
        assert not again.moved_records
        self.oldest_living_id_stays(before, living)

    def oldest_living_id_stays(self, before, living):
        after, minted = self.links(), self.minted()
        for entity_id in set(after.values()):
            rivals = [i for i in living if after.get(minted[i][1]) == entity_id]
            if rivals:
                assert entity_id == min(rivals, key=lambda i: (minted[i][0], i))
        # A record that founded a living id keeps it, unless an older one took it over.
        for record, entity_id in before.items():
            if minted[entity_id][1] == record and after[record] != entity_id:
                assert minted[after[record]][:1] <= minted[entity_id][:1]

    def present(self):
        rows = self.query(f"SELECT record FROM staged_{self.entity} WHERE deleted_at IS NULL")
        return [row[0] for row in rows]

    def query(self, statement):
        return self.connection.query(statement)

    def links(self) -> dict[str, str]:
        return dict(
            self.query(f"SELECT record, {self.entity}_id FROM {self.entity}_link WHERE ended_at IS NULL")
        )

    def minted(self) -> dict[str, tuple[str, str]]:
        found = self.query("SELECT entity_id, recorded_at, record FROM identity_event WHERE kind = 'minted'")
        return {entity_id: (at, record) for entity_id, at, record in found}

    def redirects(self) -> dict[str, str]:
        return dict(self.query("SELECT from_id, to_id FROM redirect WHERE ended_at IS NULL"))

    def living(self) -> set[str]:
        return set(self.links().values())

    def reviews(self):
        return self.query("SELECT * FROM identity_review WHERE closed_at IS NULL ORDER BY 1, 2, 3")

    def everything(self):
        tables = (f"{self.entity}_link", "redirect", "identity_event")
        return [self.query(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]

    @invariant()
    def every_published_id_answers_where_its_founder_is(self):
        links, redirects, living = self.links(), self.redirects(), self.living()
        for entity_id, (_, founder) in self.minted().items():
            answer = redirects.get(entity_id, entity_id)
            assert answer in living
            assert answer not in redirects
            assert links[founder] == answer

    @invariant()
    def a_record_has_one_open_link_and_an_id_one_open_redirect(self):
        for table, key in ((f"{self.entity}_link", "record"), ("redirect", "from_id")):
            assert not self.query(
                f"SELECT {key} FROM {table} WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1"
            )

    @invariant()
    def an_id_is_minted_once_and_a_record_founds_once(self):
        events = self.query("SELECT entity_id, record FROM identity_event WHERE kind = 'minted'")
        assert len({i for i, _ in events}) == len({r for _, r in events}) == len(events)

    @invariant()
    def whom_a_person_told_apart_stays_apart(self):
        verdicts = self.query("SELECT left_record, right_record, verdict FROM decision ORDER BY decided_at")
        latest = {(left, right): verdict for left, right, verdict in verdicts}
        links = self.links()
        for (left, right), verdict in latest.items():
            if verdict == "different" and not self.waiting & {left, right} and left in links:
                assert links[left] != links.get(right)

    @invariant()
    def a_question_is_about_two_that_are_apart_or_one_that_may_come_apart(self):
        links = self.links()
        for left, right, _, _, proposal, *_ in self.reviews():
            if not self.waiting & {left, right} and {left, right} <= links.keys():
                assert (links[left] == links[right]) == (proposal == "part")

    @invariant()
    def once_nothing_waits_a_full_run_changes_nothing(self):
        if not self.waiting:
            before = self.everything(), self.reviews()
            with self.connection.transaction():
                self.assigning(self.connection, set(RECORDS), "run", self.now())
            assert (self.everything(), self.reviews()) == before

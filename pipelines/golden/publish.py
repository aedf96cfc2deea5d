"""Publication: everything that waits becomes identity, golden records, facts and timeline in one transaction.

No reader sees half a merge: links, redirects, golden, versions and timeline commit together, under the lease `publish`.
Only what the waiting records touch is read or written; running again writes nothing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from connectors.record import utc_text
from pipelines import leases
from pipelines.golden import work
from pipelines.golden.asked import settle_questions
from pipelines.golden.candidates import publish_candidates
from pipelines.golden.colleagues import publish_colleagues
from pipelines.golden.deal_history import DealHistory
from pipelines.golden.facts import publish_facts
from pipelines.golden.organization_steps import publish_organizations, touch_organizations
from pipelines.golden.past import PUBLISHED_NAME, RULES_NAME
from pipelines.golden.persons import publish_persons, touch_persons
from pipelines.golden.questions import publish_questions
from pipelines.golden.search import is_made, publish_search
from pipelines.uncompared import kept_waiting
from warehouse import bulk
from warehouse.changes.turn import take_turn
from warehouse.hub_state import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.golden.settings import PublishSettings
    from warehouse.database import Connection, Database

Outcome = TypeVar("Outcome")

LEASE = "publish"


class Assigned(Protocol):
    """What assignment of ids reports."""

    @property
    def touched_ids(self) -> Iterable[str]:
        """Ids whose members changed, former ids included."""

    @property
    def moved_records(self) -> Iterable[str]:
        """Records that belong to another id than before, or to one for the first time."""


class Assign(Protocol):
    """Give records their lasting ids, in the ledger, inside the caller's transaction."""

    def __call__(self, connection: Connection, records: set[str], run_id: str, now: str, /) -> Assigned:
        """`records`: staged records that changed, appeared or vanished."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The two assignments; `pipelines.resolve` in production."""

    assign_organizations: Assign
    assign_persons: Assign


@dataclass(frozen=True, slots=True)
class PublishCounts:
    """What one publication took in, looked at, and wrote (rows)."""

    pending: int = 0
    organizations: int = 0
    organizations_written: int = 0
    persons: int = 0
    persons_written: int = 0
    facts: int = 0
    facts_written: int = 0
    candidates_written: int = 0
    everything: bool = False


def publish(
    database: Database, settings: PublishSettings, run_id: str, now: str, *, identity: Identity | None = None
) -> PublishCounts:
    """Publish all that waits. Safe to call twice: without anything waiting it takes no lease and writes nothing.

    now: UTC text under which the hub records what it publishes. Raises AlreadyRunning while another one publishes.
    """
    with database.session() as connection:
        if not is_due(connection, settings):
            return PublishCounts()
        with leases.held(database, LEASE) as lease, connection.transaction():
            leases.renew(connection, lease)
            with compared_alone(connection, identity):
                return publish_within(connection, settings, run_id, now, identity=identity)


def carry_out(
    database: Database,
    settings: PublishSettings,
    run_id: str,
    now: str,
    command: Callable[[Connection], Outcome],
    *,
    identity: Identity | None = None,
) -> tuple[Outcome, PublishCounts]:
    """Run a person's command (`warehouse.commands`) and the publication that follows in one transaction.

    Returns what the command returned and what was published; raises what the command raised, and then nothing was
    written. Raises AlreadyRunning.
    """
    with leases.held(database, LEASE) as lease, database.session() as connection, connection.transaction():
        leases.renew(connection, lease)
        with compared_alone(connection, identity):
            outcome = command(connection)
            return outcome, publish_within(connection, settings, run_id, now, identity=identity)


def compared_alone(connection: Connection, identity: Identity | None = None) -> AbstractContextManager[None]:
    """Publish no organization inside that is not compared yet; another identity than ours compares nothing."""
    return nullcontext() if identity else kept_waiting(connection)


def is_due(connection: Connection, settings: PublishSettings) -> bool:
    """Whether anything waits, the rules changed since the last publication, or nothing can be found yet."""
    waits = bool(connection.one("SELECT 1 FROM pending LIMIT 1"))
    return waits or rules_changed(connection, settings) or not is_made(connection)


def rules_changed(connection: Connection, settings: PublishSettings) -> bool:
    """Whether the last publication went by other rules."""
    return remembered(connection, RULES_NAME) != settings.fingerprint()


def publish_within(
    connection: Connection,
    settings: PublishSettings,
    run_id: str,
    now: str,
    *,
    identity: Identity | None = None,
) -> PublishCounts:
    """The same inside the caller's transaction, for commands that change the ledger and show the outcome at once.

    The caller holds the lease, or is a short command: the database lets one writer of `pending` go at a time.
    """
    steps = identity or resolver(settings)
    take_turn(connection)
    now = moment_of(connection, now)
    work.prepare(connection)
    pending = work.take_pending(connection)
    assign_ids(connection, steps, run_id, now)
    everything = rules_changed(connection, settings)
    if everything:
        work.take_everything(connection)
    publish_colleagues(connection, settings)
    touch_organizations(connection)
    organizations = publish_organizations(connection, settings, run_id, now, everything=everything)
    settle_questions(connection, now)
    touch_persons(connection)
    persons = publish_persons(connection, settings, now, everything=everything)
    history = DealHistory(connection, run_id, now)
    facts = publish_facts(connection, settings, history, everything=everything)
    candidates = publish_candidates(connection, settings)
    publish_questions(connection, now, everything=everything)
    publish_search(connection, everything=everything)
    if everything:
        remember(connection, RULES_NAME, settings.fingerprint())
    return PublishCounts(pending, *organizations, *persons, *facts, candidates, everything)


def moment_of(connection: Connection, now: str) -> str:
    """When this publication counts as published: `now`, but never before the last one.

    A run that waited for the lease brings a time from before the publication it waited for, and a clock may be set
    back; intervals of versions and links must follow one another all the same.
    """
    last = remembered(connection, PUBLISHED_NAME)
    if last and now < last:
        now = utc_text(datetime.fromisoformat(last) + timedelta(microseconds=1))
    remember(connection, PUBLISHED_NAME, now)
    return now


def resolver(settings: PublishSettings) -> Identity:
    """Identity as `pipelines.resolve` assigns it; imported here because it brings Splink along."""
    resolve: Any = import_module("pipelines.resolve")
    if settings.identity is None:
        return Identity(resolve.assign_organizations, resolve.assign_persons)
    return Identity(partial(resolve.assign_organizations, settings=settings.identity), resolve.assign_persons)


def assign_ids(connection: Connection, steps: Identity, run_id: str, now: str) -> None:
    """Let identity decide about the records that wait; what it touches has to be published again.

    Persons come second: where somebody works is part of who they are.
    """
    records = {row[0] for row in connection.query(TO_ASSIGN.format(kind="organization"))}
    people = {row[0] for select in PERSONS_TO_ASSIGN for row in connection.query(select)}
    if records:
        assigned = steps.assign_organizations(connection, records, run_id, now)
        work.add_keys(connection, "work_organization", assigned.touched_ids)
        people |= employed_at(connection, assigned.moved_records, now)
    if people:
        work.add_keys(
            connection, "work_person", steps.assign_persons(connection, people, run_id, now).touched_ids
        )


def employed_at(connection: Connection, moved: Iterable[str], now: str) -> set[str]:
    """The persons who work at organizations that records came to or left just now."""
    if not connection.one("SELECT 1 FROM person_link LIMIT 1"):
        return set()  # the first time, everybody waits anyway
    bulk.load_keys(connection, "moved_record", ("record",), ((record,) for record in sorted(moved)))
    return {row[0] for row in connection.query(EMPLOYED, (now,))}


TO_ASSIGN = (
    "SELECT record FROM work_record WHERE kind = '{kind}'"
    " UNION SELECT s.record FROM work_record w CROSS JOIN staged_relation r CROSS JOIN staged_{kind} s"
    " WHERE w.kind = 'relation' AND r.record = w.record AND r.kind IN ('merged_into', 'parent_of', 'branch_of')"
    " AND s.record IN (r.from_record, r.to_record) ORDER BY 1"
)
"""Records of a kind that wait, and those between which a source stated a merge or a branch."""

PERSONS_TO_ASSIGN = (
    TO_ASSIGN.format(kind="person"),
    (
        "SELECT s.record FROM work_record w CROSS JOIN staged_relation r CROSS JOIN staged_person s"
        " WHERE w.kind = 'relation' AND r.record = w.record AND r.kind = 'works_at' AND s.record = r.from_record"
    ),
)
"""Also those of whom a source says where they work."""

EMPLOYED = (
    "SELECT DISTINCT s.record FROM moved_record m CROSS JOIN organization_link l CROSS JOIN organization_link o"
    " CROSS JOIN staged_relation r CROSS JOIN staged_person s"
    " WHERE l.record = m.record AND (l.ended_at IS NULL OR l.ended_at = ?)"
    " AND o.organization_id = l.organization_id AND o.ended_at IS NULL"
    " AND r.to_record = o.record AND r.kind = 'works_at' AND s.record = r.from_record"
)

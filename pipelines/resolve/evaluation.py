"""The rules judged by what people decided: what they would join and keep apart if nobody had said anything.

The pairs are scored and grouped by the very functions of a sync, inside a transaction in which no decision exists and
which is taken back; only the figures stay.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from partnerhub.identity.policy import MATCH_RULES, Policy
from pipelines.leases import held, renew
from pipelines.resolve.assignment import assign_organizations
from pipelines.resolve.proposal import propose
from warehouse import bulk
from warehouse.database import Connection, Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LEASE: Final = "publish"
RUN: Final = "evaluate"
LABELS: Final = (
    "SELECT d.left_record, d.right_record, d.verdict, d.decided_at FROM decision d"
    " JOIN staged_organization a ON a.record = d.left_record AND a.deleted_at IS NULL"
    " JOIN staged_organization b ON b.record = d.right_record AND b.deleted_at IS NULL"
    " WHERE d.entity = 'organization' ORDER BY d.decided_at, d.left_record, d.right_record"
)
LINKS: Final = (
    "SELECT l.record, l.organization_id FROM labeled k JOIN organization_link l ON l.record = k.record"
    " WHERE l.ended_at IS NULL"
)
BASELINE: Final = (
    "SELECT evaluated_at, wrong_json FROM evaluation WHERE NOT regressed ORDER BY evaluated_at DESC LIMIT 1"
)
COLUMNS: Final = (
    "evaluated_at", "rules", "auto", "review", "labels", "joined_rightly", "joined_wrongly", "apart_rightly",
    "apart_wrongly", "over_merges", "regressed", "wrong_json", "actor",
)  # fmt: skip

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """Pairs that people called the same or different, and what the rules make of them.

    joined_wrongly: the rules join what is different. apart_wrongly: they keep apart what is the same. over_merges:
    organizations they would make of records that somebody called different.
    """

    joined_rightly: int
    apart_rightly: int
    joined_wrongly: tuple[Pair, ...]
    apart_wrongly: tuple[Pair, ...]
    over_merges: int

    @property
    def labels(self) -> int:
        """How many pairs were judged."""
        return self.joined_rightly + self.apart_rightly + len(self.joined_wrongly) + len(self.apart_wrongly)

    @property
    def precision(self) -> float | None:
        """Of the pairs the rules join, how many are the same; None when they join none."""
        joined = self.joined_rightly + len(self.joined_wrongly)
        return self.joined_rightly / joined if joined else None

    @property
    def recall(self) -> float | None:
        """Of the pairs that are the same, how many the rules join; None when none is."""
        same = self.joined_rightly + len(self.apart_wrongly)
        return self.joined_rightly / same if same else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """This run beside the last good one, on the labels both had: newly wrong pairs, newly right ones."""

    since: str
    labels: int
    newly_joined_wrongly: tuple[Pair, ...] = ()
    newly_apart_wrongly: tuple[Pair, ...] = ()
    mended: tuple[Pair, ...] = ()
    wrong_before: Mapping[str, int] = field(default_factory=dict)
    wrong_now: Mapping[str, int] = field(default_factory=dict)

    @property
    def regressed(self) -> bool:
        """Whether more pairs are wrongly joined, or more wrongly apart, than before."""
        return any(self.wrong_now[kind] > self.wrong_before[kind] for kind in self.wrong_now)


class Untried(Exception):  # raised to leave the transaction, never shown
    """Ends the transaction in which the rules were tried."""


class Tried(Connection):
    """A connection inside one transaction: what would open its own takes part in it."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Take part in the transaction that is open."""
        yield self


@dataclass(frozen=True, slots=True)
class TriedDatabase:
    """A database whose only session is one open transaction."""

    connection: Connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """The open one."""
        yield self.connection


def evaluate_rules(
    database: Database, policy: Policy, *, actor: str, now: str, accept: bool = False
) -> tuple[Judged, Comparison | None] | None:
    """Judge the rules and keep the figures; None when nobody has decided anything. Raises AlreadyRunning.

    accept: let this run be what later ones are compared with even though it is worse.
    """
    with held(database, LEASE) as lease, database.session() as connection:
        labels = read_labels(connection)
        if not labels:
            return None
        found: list[Judged] = []
        try:
            with connection.transaction():
                renew(connection, lease)
                found.append(judged(labels, partition(connection, labels, policy, now)))
                raise Untried
        except Untried:
            judgment = found[0]
        compared = compare(connection, labels, judgment)
        with connection.transaction():
            renew(connection, lease)
            store(connection, judgment, policy, actor, now, regressed=worse(compared) and not accept)
    return judgment, compared


def worse(compared: Comparison | None) -> bool:
    """Whether there was something to compare with, and it was better."""
    return compared is not None and compared.regressed


def read_labels(connection: Connection) -> dict[Pair, tuple[str, str]]:
    """Pair → (same or different, when), by people's last word; pairs of records that are gone are left out."""
    last = {(left, right): (verdict, at) for left, right, verdict, at in connection.query(LABELS)}
    return {pair: said for pair, said in last.items() if said[0] in {"same", "different"}}


def partition(connection: Connection, labels: Iterable[Pair], policy: Policy, now: str) -> dict[str, str]:
    """Record → id as the rules alone would have it. Expects a transaction that is taken back afterwards."""
    records = sorted({record for pair in labels for record in pair})
    tried = Tried(connection.raw, connection.dialect)
    tried.execute("DELETE FROM decision WHERE entity = 'organization'")
    # A question that retraining left open would keep its organizations as they stand.
    tried.execute("DELETE FROM identity_review WHERE entity = 'organization'")
    tried.execute("DELETE FROM pending WHERE kind = 'organization'")
    waiting = [(record, "organization") for record in records]
    bulk.upsert(tried, "pending", ("record", "kind"), waiting)
    propose(cast("Any", TriedDatabase(tried)), RUN, now, policy)
    also = {row[0] for row in tried.query("SELECT record FROM pending WHERE kind = 'organization'")}
    assign_organizations(tried, also, RUN, now, policy)
    bulk.load_keys(tried, "labeled", ("record",), ((record,) for record in records))
    return dict(tried.query(LINKS))


def judged(labels: Mapping[Pair, tuple[str, str]], ids: Mapping[str, str]) -> Judged:
    """Compare what people said with what the rules make of it."""
    outcome: dict[tuple[str, bool], list[Pair]] = defaultdict(list)
    for pair in sorted(labels):
        left, right = (ids.get(record) for record in pair)
        outcome[labels[pair][0], left is not None and left == right].append(pair)
    wrongly = outcome["different", True]
    return Judged(
        joined_rightly=len(outcome["same", True]),
        apart_rightly=len(outcome["different", False]),
        joined_wrongly=tuple(wrongly),
        apart_wrongly=tuple(outcome["same", False]),
        over_merges=len({ids[left] for left, _ in wrongly}),
    )


def compare(
    connection: Connection, labels: Mapping[Pair, tuple[str, str]], judgment: Judged
) -> Comparison | None:
    """This judgment beside the last good one, on pairs about which people said the same then; None for the first."""
    found = connection.one(BASELINE)
    if found is None:
        return None
    since, wrong = found[0], {(left, right) for left, right in json.loads(found[1])}
    common = {pair: verdict for pair, (verdict, at) in labels.items() if at <= since}
    now = {"different": set(judgment.joined_wrongly), "same": set(judgment.apart_wrongly)}
    before = {kind: {pair for pair in wrong if common.get(pair) == kind} for kind in ("different", "same")}
    shared = {kind: {pair for pair in now[kind] if pair in common} for kind in now}
    return Comparison(
        since=since,
        labels=len(common),
        newly_joined_wrongly=tuple(sorted(shared["different"] - before["different"])),
        newly_apart_wrongly=tuple(sorted(shared["same"] - before["same"])),
        mended=tuple(sorted((before["different"] | before["same"]) - shared["different"] - shared["same"])),
        wrong_before={kind: len(pairs) for kind, pairs in before.items()},
        wrong_now={kind: len(pairs) for kind, pairs in shared.items()},
    )


def store(
    connection: Connection, judgment: Judged, policy: Policy, actor: str, now: str, *, regressed: bool
) -> None:
    """Keep the figures of a run."""
    wrong = json.dumps(sorted([*judgment.joined_wrongly, *judgment.apart_wrongly]))
    row = (
        now, MATCH_RULES, policy.auto, policy.review, judgment.labels, judgment.joined_rightly,
        len(judgment.joined_wrongly), judgment.apart_rightly, len(judgment.apart_wrongly), judgment.over_merges,
        regressed, wrong, actor,
    )  # fmt: skip
    bulk.upsert(connection, "evaluation", COLUMNS, [row])

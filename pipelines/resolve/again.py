"""Scoring everything anew because somebody asked for it: what it changes, what it asks, how the queue stands then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pipelines import leases
from pipelines.golden import work
from pipelines.golden.publish import LEASE
from pipelines.golden.questions import make_whole, publish_questions
from pipelines.resolve.evaluation import Tried, TriedDatabase
from pipelines.resolve.retraining import rescore
from warehouse.queries.review import count_questions

if TYPE_CHECKING:
    from partnerhub.identity.policy import Policy
    from warehouse.database import Database


@dataclass(frozen=True, slots=True)
class Again:
    """pairs: weighed otherwise than before. joins, splits: asked about now. waiting: questions, before and after."""

    pairs: int
    joins: int
    splits: int
    waiting_before: int
    waiting: int


class OnlyTried(Exception):  # raised to leave the transaction, never shown
    """Ends a transaction that was only tried."""


def score_again(database: Database, run_id: str, now: str, policy: Policy, *, dry_run: bool = False) -> Again:
    """Score every pair anew and make the queue that follows, in one transaction. Moves no id; safe to repeat.

    dry_run: the figures are the true ones, and nothing stays. Raises AlreadyRunning.
    """
    found: list[Again] = []
    make_whole(database, now)
    with leases.held(database, LEASE) as lease, database.session() as connection:
        try:
            with connection.transaction():
                leases.renew(connection, lease)
                before = count_questions(connection)
                within = cast("Any", TriedDatabase(Tried(connection.raw, connection.dialect)))
                rescored = rescore(within, run_id, now, policy)
                work.prepare(connection)
                publish_questions(connection, now, everything=True)
                waiting = count_questions(connection)
                found.append(Again(rescored.pairs, rescored.joins, rescored.splits, before, waiting))
                if dry_run:
                    raise OnlyTried
        except OnlyTried:
            pass
    return found[0]

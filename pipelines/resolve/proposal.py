"""Propose which organizations are the same: score what waits against its neighborhood and keep the pairs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, MATCH_RULES, Policy
from pipelines.resolve import whole
from pipelines.resolve.blocks import (
    Known,
    read_features,
    read_frequencies,
    reweighing_values,
    sharing_records,
    useful_values,
    write_blocks,
)
from pipelines.resolve.neighborhood import load_reached
from pipelines.resolve.scores import Scored, score_pairs
from pipelines.resolve.wording import Shown, Wording
from pipelines.uncompared import note_compared
from warehouse import bulk, indexes
from warehouse.database import Connection, Database, RowTuple

BATCH = 50_000
"""How many waiting records are scored at a time, which bounds memory."""
UNCOMPARED = -12.0
"""The score of a pair that shares nothing any more: what two records are worth before anything is compared."""
PENDING = "SELECT record FROM pending WHERE kind = 'organization' ORDER BY record"
Ends = tuple[str, str]
"""The two records of a pair, the smaller one first."""
SOURCES = (
    "SELECT s.record, s.source FROM reached CROSS JOIN staged_organization s WHERE s.record = reached.record"
)
EDGES = """
SELECT e.left_record, e.right_record, e.score, e.band, e.why_json, e.rules
FROM reached CROSS JOIN match_edge e WHERE e.left_record = reached.record AND e.entity = 'organization'
UNION ALL
SELECT e.left_record, e.right_record, e.score, e.band, e.why_json, e.rules
FROM reached CROSS JOIN match_edge e WHERE e.right_record = reached.record AND e.entity = 'organization'
"""
EDGES_BETWEEN = """
SELECT left_record, right_record, score, band, why_json, rules FROM match_edge
WHERE left_record > ? AND left_record <= ? AND entity = 'organization'
"""
BY_VALUE = "key_value"
AFTER_ALL = "\U0010ffff"
"""Behind every record."""
EDGE_COLUMNS = (
    "left_record", "right_record", "score", "band", "why_json", "rules", "entity", "run_id", "recorded_at"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProposeCounts:
    """waiting: pending organizations. compared: records loaded around them. pairs by band as scored; written: rows.

    pairs: all that were looked at, kept or worth keeping.
    """

    waiting: int = 0
    compared: int = 0
    auto: int = 0
    review: int = 0
    written: int = 0
    pairs: int = 0

    def __add__(self, other: ProposeCounts) -> ProposeCounts:
        return ProposeCounts(
            self.waiting + other.waiting,
            self.compared + other.compared,
            self.auto + other.auto,
            self.review + other.review,
            self.written + other.written,
            self.pairs + other.pairs,
        )


def propose(database: Database, run_id: str, now: str, settings: Policy = DEFAULT) -> ProposeCounts:
    """Score the pending organizations against whoever they could be. Consumes nothing; safe to repeat.

    Reads only the records that share a blocking value with a pending one, so cost follows the change; all records at
    once where a large part of them is pending.
    """
    with database.session() as connection:
        counts = propose_waiting(database, connection, run_id, now, settings)
        note_compared(connection)
    return counts


def propose_waiting(
    database: Database, connection: Connection, run_id: str, now: str, settings: Policy
) -> ProposeCounts:
    """The same on a connection."""
    counts = ProposeCounts()
    waiting = [row[0] for row in connection.query(PENDING)]
    if whole.is_large(connection, len(waiting)):
        return propose_all(database, connection, set(waiting), run_id, now, settings)
    portions = list(batches(waiting))
    for batch in portions:
        with connection.transaction():
            mine = read_and_block(connection, sorted(batch), batch)
    for batch in portions:
        if len(portions) > 1:  # of one the features are at hand
            mine = read_features(connection, batch)
        counts += propose_batch(connection, batch, mine, run_id, now, settings)
    return counts


def batches(records: Sequence[str]) -> Iterator[set[str]]:
    """The records in bounded portions."""
    for start in range(0, len(records), BATCH):
        yield set(records[start : start + BATCH])


def read_and_block(
    connection: Connection, records: Sequence[str], waiting: Collection[str]
) -> list[Features]:
    """The features of records, in order; the blocking values of those that wait are written."""
    features = read_features(connection, records)
    new = [f for f in features if f.record in waiting]
    load_reached(connection, waiting if len(waiting) <= len(records) else [f.record for f in new])
    write_blocks(connection, new, dict(connection.query(SOURCES)))
    return features


def propose_all(
    database: Database, connection: Connection, waiting: set[str], run_id: str, now: str, settings: Policy
) -> ProposeCounts:
    """Score everybody against everybody and write the pairs that changed."""
    chunks, told, last = [], Wording(settings.scorecard), ""
    with without_index(database, connection):
        for chunk in whole.everybody(connection):
            with connection.transaction():
                chunks.append(whole.columns(read_and_block(connection, chunk, waiting.intersection(chunk))))
    counts = ProposeCounts(len(waiting), sum(len(chunk) for chunk in chunks))
    for scored in whole.score_all(chunks, settings):
        wanted = {
            (one.pair.left, one.pair.right): edge(one.pair, one.left, one.right, told, settings)
            for one in scored
        }
        first, last = last, scored[-1].pair.left
        counts += write_between(connection, (first, last), wanted, waiting, run_id, now)
    return counts + write_between(connection, (last, AFTER_ALL), {}, waiting, run_id, now)


@contextmanager
def without_index(database: Database, connection: Connection) -> Iterator[None]:
    """Before the first load, the index of keys by value is taken away, to be built once it is done."""
    if connection.one("SELECT 1 FROM organization_link LIMIT 1"):
        yield
        return
    indexes.take_away(connection, BY_VALUE)
    try:
        yield
    finally:
        indexes.put_back(database)


def write_between(
    connection: Connection,
    span: tuple[str, str],
    wanted: dict[Ends, RowTuple],
    waiting: set[str],
    run_id: str,
    now: str,
) -> ProposeCounts:
    """Write the pairs of the records from behind the first of the span up to the second."""
    with connection.transaction():
        stored = {(row[0], row[1]): tuple(row[2:]) for row in connection.query(EDGES_BETWEEN, span)}
        return write_edges(connection, stored, wanted, waiting, run_id, now)


def propose_batch(
    connection: Connection, batch: set[str], mine: list[Features], run_id: str, now: str, settings: Policy
) -> ProposeCounts:
    """Score one portion and write the pairs that changed. mine: the features of those that are staged."""
    features, again, scored = score_batch(connection, batch, mine, settings)
    told = Wording(settings.scorecard)
    wanted = {
        (pair.left, pair.right): edge(
            pair, features[pair.left].shown, features[pair.right].shown, told, settings
        )
        for pair in scored
    }
    with connection.transaction():
        load_reached(connection, batch)
        stored = again | stored_edges(connection)
        counts = write_edges(connection, stored, wanted, batch, run_id, now)
    return counts + ProposeCounts(len(batch), len(features))


def write_edges(
    connection: Connection,
    stored: Mapping[Ends, RowTuple],
    wanted: dict[Ends, RowTuple],
    waiting: set[str],
    run_id: str,
    now: str,
) -> ProposeCounts:
    """Write what is wanted instead of what is stored. Whose pairs weigh otherwise waits from now on, too."""
    for key in stored.keys() - wanted.keys():
        wanted[key] = (UNCOMPARED, "no", "[]", MATCH_RULES)
    rows = [
        (*key, *values, "organization", run_id, now)
        for key, values in wanted.items()
        if stored.get(key) != values
    ]
    bulk.upsert(connection, "match_edge", EDGE_COLUMNS, sorted(rows))
    also = sorted({record for row in rows for record in row[:2] if not waiting.intersection(row[:2])})
    bulk.upsert(connection, "pending", ("record", "kind"), [(record, "organization") for record in also])
    bands = [values[1] for values in wanted.values()]
    return ProposeCounts(0, 0, bands.count("auto"), bands.count("review"), len(rows), len(bands))


def score_batch(
    connection: Connection, batch: set[str], mine: list[Features], settings: Policy
) -> tuple[dict[str, Features], dict[Ends, RowTuple], list[Scored]]:
    """The features around a portion, pairs of others that weigh anew, and all pairs at or above the threshold."""
    known, held = Known(), [f.blocking_values for f in mine]
    again = reweighed(connection, batch, held, settings, known)
    near = sharing_records(connection, useful_values(connection, held, settings, known))
    ends = {record for pair in again for record in pair}
    features = {f.record: f for f in chain(mine, read_features(connection, (near | ends) - batch))}
    frequencies = read_frequencies(connection, features.values(), batch | ends, settings, known)
    scored = score_pairs(
        features.values(),
        fresh=batch,
        also=sorted(again),
        frequencies=frequencies,
        at_least=settings.review,
        policy=settings,
    )
    return features, again, scored


def reweighed(
    connection: Connection, batch: set[str], held: list[frozenset[str]], settings: Policy, known: Known
) -> dict[Ends, RowTuple]:
    """Stored pairs of others that may weigh otherwise because of the batch: a name, site or word has one bearer more.

    What is more common says less. So pairs that were not worth keeping before are not looked for.
    """
    anew = reweighing_values(connection, held, settings, known)
    load_reached(connection, sharing_records(connection, anew))
    return {key: values for key, values in stored_edges(connection).items() if not batch.intersection(key)}


def stored_edges(connection: Connection) -> dict[Ends, RowTuple]:
    """Pair → score, band, explanation and rules of all pairs with a record in the temporary table `reached`."""
    return {(row[0], row[1]): tuple(row[2:]) for row in connection.query(EDGES)}


def edge(pair: Scored, left: Shown, right: Shown, told: Wording, settings: Policy) -> RowTuple:
    """Score, band, explanation and rules of a pair, as stored. left, right: what the two records show."""
    why = told.of(pair.levels, left, right, branch=pair.branch)
    band = "veto" if pair.vetoed else "auto" if pair.weight >= settings.auto else "review"
    return (pair.weight, band, why, MATCH_RULES)

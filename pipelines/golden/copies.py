"""Which staged records are one fact: copies of a mail or meeting share `same_as`, everything else stands alone."""

from __future__ import annotations

import uuid
from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING, NamedTuple

from pipelines.golden import work
from pipelines.golden.differences import write_difference
from pipelines.golden.one_fact import find_same
from pipelines.golden.past import records_known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.golden.settings import PublishSettings
    from warehouse.database import Connection

NAMESPACE = uuid.UUID("6a6c5d0e-4f0b-5f7e-9a43-0d3f8f1b7c21").bytes
BATCH = 5_000
COLUMNS = ("record", "fact_id")

Placed = tuple[str, str, str | None]
"""A record, what its copies agree on, and the fact it is known as."""


class Kind(NamedTuple):
    """A staged kind that becomes facts. identity: the SQL expression copies agree on; work: the table of its phase.

    compared: whether records are compared beyond that (`one_fact`).
    """

    name: str
    table: str
    identity: str
    work: str
    compared: bool = False


KINDS = (
    Kind("deal", "staged_deal", "t.record", "work_deal", compared=True),
    Kind("agreement", "staged_agreement", "t.record", "work_deal"),
    Kind("work_item", "staged_work_item", "t.record", "work_task"),
    Kind("commitment", "staged_commitment", "t.record", "work_fact"),
    Kind("touchpoint", "staged_touchpoint", "coalesce(t.same_as, t.record)", "work_fact", compared=True),
    Kind("document", "staged_document", "t.record", "work_document"),
)
PHASES = ("work_deal", "work_task", "work_fact", "work_document")
"""Deals and agreements before what hangs on them, work before what is said about it, documents last."""

HANGING_ON_GONE = (
    "SELECT l.fact_id FROM work_record w CROSS JOIN fact_source s CROSS JOIN fact_link l WHERE w.kind = '{kind}'"
    " AND s.record = w.record AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.record = w.record)"
    " AND l.anchor = 'record:' || w.record"
)


@lru_cache(maxsize=65_536)
def fact_id(identity: str) -> str:
    """UUIDv5 of what copies of one fact agree on (`uuid.uuid5` without its overhead)."""
    digest = sha1(NAMESPACE + identity.encode(), usedforsecurity=False).digest()[:16]
    return str(uuid.UUID(bytes=digest, version=5))


def publish_copies(connection: Connection, settings: PublishSettings) -> None:
    """Bring `fact_source` to what records are, and remember every fact that won or lost a copy, or has a new one."""
    for kind in KINDS:
        touch_former(connection, kind)
        connection.execute("DELETE FROM work_same")
        if kind.compared:
            find_same(connection, kind.name, settings)
        after = ""
        while rows := waiting(connection, kind, after):
            after = rows[-1][0]
            place(connection, kind, rows)
        regroup(connection, kind)
        take_away(connection, kind)


def take_away(connection: Connection, kind: Kind) -> None:
    """Waiting records that are staged no more are copies of nothing; what hangs on them is looked at.

    It is found now: once they are copies of nothing, no fact that moves leads to it.
    """
    touch_selected(connection, HANGING_ON_GONE.format(kind=kind.name, table=kind.table))
    while gone := connection.query(
        "SELECT s.record, s.fact_id FROM work_record w CROSS JOIN fact_source s"
        f" WHERE w.kind = '{kind.name}' AND s.record = w.record"
        f" AND NOT EXISTS (SELECT 1 FROM {kind.table} t WHERE t.record = w.record) LIMIT {BATCH}"
    ):
        write_difference(connection, "fact_source", COLUMNS, gone, [])


def place(connection: Connection, kind: Kind, rows: Sequence[Placed]) -> None:
    """Put records where they belong; the facts they come to and leave are looked at."""
    found = [(record, fact_id(identity)) for record, identity, _ in rows]
    work.add_keys(connection, kind.work, (each for _, each in found))
    news = [(pair, row[2]) for pair, row in zip(found, rows, strict=True) if pair[1] != row[2]]
    work.add_keys(connection, kind.work, (former for _, former in news if former))
    write_difference(
        connection,
        "fact_source",
        COLUMNS,
        [(record, former) for (record, _), former in news if former],
        [pair for pair, _ in news],
        known={pair[0] for pair, former in news if former}
        | records_known(connection, [pair[0] for pair, former in news if not former]),
    )


def touch_selected(
    connection: Connection,
    select: str,
    parameters: Sequence[str] = (),
    phases: Sequence[str] = PHASES,
    name: str | None = None,
) -> None:
    """Hand the facts a query names to their own phase: in another's, their copies would not be found.

    name: the table of work that takes them instead of the phase's.
    """
    for phase in phases:
        entities = ", ".join(f"'{kind.name}'" for kind in KINDS if kind.work == phase)
        work.add(
            connection,
            name or phase,
            f"SELECT t.fact_id FROM ({select}) AS t JOIN fact f ON f.fact_id = t.fact_id"
            f" WHERE f.entity IN ({entities})",
            parameters,
        )


def touch_former(connection: Connection, kind: Kind) -> None:
    """The facts the waiting records belonged to until now."""
    work.add(
        connection,
        kind.work,
        "SELECT s.fact_id FROM work_record w CROSS JOIN fact_source s"
        f" WHERE w.kind = '{kind.name}' AND s.record = w.record",
    )


def waiting(connection: Connection, kind: Kind, after: str) -> list[Placed]:
    """Some waiting records that exist: (record, what copies agree on, fact they are known as)."""
    return [
        (row[0], row[1], row[2])
        for row in connection.query(
            f"SELECT w.record, coalesce(d.identity, {kind.identity}), s.fact_id FROM work_record w"
            f" CROSS JOIN {kind.table} t LEFT JOIN fact_source s ON s.record = w.record"
            " LEFT JOIN work_same d ON d.record = w.record"
            f" WHERE w.kind = '{kind.name}' AND w.record > ? AND t.record = w.record"
            f" ORDER BY w.record LIMIT {BATCH}",
            (after,),
        )
    ]


def regroup(connection: Connection, kind: Kind) -> None:
    """Place the records that do not wait themselves, but are something else because of those that do."""
    after = ""
    while rows := connection.query(
        "SELECT d.record, d.identity, s.fact_id FROM work_same d LEFT JOIN fact_source s ON s.record = d.record"
        f" WHERE d.record > ? ORDER BY d.record LIMIT {BATCH}",
        (after,),
    ):
        after = rows[-1][0]
        place(connection, kind, [(row[0], row[1], row[2]) for row in rows if fact_id(row[1]) != row[2]])

"""Which staged records are one fact: copies of a mail or meeting share `same_as`, everything else stands alone."""

from __future__ import annotations

import uuid
from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING, NamedTuple

from pipelines.golden import work
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

NAMESPACE = uuid.UUID("6a6c5d0e-4f0b-5f7e-9a43-0d3f8f1b7c21").bytes
BATCH = 5_000


class Kind(NamedTuple):
    """A staged kind that becomes facts. identity: the SQL expression copies agree on; work: the table of its phase."""

    name: str
    table: str
    identity: str
    work: str


KINDS = (
    Kind("deal", "staged_deal", "t.record", "work_deal"),
    Kind("agreement", "staged_agreement", "t.record", "work_deal"),
    Kind("work_item", "staged_work_item", "t.record", "work_task"),
    Kind("commitment", "staged_commitment", "t.record", "work_fact"),
    Kind("touchpoint", "staged_touchpoint", "coalesce(t.same_as, t.record)", "work_fact"),
    Kind("document", "staged_document", "t.record", "work_document"),
)
PHASES = ("work_deal", "work_task", "work_fact", "work_document")
"""Deals and agreements before what hangs on them, work before what is said about it, documents last."""


@lru_cache(maxsize=65_536)
def fact_id(identity: str) -> str:
    """UUIDv5 of what copies of one fact agree on (`uuid.uuid5` without its overhead)."""
    digest = sha1(NAMESPACE + identity.encode(), usedforsecurity=False).digest()[:16]
    return str(uuid.UUID(bytes=digest, version=5))


def publish_copies(connection: Connection) -> None:
    """Bring `fact_source` to the waiting records and remember every fact that won or lost a copy, or has a new one."""
    for kind in KINDS:
        touch_former(connection, kind)
        after = ""
        while rows := waiting(connection, kind, after):
            after = rows[-1][0]
            found = [(record, fact_id(identity)) for record, identity, _ in rows]
            work.add_keys(connection, kind.work, (each for _, each in found))
            news = [pair for pair, row in zip(found, rows, strict=True) if pair[1] != row[2]]
            bulk.upsert(connection, "fact_source", ("record", "fact_id"), news)
        connection.execute(
            "DELETE FROM fact_source WHERE record IN (SELECT w.record FROM work_record w"
            f" WHERE w.kind = '{kind.name}' AND NOT EXISTS (SELECT 1 FROM {kind.table} t WHERE t.record = w.record))"
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


def waiting(connection: Connection, kind: Kind, after: str) -> list[tuple[str, str, str | None]]:
    """Some waiting records that exist: (record, what copies agree on, fact they are known as)."""
    return [
        (row[0], row[1], row[2])
        for row in connection.query(
            f"SELECT w.record, {kind.identity}, s.fact_id FROM work_record w CROSS JOIN {kind.table} t"
            " LEFT JOIN fact_source s ON s.record = w.record"
            f" WHERE w.kind = '{kind.name}' AND w.record > ? AND t.record = w.record"
            f" ORDER BY w.record LIMIT {BATCH}",
            (after,),
        )
    ]

"""One fact seen in several systems: which staged deals, mails and meetings are one, beyond the ids they share.

Records find each other by `copy` keys and ids, are compared by the rules of `same_deals` and `same_touchpoints`, and
leave what they are in the table `work_same`. Whatever a change could decide anew is looked at with all it could be
compared with, and nothing else: cost follows the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.golden import work
from pipelines.golden.compared_deals import load_deals, named_by_id
from pipelines.golden.compared_touchpoints import load_touchpoints
from pipelines.golden.same_deals import one_deal
from pipelines.golden.same_touchpoints import one_touchpoint
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.golden.settings import PublishSettings
    from warehouse.database import Connection

CHUNK = 1_000
SEEDS = (
    "SELECT w.record FROM work_record w WHERE w.kind = '{kind}'",
    (
        "SELECT r.from_record FROM work_record w CROSS JOIN staged_relation r CROSS JOIN staged_{kind} t"
        " WHERE w.kind = 'relation' AND r.record = w.record AND t.record = r.from_record"
    ),
    (
        "SELECT s.record FROM work_record w CROSS JOIN fact_link l CROSS JOIN fact f CROSS JOIN fact_source s"
        " WHERE w.kind = 'relation' AND l.stated_by = w.record AND f.fact_id = l.fact_id AND f.entity = '{kind}'"
        " AND s.fact_id = f.fact_id"
    ),
    (
        "SELECT s.record FROM work_anchor w CROSS JOIN fact_link l CROSS JOIN fact f CROSS JOIN fact_source s"
        " WHERE l.anchor = w.anchor AND f.fact_id = l.fact_id AND f.entity = '{kind}' AND s.fact_id = f.fact_id"
    ),
)
"""Records that wait, whose relations wait or went, and whose people or organizations may have changed."""

COMPARED = {
    "deal": (
        (
            "SELECT o.record FROM frontier f CROSS JOIN key m CROSS JOIN key o"
            " WHERE m.record = f.record AND m.kind = 'copy' AND o.normalized = m.normalized AND o.kind = 'copy'"
            " AND o.entity = 'deal' AND o.source <> m.source"
        ),
        (
            "SELECT o.record FROM frontier f CROSS JOIN fact_source s CROSS JOIN fact_source o"
            " WHERE s.record = f.record AND o.fact_id = s.fact_id AND o.record <> s.record"
        ),
    ),
    "touchpoint": (
        (
            "SELECT o.record FROM frontier f CROSS JOIN staged_touchpoint t CROSS JOIN key m CROSS JOIN key o"
            " CROSS JOIN staged_touchpoint u WHERE t.record = f.record AND m.record = f.record AND m.kind = 'copy'"
            " AND o.normalized = m.normalized AND o.kind = 'copy' AND o.entity = 'touchpoint'"
            " AND o.source <> m.source AND u.record = o.record AND (t.same_as IS NULL OR u.same_as IS NULL)"
        ),
        (
            "SELECT o.record FROM frontier f CROSS JOIN fact_source s CROSS JOIN fact_source o"
            " CROSS JOIN staged_touchpoint u WHERE s.record = f.record AND o.fact_id = s.fact_id"
            " AND o.record <> s.record AND u.record = o.record AND u.same_as IS NULL"
        ),
    ),
}
"""What a record is compared with: who shares a key in another system, and who was one with it so far. Of touchpoints
two with ids of their own are never compared."""


def find_same(connection: Connection, kind: str, settings: PublishSettings) -> None:
    """Decide for every record of a kind that a change could concern what it is, into `work_same`."""
    connection.execute("DELETE FROM work_seed")
    for select in SEEDS:
        work.add(connection, "work_seed", select.format(kind=kind))
    work.settle(connection, "work_seed")
    for span in work.spans(connection, "work_seed", CHUNK):
        seeds = connection.query(
            "SELECT w.record FROM work_seed w LEFT JOIN work_same d ON d.record = w.record"
            " WHERE w.record BETWEEN ? AND ? AND d.record IS NULL",
            span,
        )
        if together := closed(connection, kind, {row[0] for row in seeds}):
            remember(connection, decided(connection, kind, together, settings))


def closed(connection: Connection, kind: str, seeds: set[str]) -> set[str]:
    """Everything that hangs together with the seeds; seeds that are compared with nothing are left out."""
    reached, visited, frontier = set[str](), set[str](), seeds
    while frontier:
        visited |= frontier
        bulk.load_keys(connection, "frontier", ("record",), ((record,) for record in sorted(frontier)))
        found = {row[0] for select in COMPARED[kind] for row in connection.query(select)}
        if kind == "deal":
            found |= named_by_id(connection)
        reached |= found
        frontier = found - visited
    return reached


def decided(
    connection: Connection, kind: str, records: set[str], settings: PublishSettings
) -> dict[str, str]:
    """What each of these records is; those no longer staged are nothing."""
    bulk.load_keys(connection, "frontier", ("record",), ((record,) for record in sorted(records)))
    if kind == "deal":
        return one_deal(load_deals(connection))
    return one_touchpoint(load_touchpoints(connection, settings))


def remember(connection: Connection, found: Mapping[str, str]) -> None:
    """Keep what records are for this publication."""
    connection.execute_many(
        "INSERT INTO work_same (record, identity) VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(found.items())
    )

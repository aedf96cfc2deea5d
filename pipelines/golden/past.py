"""How published rows stood before: images written with the change itself, for readings as of a moment.

Only what changes leaves one (see `warehouse.tables.past`), so a first publication writes none, and neither does a
rebuild, which publishes anew what these images are the past of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse import bulk
from warehouse.hub_state import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from pipelines.golden.work import Span
    from warehouse.database import Connection

RULES_NAME: Final = "publish_rules"
"""Under which the hub remembers by which rules it published last; in a first publication and a rebuild it does not."""
PUBLISHED_NAME: Final = "published_at"
"""Under which it remembers when, from the beginning of the publication on."""
IDS_AT_ONCE: Final = 400

Row = tuple[Any, ...]


class Past(NamedTuple):
    """How the past of one table is kept. name: where; owner: the column that names whose row it is."""

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    owner: str


PASTS: Final = {
    "fact": Past(
        "fact_past",
        ("fact_id",),
        ("entity", "kind", "happened_at", "record", "nature", "direction", "attached", "deleted_at"),
        "fact_id",
    ),
    "fact_source": Past("fact_source_past", ("record",), ("fact_id",), "record"),
    "timeline": Past(
        "timeline_past",
        ("organization_id", "fact_id"),
        ("entity", "happened_at", "method", "role"),
        "fact_id",
    ),
    "colleague": Past(
        "colleague_past",
        ("colleague_id",),
        ("name", "email", "active", "team", "record_count"),
        "colleague_id",
    ),
    "colleague_record": Past("colleague_record_past", ("record",), ("colleague_id",), "record"),
    "person": Past("person_past", ("person_id",), ("name", "email", "phone", "title"), "person_id"),
    "person_organization": Past(
        "person_organization_past",
        ("person_id", "organization_id", "role"),
        ("record", "since", "until"),
        "person_id",
    ),
}
"""Table → how its past is kept."""


def keep_past(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    rows: tuple[Sequence[Row], Sequence[Row]],
    known: AbstractSet[str] | None = None,
) -> None:
    """Write how the rows of a table stood that go, come or change now; nothing of a table without a past.

    rows: all there were of some keys, and all there have to be. known: owners of which something was published before;
    rows that come to others are as new as they. None: all are. Of several changes in one publication the first counts.
    """
    past = PASTS.get(name)
    if past is None or (not rows[0] and known is not None and not known):
        return
    images = images_of(past, list(columns), rows, known)
    if not images or is_first(connection):
        return
    ended_at = remembered(connection, PUBLISHED_NAME)
    listed = (*past.key, *past.values, "was_there", "ended_at")
    connection.execute_many(
        f"INSERT INTO {past.name} ({', '.join(listed)}) VALUES ({', '.join('?' * len(listed))})"
        " ON CONFLICT DO NOTHING",
        [(*image, ended_at) for image in images],
    )


def images_of(
    past: Past,
    columns: list[str],
    rows: tuple[Sequence[Row], Sequence[Row]],
    known: AbstractSet[str] | None,
) -> list[Row]:
    """Key, values and whether it was there, of every row that goes, comes or changes."""
    keys, values = ([columns.index(each) for each in names] for names in (past.key, past.values))
    owner = past.key.index(past.owner)
    stood, wanted = set(rows[0]), set(rows[1])
    before, after = (
        {tuple([row[at] for at in keys]): tuple([row[at] for at in values]) for row in each}
        for each in (stood - wanted, wanted - stood)
    )
    absent = (None,) * len(values)
    changed = [(*key, *was, True) for key, was in before.items() if after.get(key) != was]
    come = [key for key in after if key not in before and (known is None or key[owner] in known)]
    return changed + [(*key, *absent, False) for key in come]


def is_first(connection: Connection) -> bool:
    """Whether this publication makes all there is: the first of a hub, or that of a rebuild."""
    return remembered(connection, RULES_NAME) is None


def facts_known(connection: Connection, phase: str, span: Span, stood: Iterable[Row]) -> set[str]:
    """The touched facts of a span that were published before. stood: their rows in `fact`, which begin with the id."""
    gone = (
        []
        if is_first(connection)
        else connection.query(
            f"SELECT p.fact_id FROM {phase} w CROSS JOIN fact_past p"
            " WHERE w.fact_id BETWEEN ? AND ? AND p.fact_id = w.fact_id",
            span,
        )
    )
    return {row[0] for row in (*stood, *gone)}


def records_known(connection: Connection, records: Sequence[str]) -> set[str]:
    """Of records that are copies of nothing now: those that were, once."""
    if is_first(connection):
        return set()
    found: set[str] = set()
    for start in range(0, len(records), IDS_AT_ONCE):
        among, values = bulk.among(connection, "record", records[start : start + IDS_AT_ONCE])
        found.update(
            row[0] for row in connection.query(f"SELECT record FROM fact_source_past WHERE {among}", values)
        )
    return found

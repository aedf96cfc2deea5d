"""Put what a rebuild makes in the hub's place: the rows that differ, in one transaction, with nobody else at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines import leases
from pipelines.golden.publish import LEASE
from pipelines.golden.search import make_all
from pipelines.progress import silent
from pipelines.rebuild.prepare import fill, last_day, require_settled
from pipelines.rebuild.tables import STAGED_POINTER, shape_of, table_shapes
from pipelines.rebuild.verify import SHOWN, Proof, compared
from pipelines.scratch.compare import paired
from pipelines.scratch.derive import derive
from pipelines.scratch.place import scratch
from warehouse import bulk
from warehouse.bulk import columns_of
from warehouse.database import Database
from warehouse.exports.reading import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partnerhub.config import HubConfig
    from pipelines.progress import Progress
    from pipelines.scratch.compare import Shape
    from warehouse.database import Connection

AT_ONCE: Final = 2_000
"""Rows written at once."""
SEARCH: Final = "search_entry"
POINTERS: Final = "raw_current"
POINTER: Final = (
    "UPDATE raw_current SET quarantine = ?, staged_rules = ?"
    " WHERE source = ? AND stream = ? AND source_id = ? AND staged_raw_id = ?"
)

Row = tuple[Any, ...]


def replace_derived(config: HubConfig, *, shown: int = SHOWN, progress: Progress = silent) -> Proof:
    """Rebuild beside the hub and bring every row that differs to what came out, in one transaction.

    Until it commits readers see what was there, and a kill leaves it. Syncs may read on; whoever derives or decides
    waits, as during another publication. Safe to call twice: the second writes nothing. Raises NotSettled,
    AlreadyRunning and WarehouseError.
    """
    database = Database(config.warehouse_url)
    with leases.held(database, LEASE) as lease, database.session() as live, scratch(database) as target:
        with snapshot(live):
            require_settled(config, live)
            fill(config, live, target)
        timed = derive(config, target, day_of(database), progress)
        with target.session() as made, snapshot(made), snapshot(live):
            proof = Proof(
                compared(live, made, shown), count(made), {"derived": timed.seconds, "whole": timed.seconds}
            )
            if not proof.equal:
                with leases.fenced(database, lease).session() as writing, writing.transaction():
                    bring_to(live, made, writing)
    return proof


def day_of(database: Database) -> str | None:
    """The day signals were last looked at."""
    with database.session() as connection:
        return last_day(connection)


def count(made: Connection) -> int:
    """How many raw versions it was made from."""
    return int(made.query("SELECT count(*) FROM raw_record")[0][0])


def bring_to(live: Connection, made: Connection, writing: Connection) -> None:
    """Write every difference. live, made: read from inside snapshots; writing: in a transaction of the hub."""
    for shape in table_shapes():
        if shape.name == SEARCH:
            continue  # its numbers are the hub's own: entries are made anew once all they are made of is written
        if shape.name == POINTERS:
            writing.execute_many(POINTER, (pointer(row) for _, row in differing(live, made, shape) if row))
        else:
            bring_table(made, writing, shape, list(differing(live, made, shape)))
    if any(differing(live, made, shape_of(SEARCH))):
        make_all(writing)


def differing(live: Connection, made: Connection, shape: Shape) -> Iterator[tuple[Row | None, Row | None]]:
    """The rows that are not the same, as they are and as they came out; None on the side that has none."""
    for here, there in paired(live, made, shape):
        if here != there:
            yield here, there


def bring_table(
    made: Connection, writing: Connection, shape: Shape, rows: Sequence[tuple[Row | None, Row | None]]
) -> None:
    """Delete what did not come out and write what did, whole rows with the columns that are not compared."""
    at = [shape.columns.index(name) for name in shape.key]
    gone = [tuple(here[i] for i in at) for here, there in rows if here is not None and there is None]
    bulk.delete(writing, shape.name, shape.key, gone)
    columns = columns_of(shape.name)
    where = " AND ".join(f"{name} = ?" for name in shape.key)
    whole = f"SELECT {', '.join(columns)} FROM {shape.name} WHERE {where}"
    wanted = [tuple(there[i] for i in at) for _, there in rows if there is not None]
    for start in range(0, len(wanted), AT_ONCE):
        found = [made.query(whole, key)[0] for key in wanted[start : start + AT_ONCE]]
        bulk.upsert(writing, shape.name, columns, found)


def pointer(row: Row) -> Row:
    """What came out for one record's staging, as `POINTER` takes it."""
    found = dict(zip(STAGED_POINTER, row, strict=True))
    names = ("quarantine", "staged_rules", "source", "stream", "source_id", "staged_raw_id")
    return tuple(found[name] for name in names)

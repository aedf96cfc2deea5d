"""Prove that the hub is what its raw layer and its ledger say, by making it again beside itself and comparing."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from pipelines.progress import silent
from pipelines.rebuild.prepare import fill, last_day, require_settled
from pipelines.rebuild.tables import mart_shapes, table_shapes
from pipelines.scratch.compare import compare
from pipelines.scratch.derive import derive
from pipelines.scratch.place import scratch
from warehouse.database import Database
from warehouse.exports.reading import snapshot

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.progress import Progress
    from pipelines.scratch.compare import Compared
    from warehouse.database import Connection

SHOWN: Final = 5


@dataclass(slots=True)
class Proof:
    """How a rebuild came out. raw_records: versions it began with. seconds: by part, and all together as `whole`."""

    tables: list[Compared] = field(default_factory=list)
    raw_records: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether every row of every table came out again."""
        return all(table.equal for table in self.tables)


def verify(config: HubConfig, *, shown: int = SHOWN, progress: Progress = silent) -> Proof:
    """Rebuild everything in a second warehouse and compare. Reads the hub as of one moment and writes nothing to it.

    Syncs may go on meanwhile. shown: differing rows kept for each table. Raises NotSettled and WarehouseError.
    """
    database, began = Database(config.warehouse_url), monotonic()
    with database.session() as live, snapshot(live), scratch(database) as target:
        require_settled(config, live)
        proof = Proof()
        fill(config, live, target)
        filled = monotonic()
        derive(config, target, last_day(live), progress)
        derived = monotonic()
        with target.session() as made, snapshot(made):
            proof.tables = compared(live, made, shown)
            found = made.one("SELECT count(*) FROM raw_record")
        proof.raw_records = int(found[0]) if found else 0
        ended = monotonic()
    parts = {
        "copied": filled - began,
        "derived": derived - filled,
        "compared": ended - derived,
        "whole": ended - began,
    }
    proof.seconds = {name: round(seconds, 2) for name, seconds in parts.items()}
    return proof


def compared(live: Connection, made: Connection, shown: int) -> list[Compared]:
    """Every table, then every published view."""
    return [compare(live, made, shape, shown) for shape in (*table_shapes(), *mart_shapes(live))]

"""Golden without a row that can be made again: the publication after it makes all of them, as a rebuild's does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.rebuild.prepare import FORGET
from pipelines.rebuild.tables import FORGOTTEN_STATE, derived_tables
from warehouse.tables import layer_of

if TYPE_CHECKING:
    from warehouse.database import Database


def forget_golden(database: Database) -> None:
    """Take every derived golden row away, and what the hub remembers of having made it; history and ledger stay."""
    with database.session() as connection, connection.transaction():
        for name in derived_tables():
            if layer_of(name) == "golden":
                connection.execute(f"DELETE FROM {name}")
        connection.execute(FORGET, FORGOTTEN_STATE)

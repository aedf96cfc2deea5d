"""What can be found, made where no publication has made it yet: a warehouse that was migrated while nobody synced."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipelines.golden.publish import LEASE
from pipelines.golden.search import is_made, make_all
from pipelines.leases import held
from warehouse.errors import AlreadyRunning

if TYPE_CHECKING:
    from warehouse.database import Database

PATIENCE: Final = timedelta(seconds=2)


def make_findable(database: Database) -> bool:
    """Make the entries of the search, and with them who was last heard of when; says whether they were missing.

    Leaves it to a run that is publishing just now. Safe to call at every start: where they are made it reads one row.
    """
    with database.session() as connection:
        if is_made(connection):
            return False
    try:
        with held(database, LEASE, PATIENCE), database.session() as connection, connection.transaction():
            if not is_made(connection):
                make_all(connection)
    except AlreadyRunning:
        return False
    return True

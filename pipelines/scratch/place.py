"""Where a second warehouse stands: a file beside the hub's on SQLite, a database of the same server on PostgreSQL."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from warehouse.database import Database
from warehouse.errors import DiskFull, WarehouseError
from warehouse.processes import still_runs, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK: Final = "partnerhub-scratch"
"""What the names of all of them begin with."""
OURS_ALONE: Final = 0o600
BESIDE: Final = ("", "-wal", "-shm")
"""What SQLite puts beside a file."""
MAY_CREATE: Final = "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreatedb OR rolsuper)"
LEFT_BEHIND: Final = (
    "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE ?"
    " ORDER BY datname"
)


@contextmanager
def scratch(database: Database) -> Iterator[Database]:
    """An empty place for a second warehouse, gone at the end, by whatever way; those of killed programs go as well.

    Raises WarehouseError where there is no room, or where PostgreSQL lets this account make no database.
    """
    with beside_file(database) if database.dialect == "sqlite" else beside_database(database) as made:
        yield made


@contextmanager
def beside_file(database: Database) -> Iterator[Database]:
    """A file in the folder of the hub's."""
    folder, stem = database.path.parent, f".{MARK}-{database.path.name}"
    for left in folder.glob(f"{stem}-*.owner"):
        if still_runs(left.read_text(encoding="utf-8")) is False:
            forget(left)
    free, needed = shutil.disk_usage(folder).free, 2 * database.path.stat().st_size
    if free < needed:
        raise DiskFull(
            f"A second warehouse may grow to {needed:,} bytes and {folder} has {free:,} left.",
            "Make room there and run this again.",
        )
    owner = folder / f"{stem}-{uuid4().hex[:12]}.owner"
    try:
        owner.write_text(this_process(), encoding="utf-8")
        owner.with_suffix(".db").touch(OURS_ALONE)  # a copy of the hub holds what the hub holds
        yield Database(f"sqlite:///{owner.with_suffix('.db')}")
    finally:
        forget(owner)


def forget(owner: Path) -> None:
    """Delete a second warehouse and the note whose it was, which goes last."""
    for ending in BESIDE:
        Path(f"{owner.with_suffix('.db')}{ending}").unlink(missing_ok=True)
    owner.unlink(missing_ok=True)


@contextmanager
def beside_database(database: Database) -> Iterator[Database]:
    """A database of the same server. Its comment says which process made it."""
    name = f"{MARK}-{uuid4().hex[:12]}"
    with database.session() as connection:
        if not connection.one(MAY_CREATE):
            raise WarehouseError(
                "This account of PostgreSQL may make no database, and a second warehouse needs one.",
                "Let an administrator run `ALTER ROLE … CREATEDB` for it, then run this again.",
            )
        for left, whose in connection.query(LEFT_BEHIND, (f"{MARK}-%",)):
            if still_runs(whose or "") is False:
                connection.execute(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)')
        connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{this_process()}'")
    try:
        yield Database(urlunsplit(urlsplit(database.url)._replace(path=f"/{name}")))
    finally:
        with suppress(WarehouseError), database.session() as connection:  # the next one drops it
            connection.spared = True
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

"""A copy of the warehouse that can be trusted: made while syncs run, checked before it counts, put back as a whole."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from warehouse.changes.feed import begin_anew
from warehouse.database import Database
from warehouse.digest import digest
from warehouse.errors import DatabaseUnavailable, WarehouseError
from warehouse.processes import still_runs
from warehouse.schema import current_revision, downgrade, latest_revision, migrate, without_marts
from warehouse.tables import metadata

if TYPE_CHECKING:
    from warehouse.database import Connection

PAGES_AT_ONCE: Final = 4096
"""Pages copied before a writer gets its turn."""
COUNTED: Final = ("raw_record", "raw_current", "organization", "organization_link", "timeline", "redaction")
TOOLS: Final = {"pg_dump": "postgresql-client", "pg_restore": "postgresql-client"}


def backup(url: str, target: Path, now: str) -> dict[str, Any]:
    """Copy the warehouse to a file and its facts beside it (`<file>.json`): revision, size, sha256, rows of tables.

    The copy appears under its name only when it is whole and sound. Raises WarehouseError: the file exists, a tool is
    missing, the copy is not sound.
    """
    database = Database(url)
    if target.exists():
        raise WarehouseError(f"{target} is already there.", "Name a new file.")
    if not os.access(target.parent, os.W_OK):
        raise WarehouseError(
            f"No file can be written into {target.parent}.", "Make that folder, or name another."
        )
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        copy_sqlite(database.path, part) if database.dialect == "sqlite" else dump_postgres(url, part)
        facts: dict[str, Any] = {
            "made_at": now,
            "engine": database.dialect,
            "revision": current_revision(database),
        }
        facts |= {"bytes": part.stat().st_size, "sha256": digest(part), "rows": rows_of(database)}
        facts_of(target).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return facts


def restore(url: str, source: Path) -> dict[str, Any]:
    """Put a backup in the warehouse's place and migrate it; what stood there is kept beside it (SQLite) or replaced.

    Returns the backup's facts, and as `kept` where the former file is now; empty where there was none. Raises
    WarehouseError: the backup is damaged, of a newer program or of the other engine, or somebody is at work.
    """
    facts, database = checked(source), Database(url)
    if facts["engine"] != database.dialect:
        raise WarehouseError(
            f"{source.name} is a backup of {facts['engine']}, the warehouse is {database.dialect}.",
            "Restore it to a warehouse of its kind.",
        )
    if (facts["revision"] or "") > latest_revision():
        raise WarehouseError(
            f"{source.name} has schema {facts['revision']}, this program knows {latest_revision()}.",
            "Upgrade Partner Hub first.",
        )
    if database.dialect == "sqlite":
        kept = put_back_sqlite(database, source)
    else:
        kept = load_postgres(url, source, facts["revision"] or "base")
    migrate(url)
    with database.session() as connection, connection.transaction():
        begin_anew(connection, uuid4().hex)  # whoever reads changes may know of some that are undone now
    return {**facts, "kept": kept}


def checked(source: Path) -> dict[str, Any]:
    """A backup's facts, once its bytes are what they were. Raises WarehouseError."""
    if not source.is_file():
        raise WarehouseError(f"{source} is not there.", "Name a file that `partnerhub backup FILE` made.")
    try:
        facts: dict[str, Any] = json.loads(facts_of(source).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WarehouseError(
            f"The facts of {source.name} cannot be read ({type(error).__name__}).",
            f"Keep {facts_of(source).name} beside it, as `partnerhub backup FILE` wrote it.",
        ) from None
    if digest(source) != facts["sha256"]:
        raise WarehouseError(f"{source.name} is not what was written then.", "Take another backup.")
    return facts


def copy_sqlite(path: Path, part: Path) -> None:
    """SQLite's own online copy, and a check of the copy."""
    if not path.exists():
        raise DatabaseUnavailable(str(path), "the file is not there")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy, pages=PAGES_AT_ONCE)
        copy.execute("PRAGMA journal_mode = DELETE")
        (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise WarehouseError(f"The copy is not sound: {said}.", "Run `partnerhub doctor`.")


def put_back_sqlite(database: Database, source: Path) -> str:
    """The copy in the file's place; the former file stays beside it, under the path that is returned."""
    path, kept = database.path, ""
    if path.exists():
        with database.session() as connection:
            require_nobody(connection)
            connection.query("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = str(path.replace(free_name(path)))
    for ending in ("-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    part = path.with_name(f"{path.name}.part")
    shutil.copyfile(source, part)
    part.replace(path)
    return kept


def free_name(path: Path) -> Path:
    """`<name>.before-restore`, or with a number where an earlier restore has left that one: no former file is lost."""
    first = path.with_name(f"{path.name}.before-restore")
    names = chain([first], (first.with_name(f"{first.name}-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def require_nobody(connection: Connection) -> None:
    """Raise WarehouseError while a lease is held: a sync at work would write into what is no longer the warehouse."""
    leases = connection.query(
        "SELECT name, holder FROM lease WHERE holder <> '' AND name <> 'asked' ORDER BY name DESC"
    )
    held = [(name, holder) for name, holder in leases if still_runs(holder) is not False]
    if held:
        raise WarehouseError(
            f"{held[0][0]} is at work by {held[0][1]}.", "Wait for it, or stop it: `partnerhub cancel last`."
        )


def dump_postgres(url: str, part: Path) -> None:
    """The server's own dump of all schemas of the hub, in its custom format."""
    tool("pg_dump", url, "--format=custom", "--no-owner", f"--file={part}")


def load_postgres(url: str, source: Path, revision: str) -> str:
    """The server's own restore: the hub's tables are replaced in one transaction. Nothing is kept: an empty text.

    What the backup does not know, of a newer revision or a view over a table, would stand in its way and is taken down.
    """
    database = Database(url)
    with database.session() as connection:
        require_nobody(connection)
    found = current_revision(database)
    if found is not None and found > revision:
        downgrade(url, revision)
    without_marts(url, found)
    tool("pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source))
    return ""


def tool(name: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the warehouse; the password goes by environment, never by argument."""
    parts = urlsplit(url.split("+psycopg", 1)[0] + url.partition("+psycopg")[2] if "+psycopg" in url else url)
    environment = {**os.environ, "PGPASSWORD": parts.password or os.environ.get("PGPASSWORD", "")}
    place = ["--host", parts.hostname or "localhost", "--port", str(parts.port or 5432)]
    place += ["--username", parts.username or "postgres", "--no-password", "--dbname", parts.path.lstrip("/")]
    try:
        done = subprocess.run(  # noqa: S603  # one of two names, and parts of the hub's own configuration
            [name, *place, *arguments], capture_output=True, text=True, check=False, env=environment
        )
    except FileNotFoundError:
        raise WarehouseError(
            f"{name} is not installed here.", f"Install PostgreSQL's client programs ({TOOLS[name]})."
        ) from None
    if done.returncode:
        raise WarehouseError(f"{name} ended with {done.returncode}.", f"It said: {done.stderr.strip()[:300]}")


def rows_of(database: Database) -> dict[str, int]:
    """Rows of the main tables, for people who compare."""
    known = [name for name in COUNTED if name in metadata.tables]
    with database.session() as connection:
        return {name: int((connection.one(f"SELECT count(*) FROM {name}") or (0,))[0]) for name in known}


def facts_of(path: Path) -> Path:
    """Where a backup's facts stand."""
    return path.with_name(f"{path.name}.json")

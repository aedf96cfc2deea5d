"""The warehouse: reachable, sound, of this program's schema, with room to grow; clock and runs that hang."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.doctor.findings import Finding, broken, ok, warning
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.processes import still_runs
from warehouse.reconnecting import AT_ONCE
from warehouse.schema import current_revision, latest_revision
from warehouse.trouble import from_driver, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "glusterfs"}
)
LARGE_LOG: Final = 256 * 2**20
"""Bytes of a write-ahead log that somebody's long reading keeps from being copied back."""
ROOM: Final = 2.0
"""A backup, a vacuum or a migration may need as much as the file once more; less free room than twice warns."""
NOTHING_LEFT: Final = 10 * 2**20
LEAST_FREE: Final = 2**30
OLDEST_SERVER: Final = 140_000
APART: Final = timedelta(seconds=5)


def look_at_warehouse(url: str) -> Iterator[Finding]:
    """The database of a hub. Opens it for reading; writes nothing."""
    database = Database(url, patience=AT_ONCE)
    if database.dialect == "sqlite" and not database.path.exists():
        yield broken("warehouse", f"{database.path} is not there.", "Run `partnerhub sync`, which makes it.")
        return
    try:
        with database.session() as connection:
            yield from look_at_schema(database)
            if database.dialect == "sqlite":
                yield from look_at_file(connection, database.path)
                yield from look_at_stamps(connection)
            else:
                yield from look_at_server(connection)
            yield from look_at_runs(connection)
    except WarehouseError as error:
        yield broken("warehouse", error.happened, error.do)
    except Exception as error:  # whatever a driver says of a file that is none
        if not from_driver(error):
            raise
        yield unreadable(error)


def unreadable(error: Exception) -> Finding:
    """A driver's error: by its name where it has one, else what is there is no warehouse any more."""
    trouble = named(error)
    if trouble is not None:
        return broken("warehouse", trouble.happened, trouble.do)
    return broken(
        "warehouse",
        f"The warehouse cannot be read ({type(error).__name__}).",
        "Restore the last backup: `partnerhub restore FILE`.",
    )


def look_at_schema(database: Database) -> Iterator[Finding]:
    """Its revision."""
    found, known = current_revision(database), latest_revision()
    if found == known:
        yield ok("schema", f"Revision {found}.")
    elif found is None or found < known:
        yield warning(
            "schema", f"Revision {found or 'none'}, this program has {known}.", "Run `partnerhub sync`."
        )
    else:
        yield broken("schema", f"Revision {found}, this program knows {known}.", "Upgrade Partner Hub.")


def look_at_file(connection: Connection, path: Path) -> Iterator[Finding]:
    """A SQLite file: sound, on a disk of this machine, with a short log and room beside it."""
    found = connection.one("PRAGMA quick_check(1)")
    if found and found[0] == "ok":
        yield ok("integrity", f"{path.name} is sound.")
    else:
        yield broken(
            "integrity",
            f"{path.name} is damaged: {found[0] if found else 'no answer'}.",
            "`partnerhub restore FILE`.",
        )
    kind = file_system(path)
    if kind in NETWORK_FILE_SYSTEMS:
        yield broken(
            "disk",
            f"{path.name} lies on a network file system ({kind}).",
            "Move it to a disk of this machine.",
        )
    log = path.with_name(f"{path.name}-wal")
    length = log.stat().st_size if log.exists() else 0
    if length > LARGE_LOG:
        fix = "Look for a program that keeps it open and reads; it shrinks when the last one closes."
        yield warning("log", f"The write-ahead log has {length / 2**20:,.0f} MB.", fix)
    else:
        yield ok("log", f"The write-ahead log has {length / 2**20:,.0f} MB.")
    yield room_beside(path)


def look_at_stamps(connection: Connection) -> Iterator[Finding]:
    """This machine's clock, with nobody else's to compare: what the hub wrote lies in the past, or time went back."""
    try:
        found = connection.one("SELECT max(started_at) FROM sync_run")
    except Exception as error:  # an older schema, which has its own line
        if not from_driver(error) or named(error):
            raise
        return
    ahead = datetime.fromisoformat(found[0]) - datetime.now(UTC) if found and found[0] else timedelta()
    if ahead > APART:
        said = f"The newest run began {ahead.total_seconds():,.0f} s from now: the clock was put back."
        yield warning("clock", said, "Let the machine follow a time server (NTP).")
    else:
        yield ok("clock", "Nothing the hub wrote lies in the future.")


def room_beside(path: Path) -> Finding:
    """Free disk against what the file needs."""
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    said = f"{in_bytes(free)} free in {path.parent} beside a warehouse of {in_bytes(size)}."
    if free < NOTHING_LEFT:
        return broken("disk", said, "Free some now: the next sync cannot write. Then `partnerhub resume`.")
    if free < max(LEAST_FREE, ROOM * size):
        return warning("disk", said, "Free some: a backup and a migration need the file's size once more.")
    return ok("disk", said)


def in_bytes(size: int) -> str:
    """`12.3 MB` or `4.5 GB`."""
    return f"{size / 2**20:,.1f} MB" if size < 2**30 else f"{size / 2**30:,.1f} GB"


def file_system(path: Path) -> str:
    """The kind of file system a path lies on; empty where the system does not tell."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    mounts = {parts[1]: parts[2] for parts in (line.split() for line in lines) if len(parts) > 2}  # noqa: PLR2004
    above = [str(folder) for folder in (path.absolute(), *path.absolute().parents)]
    return next((mounts[folder] for folder in above if folder in mounts), "")


def look_at_server(connection: Connection) -> Iterator[Finding]:
    """A PostgreSQL server: new enough, its clock with ours, its session locks ours alone."""
    version = connection.one(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version')"
    )
    if version and version[0] < OLDEST_SERVER:
        yield broken("server", f"PostgreSQL {version[1]}.", "Upgrade to 14 or newer.")
    elif version:
        yield ok("server", f"PostgreSQL {version[1]}.")
    found = connection.one("SELECT extract(epoch FROM clock_timestamp())::float8")
    apart = abs(datetime.now(UTC).timestamp() - float(found[0])) if found else 0.0
    if apart > APART.total_seconds():
        yield warning(
            "clock", f"Server and machine are {apart:,.0f} s apart.", "Let both follow a time server (NTP)."
        )
    else:
        yield ok("clock", "Server and machine agree on the time.")


def look_at_runs(connection: Connection) -> Iterator[Finding]:
    """Runs that claim to be at work and whose process is gone."""
    try:
        running = connection.query("SELECT run_id, holder, started_at FROM sync_run WHERE state = 'running'")
    except Exception as error:  # an older schema, which has its own line
        if not from_driver(error) or named(error):
            raise
        yield warning("runs", f"Runs cannot be read ({type(error).__name__}).", "Run `partnerhub sync`.")
        return
    dead = [run_id for run_id, holder, _ in running if still_runs(holder) is False]
    if dead:
        said = f"{len(dead)} killed: {', '.join(run_id[:8] for run_id in dead)}."
        yield warning("runs", said, "`partnerhub resume` goes on with them.")
    else:
        yield ok("runs", f"{len(running)} at work, none of them dead.")

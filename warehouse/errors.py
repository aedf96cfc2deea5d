"""What can go wrong with the warehouse itself, named by remedy; each says what to do."""

from __future__ import annotations


class WarehouseError(Exception):
    """Root: `do` is what a person can do about it."""

    def __init__(self, happened: str, do: str) -> None:
        """Keep both sentences."""
        super().__init__(f"{happened} {do}")
        self.happened = happened
        self.do = do


class UnsupportedUrl(WarehouseError):
    """The warehouse URL names neither SQLite nor PostgreSQL."""

    def __init__(self, url: str) -> None:
        """`url` is shown without what follows the scheme, as it may hold a password."""
        super().__init__(
            f"The warehouse URL begins with {url.split(':', maxsplit=1)[0]!r}.",
            "Use sqlite:///warehouse.db or postgresql://user@host/name.",
        )


class DatabaseUnavailable(WarehouseError):
    """The database cannot be opened or reached."""

    def __init__(self, where: str, why: str) -> None:
        """`where` is a path or host, never with a password."""
        super().__init__(
            f"The warehouse at {where} cannot be opened: {why}.",
            "See that the database is at work there and that `warehouse:` in partnerhub.yaml is right;"
            " `partnerhub doctor --offline` says when it answers. Then run this again.",
        )


class DatabaseStarting(DatabaseUnavailable):
    """The server is there and takes nobody in yet: it starts, recovers from a crash or shuts down."""


class SchemaMismatch(WarehouseError):
    """The database's schema is older or newer than this program."""


class AlreadyRunning(WarehouseError):
    """Somebody else holds the lease."""

    def __init__(self, name: str, holder: str, since: str) -> None:
        """Say who, and since when. name: the lease's. since: UTC text."""
        kind, _, source = name.partition(":")
        syncs = kind == "sync"
        what = f"A sync of {source}" if syncs else name
        who = holder.partition(" [")[0] or "another process"
        do = "Wait for it to end: `partnerhub runs` shows how far it is"
        super().__init__(
            f"{what} is already running since {since[:19].replace('T', ' ')} UTC, by {who}.",
            f"{do}; `partnerhub cancel last` stops it." if syncs else f"{do}.",
        )
        self.holder = holder
        self.since = since


class NotFound(WarehouseError):
    """Nothing answers to what was asked for."""


class DiskFull(WarehouseError):
    """There is no room for what is to be written."""


class DatabaseBusy(WarehouseError):
    """Somebody else has locked the database for longer than anybody waits."""


class ConnectionLost(WarehouseError):
    """The server ended the connection: a restart, a failover, or a lease taken over."""


class Contended(WarehouseError):
    """Two transactions got into each other's way; the same one works the next time."""

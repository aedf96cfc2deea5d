"""What the run's own row says of a stream: how a writer learns what was committed when the answer was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipelines.land.writer import StreamResult
    from warehouse.database import Connection

COUNTED: Final = ("pages", "read", "landed", "unchanged", "superseded", "quarantined", "removed")
ROW: Final = "FROM stream_run WHERE run_id = ? AND source = ? AND stream = ?"


class Books:
    """The rows of one source's streams in one run. closed: streams that the books have closed."""

    def __init__(self, run_id: str, source: str) -> None:
        """Nothing is read before a stream begins."""
        self.place = (run_id, source)
        self.before: dict[str, tuple[int, ...]] = {}
        self.closed: set[str] = set()

    def open(self, connection: Connection, stream: str) -> None:
        """Remember what an earlier attempt of the same run had counted."""
        self.before[stream] = self.read(connection, stream)

    def count(self, connection: Connection, result: StreamResult) -> bool:
        """Whether the books know of one more page than the result does; the result then says what they say."""
        now = self.read(connection, result.stream)
        found = [here - before for here, before in zip(now, self.before[result.stream], strict=True)]
        if found[0] <= result.pages:
            return False
        for name, number in zip(COUNTED, found, strict=True):
            setattr(result, name, number)
        return True

    def are_behind(self, connection: Connection, result: StreamResult) -> bool:
        """Whether the database forgot what it had confirmed, so that to go on would leave a hole.

        A standby that lagged took over, or commits were not flushed when the server crashed.
        """
        pages = self.read(connection, result.stream)[0] - self.before[result.stream][0]
        closed = self.state(connection, result.stream) not in {"", "running"}
        return pages < result.pages or (result.state != "running" and not closed)

    def look_whether_closed(self, connection: Connection, stream: str) -> None:
        """Note a stream that is closed in the books already."""
        if self.state(connection, stream) not in {"", "running"}:
            self.closed.add(stream)

    def state(self, connection: Connection, stream: str) -> str:
        """How the stream stands; empty where the books do not know it."""
        found = connection.one(f"SELECT state {ROW}", (*self.place, stream))
        return str(found[0]) if found else ""

    def read(self, connection: Connection, stream: str) -> tuple[int, ...]:
        """The counts as they stand."""
        return tuple(connection.one(f"SELECT {', '.join(COUNTED)} {ROW}", (*self.place, stream)) or (0,) * 7)

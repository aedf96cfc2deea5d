"""The writer's side of one source: pin the account, commit pages, keep each stream's result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from connectors.errors import FixSetup, RetryLater
from connectors.record import utc_text
from pipelines.health.credentials import note_credential
from pipelines.land.again import done_again
from pipelines.land.arrivals import Arrived, Ended
from pipelines.land.books import Books
from pipelines.land.comparison import write_comparison
from pipelines.land.content import split_volatile
from pipelines.land.fields import note_fields
from pipelines.land.page import PageCounts, StreamPlace, store_page
from pipelines.land.removal import FullRead
from pipelines.land.runs import end_stream, fail_stream, leave_stream, start_stream
from pipelines.leases import Held, LeaseLost, renew
from pipelines.progress import ProgressEvent

if TYPE_CHECKING:
    from connectors.record import Connector, Page, Stream
    from pipelines.land.arrivals import Message
    from pipelines.land.session import LandSettings
    from pipelines.progress import Progress
    from warehouse.database import Connection


@dataclass(slots=True)
class StreamResult:
    """How one stream of one run went. Counts as in `stream_run`. expected: how many its reading will probably see."""

    source: str
    stream: str
    state: str = "running"
    pages: int = 0
    read: int = 0
    landed: int = 0
    unchanged: int = 0
    superseded: int = 0
    quarantined: int = 0
    removed: int = 0
    requests: int = 0
    sample: str | None = None
    in_source: int | None = None
    expected: int | None = None
    seconds: float = 0.0
    error: Exception | None = None


class SourceWriter:
    """Applies one source's messages to the warehouse, in the order they came."""

    def __init__(self, connector: Connector, settings: LandSettings, lease: Held, progress: Progress) -> None:
        """For one source in one session."""
        self.connector = connector
        self.source = connector.source
        self.settings = settings
        self.lease = lease
        self.progress = progress
        self.streams: dict[str, StreamResult] = {}
        self.places: dict[str, StreamPlace] = {}
        self.declared: dict[str, Stream] = {}
        self.full_reads: dict[str, FullRead] = {}
        self.started: dict[str, float] = {}
        self.read_whole: set[str] = set()
        self.refused: Exception | None = None
        self.lost: LeaseLost | None = None
        self.books = Books(settings.run_id, connector.source)
        self.cut: dict[str, RetryLater] = {}

    def results(self) -> list[StreamResult]:
        """One result per stream that was begun, in order."""
        return list(self.streams.values())

    def open(self, connection: Connection, account: str) -> None:
        """Pin the account at the first sync; another account later refuses every write of this source."""
        now = moment()
        with connection.transaction():
            renew(connection, self.lease)
            connection.execute(
                "INSERT INTO source (source, connector, title, account, pinned_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (source) DO NOTHING",
                (self.source, self.connector.name, self.connector.title, account, now),
            )
            note_credential(connection, self.connector, now)
            found = connection.one("SELECT account FROM source WHERE source = ?", (self.source,))
        if found and found[0] != account:
            self.refused = FixSetup(
                code="other_account",
                do="Point the source at the account it was set up for, or give the new account its own source name.",
                happened=f"This source belongs to account {found[0]}, but its credentials lead to {account}.",
                source=self.source,
            )

    def begin(self, connection: Connection, stream: Stream) -> None:
        """Open a stream's row."""
        start_stream(connection, self.settings.run_id, self.source, stream.name, moment())
        self.books.open(connection, stream.name)
        self.streams[stream.name] = StreamResult(self.source, stream.name)
        self.declared[stream.name] = stream
        self.started[stream.name] = monotonic()
        self.places[stream.name] = StreamPlace(
            self.source,
            stream.name,
            self.settings.run_id,
            split_volatile(stream.volatile),
            self.lease,
            stream.content_state,
        )
        self.tell(stream.name)

    def store(self, connection: Connection, page: Page) -> None:
        """Commit a page, unless this source is refused or the stream was cut short."""
        if self.refused or page.stream in self.cut:
            return
        place = self.places[page.stream]
        if page.reading == "full" and (self.settings.compared is not None or self.takes_back(page.stream)):
            self.note_full_read(connection, place, page)
        ends = page.reading == "full" and page.last
        full_read, gone = self.full_reads.get(page.stream) if ends else None, list[str]()

        def take_back() -> None:
            if full_read and self.takes_back(page.stream):
                gone[:] = full_read.end(connection, moment())

        self.add(page, done_again(lambda: store_page(connection, place, page, moment(), take_back)))
        self.streams[page.stream].removed += len(gone)
        if full_read and self.settings.compared is not None:
            write_comparison(connection, place, gone, self.settings.compared, moment())
        if ends:
            self.full_reads.pop(page.stream, None)
            self.read_whole.add(page.stream)
        self.tell(page.stream)

    def reconnected(self, connection: Connection) -> None:
        """End the streams that cannot go on: what was listed or confirmed of them is not there any more.

        A full read's list stood in the session that the server ended.
        """
        for stream in list(self.full_reads):
            if self.streams[stream].pages:  # else it begins anew with its first page
                self.cut[stream] = restarted(self.source)
            del self.full_reads[stream]
        for stream, result in self.streams.items():
            if self.books.are_behind(connection, result):
                self.cut[stream] = restarted(self.source)
                start_stream(connection, self.settings.run_id, self.source, stream, moment())
                if result.state != "running":
                    self.end(connection, stream, self.cut[stream])

    def was_committed(self, connection: Connection, message: Message) -> bool:
        """Whether a message was committed just before the server ended the connection; a page is then counted."""
        if isinstance(message, Ended):
            self.books.look_whether_closed(connection, message.stream)
        if not isinstance(message, Arrived) or self.refused:
            return False
        stream = message.page.stream
        committed = self.books.count(connection, self.streams[stream])
        if committed and message.page.last and self.settings.compared is None:
            self.cut.pop(stream, None)  # what it had listed was used
        if committed:
            self.tell(stream)
        return committed

    def takes_back(self, stream: str) -> bool:
        """Whether what a full read does not list is gone; in a comparison, also where the source tells of deletions."""
        deletes = self.declared[stream].deletes
        return deletes == "absence" or (self.settings.compared is not None and deletes == "event")

    def note_full_read(self, connection: Connection, place: StreamPlace, page: Page) -> None:
        """Remember what a full read lists; one that resumed in its middle proves nothing and is not followed."""
        if page.stream not in self.full_reads:
            if self.streams[page.stream].pages:
                return
            self.full_reads[page.stream] = FullRead(place)
            self.full_reads[page.stream].begin(connection)
        self.full_reads[page.stream].saw(connection, page)

    def add(self, page: Page, counts: PageCounts) -> None:
        """Add a page's counts to the stream's result."""
        result = self.streams[page.stream]
        result.pages += 1
        result.read += counts.read
        result.landed += counts.landed
        result.unchanged += counts.unchanged
        result.superseded += counts.superseded
        result.quarantined += counts.quarantined
        result.in_source = page.in_source if page.in_source is not None else result.in_source

    def expect(self, stream: str, records: int) -> None:
        """So many records the reading will probably see."""
        self.streams[stream].expected = records
        self.tell(stream)

    def end(
        self,
        connection: Connection,
        stream: str,
        error: Exception | None,
        in_source: int | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        """Close a stream. in_source, fields: how many live records the source says it holds, and with what fields."""
        result = self.streams[stream]
        result.in_source = in_source if in_source is not None else result.in_source
        result.error = error or self.cut.get(stream) or self.refused
        requests = 0 if stream in self.books.closed else result.requests
        result.seconds = monotonic() - self.started[stream]
        if result.error is None:
            end_stream(
                connection,
                self.places[stream],
                result.in_source,
                moment(),
                requests,
                counts_copies=self.declared[stream].counts_copies,
                read_whole=stream in self.read_whole,
                sample=result.sample,
            )
            if fields is not None:
                note_fields(connection, self.places[stream], fields)
            result.state = "complete"
        else:
            place = self.places[stream]
            result.state = fail_stream(
                connection, place, result.error, moment(), requests, sample=result.sample
            )
        self.tell(stream)

    def close(self, connection: Connection, error: Exception | None) -> None:
        """Close the source: streams never begun, or cut short by a stop, are closed with the reason."""
        for stream in self.wanted():
            if stream.name not in self.streams and error is not None:
                self.begin(connection, stream)
            result = self.streams.get(stream.name)
            if result is not None and result.state == "running":
                self.end(connection, stream.name, error or stopped(self.source))

    def wanted(self) -> list[Stream]:
        """The streams this run is to read."""
        chosen = self.settings.streams.get(self.source)
        return [one for one in self.connector.streams() if chosen is None or one.name in chosen]

    def give_up(self, connection: Connection, lost: LeaseLost) -> None:
        """Another process has this source now: end our streams in our own books, and write nothing else any more.

        It counts as given up when all of them are ended: a connection that breaks midway has it done again.
        """
        for each in self.wanted():  # those that were never begun are not complete either
            if each.name not in self.streams:
                self.begin(connection, each)
        for stream, result in self.streams.items():
            if result.state == "running":
                result.error = lost
                result.seconds = monotonic() - self.started[stream]
                result.state = leave_stream(connection, self.places[stream], lost, moment())
                self.tell(stream)
        self.lost = lost

    def heartbeat(self, connection: Connection) -> None:
        """Renew the lease while nothing arrives."""
        with connection.transaction():
            renew(connection, self.lease)

    def tell(self, stream: str) -> None:
        """Report the stream's counts to whoever watches."""
        result = self.streams[stream]
        self.progress(
            ProgressEvent(
                source=self.source,
                stream=stream,
                state=result.state,
                pages=result.pages,
                read=result.read,
                landed=result.landed,
                unchanged=result.unchanged,
                quarantined=result.quarantined,
                expected=result.in_source if result.expected is None else result.expected,
                seconds=monotonic() - self.started[stream],
            )
        )


def moment() -> str:
    """Now, as the hub's UTC text."""
    return utc_text(datetime.now(UTC))


def stopped(source: str) -> RetryLater:
    """Why a stream is not complete when a person or the system stopped the run."""
    return RetryLater(
        code="stopped",
        do=f"Nothing to mend: the next sync, or `partnerhub sync {source}`, goes on from the last committed page.",
        happened="The sync was stopped before the stream ended.",
        source=source,
    )


def restarted(source: str) -> RetryLater:
    """Why a stream whose listing was lost with the database's session is not complete."""
    return RetryLater(
        code="database_restarted",
        do=f"Nothing to mend: the next sync, or `partnerhub sync {source}`, goes on from the last committed page.",
        happened="The database restarted while the stream was read, and part of what it had been told is lost.",
        source=source,
    )

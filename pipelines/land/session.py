"""One engine session per sync: a thread per source pulls, one writer commits, whoever waits for a source is told.

Threads hand pages to the writer through a short queue, so memory holds little whatever the volume. A stream that
fails leaves its neighbors alone; only a database that cannot be written ends the whole session.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, Full
from time import monotonic
from typing import TYPE_CHECKING, Self, TypeVar

import structlog

from connectors.errors import FixSetup, SyncError
from connectors.transport import begin_sample, heard_by, requests_sent, sampled
from pipelines.collecting import collect_seldom
from pipelines.land.arrivals import Arrivals, Arrived, Began, Closed, Ended, Expecting, Message, Opened
from pipelines.land.cursors import load_cursor
from pipelines.land.endless import guarded
from pipelines.land.known import known_addresses
from pipelines.land.outlook import Outlook
from pipelines.land.sampling import as_json
from pipelines.land.writer import SourceWriter
from pipelines.leases import LeaseLost, acquire, release, take_again
from pipelines.progress import ANSWERED, WAITING, Progress, ProgressEvent, silent
from warehouse.reconnecting import TRIES, connect_patiently, lost, reconnect
from warehouse.trouble import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connectors.record import Connector, CursorState
    from connectors.transport import Wait
    from pipelines.land.writer import StreamResult
    from warehouse.database import Connection, Database

log = structlog.get_logger()
Said = TypeVar("Said")

HEARTBEAT_SECONDS = 15.0
JOIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class LandSettings:
    """What one session is asked to do. streams: per source, the names to pull (None for all).

    compared: note what complete listings show (`pipelines.land.comparison`); with a moment (UTC text), also what
        earlier reads missed: records last changed before it. None: an ordinary sync.
    """

    run_id: str
    trigger: str = "cli"
    full: bool = False
    compared: str | None = None
    streams: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    own_domains: frozenset[str] = frozenset()


class LandSession:
    """Pulls all given sources at once. Use as a context manager; `wait(source)` returns that source's results."""

    def __init__(
        self,
        database: Database,
        connectors: Iterable[Connector],
        settings: LandSettings,
        progress: Progress = silent,
    ) -> None:
        """Prepare; nothing runs before `start`."""
        self.database = database
        self.connectors = {connector.source: connector for connector in connectors}
        self.settings = settings
        self.progress = progress
        self.queue = Arrivals()
        self.stopping = threading.Event()
        self.finished = {source: threading.Event() for source in self.connectors}
        self.writers: dict[str, SourceWriter] = {}
        self.fatal: Exception | None = None
        self.threads: list[threading.Thread] = []

    def start(self) -> Self:
        """Take the leases, start the writer and a thread per source. Raises AlreadyRunning before anything runs."""
        collect_seldom()
        # The writer's own connection: what ends it, or its process, ends the session locks of its leases, too.
        connection = self.database.connect()
        with ExitStack() as undo:  # whatever ends this early, the leases taken so far are given back
            undo.callback(connection.close)
            for source, connector in self.connectors.items():
                lease = acquire(connection, f"sync:{source}")
                undo.callback(release, connection, lease)
                self.writers[source] = SourceWriter(connector, self.settings, lease, self.progress)
            cursors = {name: self.cursors(connection, c) for name, c in self.connectors.items()}
            undo.pop_all()
        self.threads = [threading.Thread(target=self.write, args=(connection,), name="writer", daemon=True)]
        self.threads += [
            threading.Thread(
                target=self.pull, args=(connector, cursors[source]), name=f"pull-{source}", daemon=True
            )
            for source, connector in self.connectors.items()
        ]
        for thread in self.threads:
            thread.start()
        return self

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *exception: object) -> None:
        """Stop what still runs, keep what was committed."""
        self.stop()

    def stop(self) -> None:
        """Ask every thread to end after its current page, and give the leases back."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(JOIN_SECONDS)

    def settle(self, deadline: float) -> None:
        """Wait until the writer has committed what it was handed, or the deadline (monotonic seconds) has passed."""
        for thread in self.threads[:1]:
            thread.join(max(0.0, deadline - monotonic()))

    def wait(self, source: str) -> list[StreamResult]:
        """Block until a source is done; returns a result per stream. Raises what ended the whole session."""
        self.finished[source].wait()
        if self.fatal:
            raise self.fatal
        return self.writers[source].results()

    def is_over(self) -> bool:
        """Whether every source was read as far as it goes."""
        return all(each.is_set() for each in self.finished.values())

    def cursors(
        self, connection: Connection, connector: Connector
    ) -> dict[str, CursorState | SyncError | None]:
        """The stored cursor per stream; a damaged one is kept as the error it raises."""
        found: dict[str, CursorState | SyncError | None] = {}
        for stream in connector.streams():
            try:
                found[stream.name] = load_cursor(connection, connector.source, stream.name)
            except SyncError as error:
                found[stream.name] = None if self.settings.full else error
        return found

    def pull(self, connector: Connector, cursors: dict[str, CursorState | SyncError | None]) -> None:
        """Thread body: prove the account, then read stream after stream."""
        source, error = connector.source, None
        try:
            connector.attach_policy(known_addresses(self.database, self.settings.own_domains))
            with heard_by(partial(self.tell_wait, source, "")):
                self.put(Opened(source, connector.check().account))
            wanted = self.settings.streams.get(source)
            for stream in connector.streams():
                if wanted is None or stream.name in wanted:
                    self.put(Began(source, stream))
                    before = requests_sent()
                    begin_sample()
                    with heard_by(partial(self.tell_wait, source, stream.name)):
                        ended = self.pull_stream(connector, stream.name, cursors)
                    self.put(ended._replace(requests=requests_sent() - before, sample=as_json(sampled())))
        except Stopped:
            pass
        except Exception as caught:  # noqa: BLE001  # the one place that keeps a source's failure from its neighbors
            error = caught
            log_failure(source, caught)
        finally:
            self.put(Closed(source, error), force=True)

    def pull_stream(
        self, connector: Connector, stream: str, cursors: dict[str, CursorState | SyncError | None]
    ) -> Ended:
        """Read one stream to its end; says what ended it early, or how many records the source says it holds."""
        cursor = cursors[stream]
        if isinstance(cursor, SyncError):
            return Ended(connector.source, stream, cursor, None)
        try:
            one_maker = any(one.name == stream and one.one_maker for one in connector.streams())
            pages = connector.pull(stream, cursor, full=self.settings.full)
            outlook = self.outlook(connector, stream)
            for page in guarded(pages, one_maker=one_maker):
                self.put(Arrived(connector.source, page))
                if (expected := outlook.after(page)) is not None:
                    self.put(Expecting(connector.source, stream, expected))
            fields = asked(connector, stream, connector.described_fields)
            return Ended(connector.source, stream, None, asked(connector, stream, connector.count), fields)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001  # one stream's failure never stops the others
            log_failure(connector.source, error, stream)
            return Ended(connector.source, stream, error, None)

    def tell_wait(self, source: str, stream: str, wait: Wait | None) -> None:
        """Say that a stream (empty: the source, before its first) waits for its vendor, or that it does no more."""
        self.progress(ProgressEvent(source, stream, WAITING if wait else ANSWERED, wait=wait))

    def outlook(self, connector: Connector, stream: str) -> Outlook:
        """What is to be expected of a reading that begins now."""
        place = (connector.source, stream, self.settings.run_id)
        return Outlook(self.database, place, lambda: asked(connector, stream, connector.count))

    def put(self, message: Message, *, force: bool = False) -> None:
        """Hand a message to the writer, waiting for room; raises Stopped when the session ends meanwhile."""
        while force or not self.stopping.is_set():
            try:
                self.queue.put(message, timeout=0.2)
            except Full:  # look whether to stop, then try again
                if self.fatal:
                    return
                continue
            return
        raise Stopped

    def write(self, connection: Connection) -> None:
        """Thread body: commit what arrives, in order, on one connection, until every source is closed."""
        try:
            self.drain(connection)
        except Exception as error:  # noqa: BLE001  # handed to everyone who waits
            # Before anything that can fail itself, like a log nobody reads any more: the end must be known.
            self.fatal = named(error) or error
            self.stopping.set()
            log_failure("warehouse", error)
        finally:
            connection.close()
            self.give_back()
            for event in self.finished.values():
                event.set()

    def drain(self, connection: Connection) -> None:
        """Apply messages until every source is closed; leases of sources that wait are renewed meanwhile."""
        opened = set(self.connectors)
        beat_at = monotonic() + HEARTBEAT_SECONDS
        while opened:
            with suppress(Empty):
                message = self.queue.get(timeout=max(0.0, beat_at - monotonic()))
                self.whatever_restarts(connection, partial(self.apply_unless_lost, connection, message))
                if isinstance(message, Closed):
                    opened.discard(message.source)
                    self.finished[message.source].set()
            if monotonic() >= beat_at:
                for source in opened:
                    self.whatever_restarts(connection, partial(self.keep, connection, source))
                beat_at = monotonic() + HEARTBEAT_SECONDS

    def keep(self, connection: Connection, source: str, *, again: bool) -> None:
        """Renew one source's lease, however little arrives from it."""
        del again  # twice is as good as once
        writer = self.writers[source]
        if writer.lost is None:
            try:
                writer.heartbeat(connection)
            except LeaseLost as error:
                writer.give_up(connection, error)

    def whatever_restarts(self, connection: Connection, work: Callable[..., None]) -> None:
        """Do a piece of work, and do it again on a new connection where the server ended the one it had.

        work: told (`again`) whether it was begun before, so that what was committed then is not counted twice.
        """
        for tried in range(TRIES):
            try:
                if tried:
                    self.reconnect(connection)
                work(again=tried > 0)
            except Exception as error:
                if not lost(error) or tried == TRIES - 1:
                    raise
            else:
                return

    def reconnect(self, connection: Connection) -> None:
        """Connect again, and prove each lease: what was taken over meanwhile ends its own source, no other."""
        reconnect(self.database, connection, self.stopping)
        for writer in self.writers.values():
            if writer.lost is None:
                try:
                    take_again(connection, writer.lease)
                    writer.reconnected(connection)
                except LeaseLost as error:
                    writer.give_up(connection, error)

    def apply_unless_lost(self, connection: Connection, message: Message, *, again: bool) -> None:
        """One message of a source whose lease still holds. One that was lost ends its own source, no other."""
        writer = self.writers[message.source]
        if writer.lost is not None:
            return
        try:
            if not (again and writer.was_committed(connection, message)):
                self.apply(connection, message)
        except LeaseLost as error:
            writer.give_up(connection, error)

    def apply(self, connection: Connection, message: Message) -> None:
        """One message, one or more transactions."""
        writer = self.writers[message.source]
        match message:
            case Opened(_, account):
                writer.open(connection, account)
            case Began(_, stream):
                writer.begin(connection, stream)
            case Arrived(_, page):
                writer.store(connection, page)
            case Expecting(_, stream_name, records):
                writer.expect(stream_name, records)
            case Ended(_, stream_name, error, in_source, fields, requests, sample):
                writer.streams[stream_name].requests = requests
                writer.streams[stream_name].sample = sample
                writer.end(connection, stream_name, error, in_source, fields)
            case Closed(_, error):
                writer.close(connection, error)

    def give_back(self) -> None:
        """Release every lease on a connection of its own, as the writer's may be broken."""
        try:
            with closing(connect_patiently(self.database, self.stopping)) as connection:
                for writer in self.writers.values():
                    release(connection, writer.lease)
        except Exception as error:  # noqa: BLE001  # leases expire by themselves
            log_failure("warehouse", error)


def asked(connector: Connector, stream: str, question: Callable[[str], Said | None]) -> Said | None:
    """What the source says about a stream; no answer takes nothing from a stream that was read whole."""
    try:
        return question(stream)
    except SyncError as error:
        log_failure(connector.source, error, stream)
        return None


class Stopped(Exception):  # a signal between threads, not an error
    """The session ends; the thread leaves quietly."""


def log_failure(source: str, error: Exception, stream: str = "") -> None:
    """Log a failure once: its class and code, never its text, which may quote the source."""
    code = error.code if isinstance(error, SyncError) else type(error).__name__
    level = log.warning if isinstance(error, (SyncError, FixSetup)) else log.error
    level("sync failed", source=source, stream=stream, code=code, kind=type(error).__name__)

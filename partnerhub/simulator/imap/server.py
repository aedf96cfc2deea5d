"""The simulated mail server: an asyncio loop in a thread, listening on loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Self

from partnerhub.simulator.imap.faults import FaultPlan
from partnerhub.simulator.imap.session import Session, Traffic
from partnerhub.simulator.imap.store import Mailbox, StoredMessage, empty_mailbox
from partnerhub.simulator.imap.world_mail import deliver, mailboxes_of
from partnerhub.simulator.serving import Serving
from partnerhub.simulator.world.model import Mail, World

if TYPE_CHECKING:
    import ssl
    from datetime import datetime

STARTUP_SECONDS = 10.0


class ImapSimulator(Serving):
    """An IMAP4rev1 server over a world's mails, or over mailboxes given to it. A context manager.

    `faults` plans misbehavior, `commands` lists what clients asked (no secrets), `traffic` counts what they were sent,
    `mailboxes` holds everything served.
    """

    def __init__(
        self,
        content: World | dict[str, Mailbox] | None = None,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing listens before `start`. Port 0 takes a free one."""
        self.mailboxes = mailboxes_of(content) if isinstance(content, World) else dict(content or {})
        self.faults = FaultPlan()
        self.commands: list[str] = []
        self.traffic = Traffic()
        self.host = "127.0.0.1"
        self.port = port
        self._tls = tls
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> Self:
        """Listen; returns itself once clients can connect. Raises `OSError` when the port is taken."""
        self._ready.clear()
        self._thread = threading.Thread(target=self._serve, name="imap-simulator", daemon=True)
        self._thread.start()
        self._ready.wait(STARTUP_SECONDS)
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Close every connection and free the port. Calling it twice is safe."""
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STARTUP_SECONDS)
        self._thread = None

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of an address, made with the usual folders when there is none."""
        if address not in self.mailboxes:
            self.mailboxes[address] = empty_mailbox(address)
        return self.mailboxes[address]

    def password(self, address: str) -> str:
        """The password that opens a mailbox."""
        return self.mailbox(address).password

    def append(self, mailbox: str, folder: str, raw: bytes, internaldate: datetime | None = None) -> int:
        """Put a message, verbatim, into a folder (made when missing) and return its UID."""
        return self.mailbox(mailbox).folder(folder).append(raw, internaldate)

    def deliver(self, mail: Mail) -> None:
        """Send one more mail of the world: copies for its sender and every receiver with a mailbox here."""
        deliver(mail, self.mailboxes)

    def delete(self, mailbox: str, folder: str, uid: int) -> None:
        """Remove a message for good."""
        self.mailbox(mailbox).folder(folder).delete(uid)

    def bump_uidvalidity(self, mailbox: str, folder: str = "INBOX") -> int:
        """Renumber a folder as a rebuilt server does; returns the new UIDVALIDITY."""
        found = self.mailbox(mailbox).folder(folder)
        found.renumber()
        return found.uidvalidity

    def messages(self, mailbox: str, folder: str = "INBOX") -> list[StoredMessage]:
        """What lies in a folder now."""
        return list(self.mailbox(mailbox).folder(folder).messages)

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            server = await asyncio.start_server(
                self._client, self.host, self.port, ssl=self._tls, limit=2**24
            )
        except OSError as error:
            self._failure = error
            self._ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            await Session(reader, writer, self.mailboxes, self.faults, self.commands, self.traffic).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            if task is not None:
                self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

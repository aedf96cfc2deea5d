"""What every vendor served over HTTP shares: a server in a thread, declared faults, latency, a log of requests."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any, Self

import uvicorn

from partnerhub.simulator.faults import BOMB_BYTES, STATUSES, Fault, FaultPlan
from partnerhub.simulator.serving import Serving

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


LATE = frozenset({"latency", "hang"})
"""Faults whose seconds pass before there is any answer."""


class HttpSimulator(Serving):
    """A vendor on loopback. A subclass gives the application and the vendor's way to word an error.

    Start and stop by hand or as a context manager; starting twice or stopping twice is harmless.
    """

    def __init__(
        self, *, port: int = 0, latency_seconds: float = 0.0, faults: FaultPlan | None = None
    ) -> None:
        """`port` 0 takes a free one. `latency_seconds` is added to every answer."""
        self.latency_seconds = latency_seconds
        self.faults = faults or FaultPlan()
        self.requests: list[str] = []
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def application(self) -> App:
        """The vendor's ASGI application."""
        raise NotImplementedError

    def error_body(self, status: int, fault: Fault) -> bytes:
        """The body the vendor sends with an error status."""
        raise NotImplementedError

    def error_headers(self, fault: Fault) -> list[tuple[bytes, bytes]]:
        """Headers of every answer to a fault; the vendor's own may be added."""
        retry = [] if fault.retry_after is None else [(b"retry-after", str(fault.retry_after).encode())]
        moved = [(b"location", fault.location.encode())] if fault.kind == "redirect" else []
        others = [(name.lower().encode(), text.encode()) for name, text in fault.headers.items()]
        return [(b"content-type", b"application/json"), *retry, *moved, *others]

    @property
    def certificate(self) -> tuple[str, str] | None:
        """Paths of the PEM certificate chain and its key, for a vendor that is served encrypted; None in plain text."""
        return None

    @property
    def url(self) -> str:
        """The base address once started."""
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self._port}"

    def start(self) -> Self:
        """Serve in a daemon thread; returns when connections are accepted."""
        if self._thread is not None:
            return self
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        chain, key = self.certificate or (None, None)
        config = uvicorn.Config(
            _Faulty(self, self.application()),
            ssl_certfile=chain,
            ssl_keyfile=key,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), daemon=True, name=type(self).__name__
        )
        self._thread.start()
        while not self._server.ready.wait(0.1) and self._thread.is_alive():
            pass
        return self

    def stop(self) -> None:
        """Stop serving and give the port back."""
        if self._server is None or self._thread is None:
            return
        self._server.end()
        self._thread.join(timeout=10)
        self._server = self._thread = None


class _Server(uvicorn.Server):
    """A server that starts and ends at once; the usual one looks every tenth of a second, which adds up in tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Serve until `end`."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what listens and what clients kept open; requests under way are dropped."""
        for listener in (*(sockets or ()), *self.servers):
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
            if self.config.is_ssl:  # else it waits for the client to say goodbye, too
                connection.transport.abort()
        await asyncio.sleep(0.002)

    def end(self) -> None:
        """Ask the server to stop; from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)


class _Faulty:
    """Wraps an application: logs the request, waits the latency, and lets declared faults strike."""

    def __init__(self, simulator: HttpSimulator, app: App) -> None:
        self._simulator = simulator
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        simulator = self._simulator
        request = f"{scope['method']} {scope['path']}"
        simulator.requests.append(request)
        fault = simulator.faults.strike(request)
        late = simulator.latency_seconds + (fault.seconds if fault and fault.kind in LATE else 0)
        if late:
            await asyncio.sleep(late)
        if fault and fault.kind in {"reset", "hang"}:
            drop(send)
        elif fault and fault.kind in STATUSES:
            await self._refuse(fault, send)
        elif fault or simulator.faults.faults:
            await self._collect(scope, receive, send, request, fault)
        else:
            await self._app(scope, receive, send)

    async def _refuse(self, fault: Fault, send: Send) -> None:
        """Answer with the vendor's error for a status."""
        status = STATUSES[fault.kind]
        body = self._simulator.error_body(status, fault)
        headers = [*self._simulator.error_headers(fault), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _collect(
        self, scope: Scope, receive: Receive, send: Send, request: str, fault: Fault | None
    ) -> None:
        """Let the application answer, then spoil its body; good bodies are kept for `repeat_token`."""
        messages: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        spoiled = self._simulator.faults.spoil(fault, request, body) if fault else body
        self._simulator.faults.previous.setdefault(request, body)
        kind = fault.kind if fault else ""
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        if kind == "gzip_bomb":
            spoiled = bomb()
            headers.append((b"content-encoding", b"gzip"))
        if kind != "cut_chunks":
            announced = len(spoiled) + (100 if kind == "short" else 0)
            headers.append((b"content-length", str(announced).encode()))
        await send({**start, "headers": headers})
        if fault and kind in {"cut", "cut_chunks"}:
            end = len(spoiled) // 2 if fault.after_bytes is None else fault.after_bytes
            await send({"type": "http.response.body", "body": spoiled[:end], "more_body": True})
            drop(send)
            return
        for at in range(len(spoiled)) if fault and kind == "drip" else ():
            await send({"type": "http.response.body", "body": spoiled[at : at + 1], "more_body": True})
            await asyncio.sleep(fault.seconds if fault else 0)
        await send({"type": "http.response.body", "body": b"" if kind == "drip" else spoiled})


def drop(send: Send) -> None:
    """Let the connection die. The server's own object behind `send` holds the socket; ASGI has no way to say it."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]


@cache
def bomb() -> bytes:
    """Many zeros, packed."""
    return gzip.compress(bytes(BOMB_BYTES), 1)

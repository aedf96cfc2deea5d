"""The Salesforce simulator as tests, demo and benchmarks use it: start, stop, sign-in, edits by record id."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from email.utils import format_datetime
from pathlib import Path

import orjson

from partnerhub.simulator.faults import Fault, FaultPlan
from partnerhub.simulator.http import App, HttpSimulator
from partnerhub.simulator.salesforce.application import Routes
from partnerhub.simulator.salesforce.certificate import Certificate, certify
from partnerhub.simulator.salesforce.projection import Projection
from partnerhub.simulator.salesforce.queries import Queries
from partnerhub.simulator.salesforce.signin import Door
from partnerhub.simulator.salesforce.store import Store
from partnerhub.simulator.world.model import World

TOKEN = "00D5g0000simulated!session.published.with.the.simulator"  # the simulator's published password
DAILY_LIMIT = 100_000

ERRORS = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id"),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    429: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    502: ("SERVER_UNAVAILABLE", "Bad gateway"),
    503: ("SERVER_UNAVAILABLE", "The server is unavailable."),
}
"""Status of a declared fault → Salesforce's code and message."""


class SalesforceFaults(FaultPlan):
    """Declared faults; `repeat_token` serves the first answer of any query again, with its next address."""

    def spoil(self, fault: Fault, request: str, body: bytes) -> bytes:
        """The body of a good answer as the fault leaves it."""
        if fault.kind == "repeat_token" and "/query" in request:
            return next((found for asked, found in self.previous.items() if "/query" in asked), body)
        return super().spoil(fault, request, body)


class SalesforceSimulator(HttpSimulator):
    """One Salesforce org over a world's sales, served encrypted under a certificate made at start.

    with SalesforceSimulator(world) as salesforce: settings are `instance_url=salesforce.url, token=salesforce.token,
    ca_bundle=salesforce.ca_file`; to sign in by key or secret, see `door`. The clock is `store.now`, the world's
    present until `store.advance(...)`. Edits (`store.update`, `delete`, `undelete`, `merge`, `purge`, `hide_field`)
    work while serving; they change what the org holds, not the world.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        latency_seconds: float = 0.0,
        *,
        directory: Path | None = None,
        daily_limit: int = DAILY_LIMIT,
        faults: FaultPlan | None = None,
    ) -> None:
        """directory: where the certificate is put; a temporary one unless given. daily_limit: API calls, ever."""
        super().__init__(port=port, latency_seconds=latency_seconds, faults=faults or SalesforceFaults())
        self.world = world
        self.token = TOKEN
        self.sessions = {TOKEN}
        self.calls = 0
        self.daily_limit = daily_limit
        self.store = Store(world.now)
        self.queries = Queries(self.store)
        self.door = Door(self.sessions, world.seed)
        self.projection = Projection(world, self.store, self.door.organization_id)
        self._directory = directory
        self._made: Certificate | None = None

    def application(self) -> App:
        """The org's routes."""
        self.door.url = self.url
        return Routes(self).application()

    @property
    def certificate(self) -> tuple[str, str]:
        """Certificate and key, made when first asked for."""
        made = self._certificate()
        return str(made.chain), str(made.key)

    @property
    def ca_file(self) -> Path:
        """PEM file of the authority a client has to trust."""
        return self._certificate().authority

    def _certificate(self) -> Certificate:
        if self._made is None:
            folder = self._directory
            if folder is None:
                folder = Path(tempfile.mkdtemp(prefix="partnerhub-salesforce-"))
                weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            self._made = certify(folder)
        return self._made

    def expire_sessions(self) -> None:
        """End every session, the published one included; places in results end with them."""
        self.sessions.clear()

    def error_body(self, status: int, fault: Fault) -> bytes:
        """Salesforce's words for a declared fault."""
        code, message = ERRORS.get(status, ("UNKNOWN_EXCEPTION", f"HTTP {status}"))
        daily = fault.kind == "429_daily"
        return self.error_words(code, "TotalRequests Limit exceeded." if daily else message)

    def error_words(self, code: str, message: str) -> bytes:
        """An error body as Salesforce writes it: a list."""
        return orjson.dumps([{"message": message, "errorCode": code}])

    def error_headers(self, fault: Fault) -> list[tuple[bytes, bytes]]:
        """The usual headers, and the org's clock."""
        date = format_datetime(self.store.now, usegmt=True).encode()
        return [*super().error_headers(fault), (b"date", date)]

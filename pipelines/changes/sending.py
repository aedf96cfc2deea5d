"""One change, sent as Standard Webhooks describes: signed, tried again with growing waits, followed nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

import urllib3

from connectors.errors import SyncError
from connectors.transport import Answer, Patience, Transport
from pipelines.alerts.channels import signature
from warehouse.changes.feed import told

if TYPE_CHECKING:
    from types import TracebackType

    from partnerhub.config.changes import Endpoint
    from warehouse.changes.reading import Change

PATIENCE: Final = Patience(
    tries=4,
    deadline=60.0,
    first_wait=1.0,
    backoff_cap=15.0,
    longest_wait=30.0,
    connect_timeout=10.0,
    read_timeout=20.0,
)
"""For one change in one pass; what is not taken by then waits for the next pass."""
MOST_READ: Final = 65_536
"""Octets of an answer, which is looked at by its status only."""
OVER: Final = 410
"""By this status an endpoint says that it wants nothing any more (Standard Webhooks)."""
REASONS: Final = {
    "unauthorized": "The address wants to know who we are (401).",
    "forbidden": "The address refused the change (403).",
    "not_found": "Nothing answers at this address (404).",
    "gone": "The address wants nothing any more (410).",
    "redirected": "The address leads elsewhere; what is signed for one goes to no other.",
    "bad_request": "The address does not take the change.",
}


class NotTaken(Exception):
    """An endpoint did not take a change. Its text is for people, without address or secret. over: it never will."""

    def __init__(self, said: str, *, over: bool = False) -> None:
        """Keep both."""
        super().__init__(said)
        self.over = over


class Sender:
    """Sends to one endpoint over one connection that stays open; to be used by one thread, as a context."""

    def __init__(self, endpoint: Endpoint, patience: Patience = PATIENCE) -> None:
        """Opens nothing yet."""
        self.endpoint = endpoint
        self.transport = Transport(f"Webhook {endpoint.name}", patience)
        self.pool = urllib3.PoolManager(retries=False)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.pool.clear()

    def send(self, change: Change) -> None:
        """Send one change until it is taken. The receiver knows a second one by its id. Raises NotTaken."""
        body = body_of(change, values=self.endpoint.values)

        def attempt() -> Answer:
            return self.post(change.id, body)

        try:
            self.transport.ask(attempt, lambda answer: answer.status)
        except SyncError as error:
            raise NotTaken(REASONS.get(error.code, error.happened), over=error.code == "gone") from None

    def post(self, message_id: str, body: bytes) -> Answer:
        """One try, signed with the time of this try."""
        webhook = self.endpoint.webhook
        headers = signature(webhook.secret, message_id, int(datetime.now(UTC).timestamp()), body)
        found = self.pool.request(
            "POST",
            webhook.url,
            body=body,
            headers={"Content-Type": "application/json", **headers},
            timeout=self.transport.patience.timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        read = found.read(MOST_READ)
        if len(read) < MOST_READ:
            found.release_conn()
        else:
            found.close()
        return Answer(found.status, {name.lower(): value for name, value in found.headers.items()}, b"")


def body_of(change: Change, *, values: bool) -> bytes:
    """The body: kind, time and the change as the feed tells it."""
    said: dict[str, Any] = {"type": change.kind, "timestamp": change.at, "data": told(change, values=values)}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()

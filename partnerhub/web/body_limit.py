"""How much a request may bring along: nobody fills this server's memory, signed in or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 4_000_000
"""A batch of OpenRefine's is at most a million characters; nothing else comes near it."""
TOO_LARGE: Final = 413
REFUSAL: Final = b"This is more than the hub takes at once.\n"


class BodyTooLarge(HTTPException):
    """Somebody sends more than is taken."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(TOO_LARGE)


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Around the application: refuses what is announced as too large unread, and stops reading what becomes so."""

    app: ASGIApp
    most: int = MOST_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, counted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self.announced(scope) > self.most:
            await refuse(send)
        else:
            await self.app(scope, self.counted(receive), send)

    def announced(self, scope: Scope) -> int:
        """Bytes its header announces; 0 where it does not say."""
        said = dict(scope["headers"]).get(b"content-length", b"0")
        return int(said) if said.isdigit() and len(said) < 20 else self.most + 1  # noqa: PLR2004

    def counted(self, receive: Receive) -> Receive:
        """The same as `receive`, which raises BodyTooLarge once too much has come."""
        came = 0

        async def counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise BodyTooLarge
            return message

        return counting


async def refuse(send: Send) -> None:
    """Answer 413 and end the connection, so that the rest is not even read."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(REFUSAL)).encode()),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": TOO_LARGE, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})

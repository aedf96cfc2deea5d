"""The door through which a running simulator is steered: loopback only, with a token kept in the demo's folder."""

from __future__ import annotations

import json
import os
import secrets
from hmac import compare_digest
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from partnerhub.simulator.faults import Fault
from partnerhub.simulator.happenings import Steering
from partnerhub.simulator.http import App, HttpSimulator

CONTROL_FILE: Final = "control.json"
"""In the demo's folder, while the simulator runs: the door's address and token. Readable by its owner only."""


class Control(HttpSimulator):
    """Serves `POST /ACTION {"what": …}` and answers `{"happened": [sentences]}`."""

    def __init__(self, steering: Steering, folder: Path) -> None:
        """steering: action → what it does. folder: where address and token are written at start."""
        super().__init__()
        self.steering = steering
        self.token = secrets.token_urlsafe(24)
        self.path = folder / CONTROL_FILE

    def start(self) -> Self:
        """Serve, then say where."""
        super().start()
        self.path.unlink(missing_ok=True)
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"url": self.url, "token": self.token}, file)
        return self

    def stop(self) -> None:
        """Take the address away, then close."""
        self.path.unlink(missing_ok=True)
        super().stop()

    def application(self) -> App:
        """The one route."""
        return Starlette(routes=[Route("/{action}", self._act, methods=["POST"])])

    def error_body(self, status: int, fault: Fault) -> bytes:
        """No faults are declared for the door."""
        del fault
        return json.dumps({"error": HTTPStatus(status).phrase}).encode()

    async def _act(self, request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not compare_digest(given.encode(), self.token.encode()):
            return JSONResponse(
                {"error": "This is not the token of this simulator."}, HTTPStatus.UNAUTHORIZED
            )
        action = self.steering.get(request.path_params["action"])
        if action is None:
            return JSONResponse({"error": f"write one of {', '.join(self.steering)}"}, HTTPStatus.NOT_FOUND)
        what = str((await request.json()).get("what", ""))
        try:
            return JSONResponse({"happened": await run_in_threadpool(action, what)})
        except ValueError as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.BAD_REQUEST)

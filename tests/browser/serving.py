"""A hub's pages on a free port, as `partnerhub serve` puts them together, and who may sign in there."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import uvicorn

from partnerhub.access.sign_in import make_link
from partnerhub.access.throttle import Throttle
from partnerhub.cli.serving import wiring_of
from partnerhub.config import load_config
from partnerhub.web.app import create_app
from partnerhub.web.connected import now_text
from warehouse.commands.accounts import By, add_account
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI


@dataclass(frozen=True)
class Served:
    """A hub that answers at `base`."""

    base: str
    app: FastAPI
    database: Database

    def query(self, statement: str) -> list[Any]:
        """Rows of its warehouse."""
        with self.database.session() as connection:
            return list(connection.query(statement))

    def account(self, *roles: str, name: str = "Ana Okafor") -> tuple[str, str]:
        """A new account with these roles: its address, and the path of its sign-in link."""
        login, by = f"ana.{token_hex(4)}@hub.example", By("test", now_text())
        with self.database.session() as connection, connection.transaction():
            add_account(connection, login, name, roles, None, by)
            return login, f"/sign-in/{make_link(connection, login, by)}"


@contextmanager
def served(config_file: Path) -> Iterator[Served]:
    """Serve a hub until the block ends."""
    config = load_config(config_file, with_settings=False)
    app = create_app(wiring_of(config))
    app.state.sign_in_tries = Throttle(10_000, 10_000)  # everybody in these tests comes from one address
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(f"http://127.0.0.1:{port}", app, Database(config.warehouse_url))
    finally:
        server.should_exit = True
        thread.join(timeout=10)

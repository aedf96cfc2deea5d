"""A browser that is signed in, for tests of pages."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from partnerhub.access.sign_in import make_link
from partnerhub.web.app import create_app
from partnerhub.web.connected import now_text
from partnerhub.web.wiring import Wiring
from warehouse.commands.accounts import By, add_account
from warehouse.database import Database

HERE = "http://127.0.0.1"


def client(url: str, **wiring: Any) -> TestClient:
    """A browser nobody has signed in with."""
    return TestClient(
        create_app(Wiring(url, **wiring)),
        base_url=HERE,
        headers={"sec-fetch-site": "same-origin"},
        client=("127.0.0.1", 50_000),
    )


def link_for(url: str, login: str, *roles: str, only: list[str] | None = None) -> str:
    """An account with these roles, and the secret of its sign-in link."""
    by = By("test", now_text())
    with Database(url).session() as connection, connection.transaction():
        add_account(connection, login, "Test Person", roles or ("admin",), only, by)
        return make_link(connection, login, by)


def signed_in(url: str, *roles: str, login: str = "ana@hub.example", **wiring: Any) -> TestClient:
    """A browser of somebody with these roles; an administrator without any."""
    browser = client(url, **wiring)
    secret = link_for(url, login, *roles)
    assert browser.post(f"/sign-in/{secret}", follow_redirects=False).status_code == 303
    return browser

"""A hub of a few partners of one list, with the pages over it; what is decided there is really published."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from partnerhub.cli.serving import wiring_of
from partnerhub.config import load_config
from partnerhub.web.app import create_app
from tests.cli.conftest import subprocess_command
from tests.web.browsing import HERE, link_for
from warehouse.database import Database

if TYPE_CHECKING:
    from pathlib import Path

PARTNERS = """\
Company,Website,City,Country,Tier
Acme GmbH,acme.example,Berlin,DE,Gold
Corvina Kft.,corvina.example,Budapest,HU,
Corvina,corvina-budapest.example,Szeged,HU,Bronze
Dorado Ltd,dorado.example,London,GB,
Dorado,dorado-leeds.example,Leeds,GB,Silver
Acme GmbH Vertrieb,https://www.acme.example/,Berlin,Germany,Silver
"""


def imported(folder: Path) -> Path:
    """A folder with a hub that read the list."""
    subprocess_command(folder, "init")
    (folder / "partners.csv").write_text(PARTNERS, encoding="utf-8")
    assert subprocess_command(folder, "import", "partners.csv", "--partners", "--key", "Company").code == 0
    return folder


class Hub:
    """One copy of the hub: its database, and browsers over it."""

    def __init__(self, template: Path, place: Path) -> None:
        """Copy it."""
        self.folder = shutil.copytree(template, place)
        self.config = load_config(self.folder / "partnerhub.yaml", with_settings=False)
        self.database = Database(self.config.warehouse_url)

    def browser(self, *roles: str, login: str = "stew@hub.example", **headers: str) -> Any:
        """Somebody signed in with these roles."""
        from fastapi.testclient import TestClient

        made = TestClient(
            create_app(wiring_of(self.config)),
            base_url=HERE,
            headers={"sec-fetch-site": "same-origin", **headers},
        )
        secret = link_for(self.config.warehouse_url, login, *(roles or ("steward",)))
        assert made.post(f"/sign-in/{secret}", follow_redirects=False).status_code == 303
        return made

    def one(self, statement: str, *values: Any) -> Any:
        """The first row of a query."""
        with self.database.session() as connection:
            return connection.one(statement, values)

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """All rows of a query."""
        with self.database.session() as connection:
            return connection.query(statement, values)

"""Hubs that grew: the small company synced three times, while records changed, were merged, deleted and came back."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from tests.crash.company import company_in
from tests.pipelines.engine import Engine
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnerhub.config import HubConfig
    from tests.crash.company import Company
    from tests.postgres_server import PostgresServer

BEGINS = datetime(2026, 10, 5, 9, tzinfo=UTC)


@dataclass
class Grown:
    """Hubs over one company by the name of their configuration. Times and run ids are the same in all of them."""

    company: Company
    engines: dict[str, Engine] = field(default_factory=dict)

    def begin(self, name: str, url: str) -> Engine:
        """Another hub, with nothing in it yet."""
        migrate(url)
        self.engines[name] = Engine.of(self.company.config(url, name))
        return self.engines[name]

    def config(self, name: str, url: str) -> HubConfig:
        """The configuration of a hub whose warehouse is there."""
        return self.company.config(url, name)

    def sync(self, name: str) -> None:
        """Sync one hub as every other one was: source by source, at an hour that stands still."""
        engine = self.engines[name]
        config = self.company.config(engine.database.url, name)
        with time_machine.travel(BEGINS + timedelta(hours=engine.runs), tick=False):
            for source in sorted(config.sources):
                engine.land([config.connector(source)])
            engine.derive()


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Grown]:
    """`sqlite` and `postgresql`, which saw the same."""
    folder = tmp_path_factory.mktemp("grown")
    with ExitStack() as stack:
        made = Grown(stack.enter_context(company_in(folder)))
        made.begin("sqlite", f"sqlite:///{folder / 'grown.db'}")
        made.begin("postgresql", postgres.create("grown"))
        stack.callback(postgres.drop, "grown")
        for last in (False, False, True):
            for name in made.engines:
                made.sync(name)
            if not last:
                made.company.goes_on()
        yield made

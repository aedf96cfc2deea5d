"""A small company with every kind of system, synced again and again while things happen there and people decide."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.generate import generate_world
from pipelines.entering import enter_now
from pipelines.golden.publish import carry_out
from pipelines.land.session import LandSession, LandSettings
from pipelines.progress import silent
from pipelines.scratch.derive import derive
from pipelines.settings import publish_settings
from warehouse.commands.acts import Said
from warehouse.commands.enter import Entry
from warehouse.commands.judge import judge_different, judge_same
from warehouse.commands.pin import pin_value
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SEED, PARTNERS = 11, 4


@dataclass
class Hub:
    """A simulated company and the hub that reads it; every sync takes the steps of `partnerhub sync`."""

    simulator: Simulator
    config: HubConfig
    runs: int = 0

    @property
    def database(self) -> Database:
        return Database(self.config.warehouse_url)

    def sync(self) -> None:
        self.runs += 1
        self.simulator.hubspot.store.advance(timedelta(minutes=5))
        connectors = [self.config.connector(name) for name in self.config.sources]
        with LandSession(self.database, connectors, LandSettings(run_id=f"run-{self.runs}")) as session:
            for connector in connectors:
                session.wait(connector.source)
        derive(self.config, self.database, None, silent)

    def happen(self) -> None:
        """What goes on at the sources: other values, blank ones, merges, deletions, rows that go."""
        store, world = self.simulator.hubspot.store, self.simulator.world
        live = [one.id for one in store.listed("companies", archived=False)]
        store.advance(timedelta(seconds=7))
        store.update("companies", live[0], name="Renamed GmbH", domain="renamed.example")
        store.update("companies", live[1], name="", domain="")
        store.archive("companies", live[2])
        store.merge("companies", live[3], live[4])
        store.add("companies", dict(store.objects["companies"][live[0]].properties))
        world.sheet.remove(world.sheet[0])
        world.sheet[0].values["Notes"] = "seen by nobody before"
        write_sheet(world, self.simulator.sheet_path)

    def restore(self) -> None:
        """Somebody takes an archived company back."""
        gone = [one.id for one in self.simulator.hubspot.store.listed("companies", archived=True)]
        self.simulator.hubspot.store.restore("companies", gone[0])

    def decide(self, command: Any) -> None:
        """A steward's act, published with what follows from it."""
        carry_out(self.database, publish_settings(self.config), "steward", now_text(), command)

    def people_decide(self) -> None:
        """A merge, a split and a pin; a note and a partner entered."""
        said = Said("ada", now_text(), None)
        one, other = self.apart()
        self.decide(lambda c: judge_same(c, [one], [other], "two", said))
        left, right = self.together()
        self.decide(lambda c: judge_different(c, [left], [right], "one", said))
        (owner,) = self.query("SELECT min(organization_id) FROM organization")
        self.decide(lambda c: pin_value(c, owner[0], "tier", "Gold", actor="ada", now=now_text()))
        happened = {"happened_at": "2026-09-30T10:00:00.000000Z", "text": "They want to go on."}
        for entry in (Entry("note", [one], happened), Entry("partner", [], {"name": "Entered by hand Ltd"})):
            enter_now(self.database, self.config, entry, actor="ada", now=now_text())

    def apart(self) -> tuple[str, str]:
        """Two records of two organizations."""
        rows = self.query(
            "SELECT min(record) FROM organization_link WHERE ended_at IS NULL GROUP BY organization_id ORDER BY 1"
        )
        return rows[-1][0], rows[-2][0]

    def together(self) -> tuple[str, str]:
        """Two records of one organization."""
        (row,) = self.query(
            "SELECT min(record), max(record) FROM organization_link WHERE ended_at IS NULL"
            " GROUP BY organization_id HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
        )
        return row[0], row[1]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.session() as connection:
            return connection.query(statement)

    def execute(self, statement: str) -> None:
        with self.database.session() as connection, connection.transaction():
            connection.execute(statement)

    def digest(self) -> str:
        """What tells the whole warehouse from another, but for who is at work in it."""
        with self.database.session() as connection:
            said = [line for line in connection.raw.iterdump() if not line.startswith('INSERT INTO "lease"')]
        return blake2b("\n".join(said).encode()).hexdigest()

    def at(self, url: str) -> Hub:
        return Hub(self.simulator, replace(self.config, warehouse_url=url), self.runs)


def now_text() -> str:
    from connectors.record import utc_text

    return utc_text(datetime.now(UTC))


@contextmanager
def hub_with_history(folder: Path, url: str) -> Iterator[Hub]:
    """A hub after syncs with changes, merges, a split, a pin and deletions."""
    with Simulator(generate_world(SEED, PARTNERS, NOW), folder) as simulator:
        hub = Hub(simulator, load_config(simulator.write_config(url)))
        hub.sync()
        hub.happen()
        hub.sync()
        hub.people_decide()
        hub.restore()
        hub.sync()
        yield hub

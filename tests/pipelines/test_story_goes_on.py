"""A day later: ids stay, an old one redirects, an answered mail closes its signal; a broken vendor is not green."""

from __future__ import annotations

from contextlib import chdir
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from connectors.record import utc_text
from partnerhub.config import load_config
from partnerhub.simulator.happenings import Happenings
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.story import place_story
from pipelines.settings import signal_settings
from pipelines.signals.evaluate import evaluate
from tests.pipelines.engine import Engine, Synced
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


class Days:
    """A hub over running vendors, synced day by day; the day is what the simulated world says."""

    def __init__(self, vendors: Simulator, config_file: Path) -> None:
        self.happenings = Happenings(vendors)
        self.config_file = config_file
        self.engine = Engine.of(load_config(config_file))

    def sync(self) -> Synced:
        config = load_config(self.config_file)
        synced = self.engine.sync(config.connector(name) for name in config.sources)
        evaluate(self.engine.database, signal_settings(config), utc_text(NOW))
        return synced

    def signals(self, rule: str, name: str, columns: str = "sentence") -> list[tuple[str, ...]]:
        """Of the open signals of a partner by a rule, in the order of their subjects."""
        return self.engine.query(
            f"SELECT {columns} FROM signal JOIN organization USING (organization_id) WHERE rule = '{rule}'"
            f" AND name = '{name}' AND signal.closed_at IS NULL ORDER BY subject"
        )

    def ids(self) -> dict[str, str]:
        rows = self.engine.query("SELECT organization_id, name FROM organization WHERE deleted_at IS NULL")
        return {str(one): str(name) for one, name in rows}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    folder, world = tmp_path_factory.mktemp("days"), generate_world(1, 15, NOW)
    place_story(world)
    with time_machine.travel(NOW, tick=True), Simulator(world, folder) as vendors, chdir(folder):
        config_file = vendors.write_config(f"sqlite:///{folder}/warehouse.db")
        migrate(load_config(config_file).warehouse_url)
        yield Days(vendors, config_file)


def test_a_merge_and_a_deletion_leave_ids_as_they_are_and_an_old_id_redirects(days: Days) -> None:
    days.sync()
    before = days.ids()
    days.happenings.advance(timedelta(days=1))
    assert {stream.state for stream in days.sync().streams} == {"complete"}
    after = days.ids()
    gone = {before[one]: one for one in before.keys() - after.keys()}
    assert set(gone) == {"Crescent City Clinics", "Muller Logistics Ltd"}
    assert after.keys() <= before.keys()
    cassia = next(one for one, name in after.items() if name == "Cassia Health Partners")
    redirects = days.engine.query("SELECT * FROM redirect WHERE ended_at IS NULL")
    assert [(gone["Crescent City Clinics"], cassia)] == [
        tuple(value for value in row if value in {gone["Crescent City Clinics"], cassia}) for row in redirects
    ]


def test_the_answer_closed_the_signal(days: Days) -> None:
    closed = days.engine.query(
        "SELECT sentence FROM signal WHERE closed_at IS NOT NULL AND rule = 'unanswered'"
    )
    assert ["Pausing the rollout" in sentence for (sentence,) in closed] == [True]


def test_days_that_pass_in_the_world_alone_open_and_close_signals(days: Days) -> None:
    assert "ends in 23 days" in days.signals("renewal_due", "Brightwater Energy")[0][0]
    assert days.signals("renewal_due", "Werkbank Bildung gGmbH") == []
    assert len(days.signals("renewal_due", "Cassia Health Partners")) == 1
    days.happenings.advance(timedelta(days=150))
    days.sync()
    ((due, opened_at),) = days.signals("renewal_due", "Werkbank Bildung gGmbH", "sentence, opened_at")
    assert "ends in 59 days" in due
    assert opened_at.startswith("2027-03-01")
    assert days.signals("renewal_due", "Cassia Health Partners") == []


def test_a_broken_vendor_needs_a_person_and_the_others_go_on(days: Days) -> None:
    days.happenings.breaking.break_vendor("hubspot")
    states = {(stream.source, stream.state) for stream in days.sync().streams}
    assert ("hubspot", "needs_person") in states
    assert {state for source, state in states if source != "hubspot"} == {"complete"}
    days.happenings.breaking.mend()
    assert {stream.state for stream in days.sync().streams} == {"complete"}

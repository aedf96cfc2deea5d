"""A warehouse into which tests of faults land what vendors have, and what can be asked of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.land.runs import finish_run, run_state, start_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.land.writer import moment
from tests.faults.vendors import Vendor
from tests.oracles import wrong_with
from warehouse.database import Database

if TYPE_CHECKING:
    from connectors.record import Connector
    from pipelines.land.writer import StreamResult


@dataclass
class Hub:
    """One warehouse; every sync has a run id of its own."""

    url: str
    runs: int = 0

    def sync(self, *given: Vendor | Connector, full: bool = False) -> list[StreamResult]:
        """Land the stream of each vendor, or every stream of a connector; one result per stream, in order."""
        self.runs += 1
        connectors = [one.connector() if isinstance(one, Vendor) else one for one in given]
        streams = {one.name: frozenset({one.stream}) for one in given if isinstance(one, Vendor)}
        run_id = f"run-{self.runs}"
        settings = LandSettings(run_id=run_id, full=full, streams=streams)
        with Database(self.url).session() as connection:
            start_run(connection, run_id, "cli", moment())
        with LandSession(Database(self.url), connectors, settings) as session:
            results = [result for one in connectors for result in session.wait(one.source)]
        with Database(self.url).session() as connection:
            finish_run(connection, run_id, run_state([one.state for one in results]), moment())
        return results

    def states(self, *given: Vendor | Connector, full: bool = False) -> list[str]:
        """How each stream of a sync ended."""
        return [result.state for result in self.sync(*given, full=full)]

    def settles(self, *given: Vendor) -> None:
        """Without faults: one more sync and all promises are kept; the next one writes nothing."""
        for vendor in given:
            vendor.simulator.faults.clear()
        assert set(self.states(*given)) == {"complete"}
        before = self.count("raw_record")
        assert set(self.states(*given)) == {"complete"}
        assert self.count("raw_record") == before
        with Database(self.url).session() as connection:
            assert wrong_with(connection, {key: one.truth[key] for one in given for key in one.truth}) == []

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with Database(self.url).session() as connection:
            return connection.query(statement, parameters)

    def write(self, statement: str) -> None:
        """Change the warehouse behind the program's back."""
        with Database(self.url).session() as connection, connection.transaction():
            connection.execute(statement)

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self.query(f"SELECT count(*) FROM {table}")[0][0])

    def held(self, source: str, stream: str) -> dict[str, str]:
        """Id → what the newest version says happened."""
        return dict(
            self.query(
                "SELECT source_id, op FROM raw_current WHERE source = ? AND stream = ?", source, stream
            )
        )

    def holds(self, vendor: Vendor) -> set[str]:
        """The ids of the vendor's stream that are live here."""
        return {
            one for one, op in self.held(vendor.name, vendor.stream).items() if op in {"upsert", "restore"}
        }

    def problems(self, state: str = "open") -> list[str]:
        """Codes of problems, sorted."""
        return [row[0] for row in self.query("SELECT code FROM sync_error WHERE state = ? ORDER BY 1", state)]

"""A hub whose streams ended as a test says, watched by passes at moments it chooses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from partnerhub.config.alerts import Alerts
from partnerhub.config.model import HubConfig, SourceConfig
from pipelines.health import HealthReport, look
from warehouse.database import Database

NINE = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


class WatchedHub:
    """Runs are written down, not run; everything after them is real."""

    def __init__(self, url: str, alerts: Alerts, folder: Path, schedule: str | None = None) -> None:
        sources = {
            name: SourceConfig(name, "hubspot", {"token": "t"}, schedule=schedule) for name in ("crm", "mail")
        }
        self.config = HubConfig(folder / "absent.yaml", url, sources=sources, alerts=alerts)
        self.database = Database(url)
        self.runs = 0

    def ran(self, minute: int, stream: str = "deals", state: str = "complete", **facts: Any) -> None:
        """One run of one stream of crm (or `source`) that ended at a minute after nine."""
        self.runs += 1
        at = text(minute)
        row = {
            "run_id": f"r{self.runs}",
            "source": "crm",
            "stream": stream,
            "state": state,
            "started_at": at,
            "finished_at": None if state == "running" else at,
            **dict.fromkeys(
                ("pages", "read", "landed", "unchanged", "superseded", "quarantined", "removed"), 0
            ),
            **facts,
        }
        statement = f"INSERT INTO stream_run ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        with self.database.session() as connection, connection.transaction():
            connection.execute(statement, tuple(row.values()))

    def refused(self, minute: int, stream: str = "deals", **facts: Any) -> None:
        """A run that stopped because the token was revoked."""
        said = {
            "error_code": "signed_out",
            "error_happened": "The token was revoked.",
            "error_do": "Renew it.",
        }
        self.ran(minute, stream, "needs_person", **{**said, **facts})

    def looked(self, minute: int) -> HealthReport:
        """One pass at a minute after nine."""
        return look(self.config, NINE + timedelta(minutes=minute))

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.session() as connection:
            return connection.query(statement)


def text(minute: int) -> str:
    return (NINE + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

"""A hub that really synced twice: two companies and their deals; of one company the mapping failed when it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.record import Page, SourceRecord, Stream
from partnerhub.web.connected import now_text
from pipelines.land.runs import finish_run, start_run
from pipelines.stage import transform
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse.contracts.terms import Terms
from warehouse.database import Database

if TYPE_CHECKING:
    import pytest

    from warehouse.database import Connection

COMPANIES = Stream("companies", "incremental")
EMAILS = Stream("emails", "incremental")
FAILING = "crm/companies/2"


class Carrying:
    """Acts of people on pages that publish nothing."""

    def carry_out(self, now: str, command: Any) -> Any:
        raise AssertionError(now, command)


class SettingsOf:
    """Settings as `partnerhub serve` hands them in."""

    def sources(self) -> list[str]:
        return ["crm", "sheet"]

    def streams(self, source: str) -> list[str]:
        return ["companies", "emails"] if source == "crm" else []

    def next_runs(self) -> dict[str, str]:
        return {"crm": "2030-10-01T10:00:00.000000Z"}

    def rules(self) -> list[str]:
        return ["crm: every record", "crm: tier is Gold"]

    def fields(self) -> list[dict[str, Any]]:
        row = {
            "source": "crm",
            "stream": "companies",
            "kind": "organization",
            "cleaner": "line",
            "required": False,
            "owner": "crm",
        }
        return [
            row | {"path": "properties.name", "target": "name"},
            row | {"path": "properties.city", "target": "city"},
        ]

    def terms(self) -> Terms:
        return Terms(owner="Partner operations", contacts=("mailto:data@hub.example",))

    def quotas(self, connection: Connection) -> list[dict[str, Any]]:
        del connection
        return [
            {"account": "hubspot 1", "name": "a day", "requests": 1000, "used": 250.0, "share": 0.25, "state": "fits",
             "advice": "", "sources": ["crm"]},
        ]  # fmt: skip


def crm(*names: str) -> ScriptedConnector:
    """Companies with these names, numbered from 1, and a mail about the first."""
    records = [
        SourceRecord(
            str(n), {"id": str(n), "archived": False, "properties": {"name": name, "api_token": "t0psecret"}}
        )
        for n, name in enumerate(names, 1)
    ]
    mail = {
        "hs_email_subject": "Our secret plan",
        "hs_email_text": "Do not tell",
        "hs_timestamp": "2026-09-01T09:00:00Z",
    }
    mails = [SourceRecord("9", {"id": "9", "archived": False, "properties": mail})]
    connector = ScriptedConnector(source="crm")
    return connector.plays(COMPANIES, pages(Page("companies", records))).plays(
        EMAILS, pages(Page("emails", mails))
    )


def synced_hub(url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The hub; `crm/companies/2` is set aside, and stands as `Alder` as it was before."""
    engine = Engine(Database(url), StageSettings({"crm": SourceRules("hubspot")}))
    run(engine, "Kestrel", "Alder")
    real = transform.staged_output

    def fail(connection: Connection, place: Any, waiting: Any, result: Any) -> Any:
        if waiting.source_id == "2":
            raise KeyError("mapping bug")
        return real(connection, place, waiting, result)

    with monkeypatch.context() as patched:
        patched.setattr(transform, "staged_output", fail)
        run(engine, "Kestrel", "Alder Group")
    return engine


def run(engine: Engine, *names: str) -> None:
    """One sync, written down as a run as the command line does."""
    run_id = f"run-{engine.runs + 1}"
    with engine.database.session() as connection:
        start_run(connection, run_id, "cli", now_text())
        engine.sync([crm(*names)])
        finish_run(connection, run_id, "complete", now_text())

"""Whatever happens at the sources, syncing change by change ends where computing everything anew does, row for row."""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.imap import INBOX
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.generate import generate_world
from pipelines.resolve import propose
from pipelines.stage.engine import stage_pending
from tests.pipelines.engine import Engine
from warehouse.schema import migrate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SEED, PARTNERS = 11, 4
DERIVED = (
    "staged_organization", "staged_person", "staged_relation", "staged_colleague", "staged_touchpoint", "staged_deal",
    "staged_deal_stage_change", "staged_work_item", "staged_document", "staged_passage", "staged_agreement",
    "staged_commitment", "staged_location", "staged_service", "key", "participant", "organization",
    "golden_value", "partnership", "person", "person_organization", "fact", "fact_source", "fact_link", "timeline",
    "timeline_month",
    "candidate", "deal", "deal_value", "colleague", "colleague_record",
)  # fmt: skip
LEDGER = (
    "organization_link",
    "person_link",
    "redirect",
    "identity_event",
    "organization_version",
    "change_log",
)
STAGED = (
    *(name for name in DERIVED if name.startswith("staged_")), "key", "participant", "pending", "stage_rules",
)  # fmt: skip
COMPARED_FIELDS = (
    "name",
    "domain",
    "phone",
    "street",
    "city",
    "country",
    "tier",
    "custom_json",
    "other_names_json",
)

EDITS = (
    "rename", "move", "blank", "phone", "copy", "archive", "restore", "merge", "row", "drop row", "mail", "delete mail",
    "contact", "sync", "sync",
)  # fmt: skip
histories = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 7)), min_size=4, max_size=14)
NEEDS_HISTORY = frozenset({"blank", "merge", "row", "drop row"})
"""Leaves a trace only in a hub that saw it: last readable values, and records that are gone but still join others."""

forgetful = histories.map(lambda history: [one for one in history if one[0] not in NEEDS_HISTORY])


class Hub(NamedTuple):
    """A simulated company and an engine that reads it."""

    simulator: Simulator
    config: HubConfig
    engine: Engine

    def sync(self) -> None:
        # Past the search index's lag, so that what was edited is what is read.
        self.simulator.hubspot.store.advance(timedelta(minutes=5))
        self.engine.sync(self.config.connector(name) for name in self.config.sources)


def hub_in(folder: Path, simulator: Simulator, warehouse: str) -> Hub:
    config = load_config(simulator.write_config(f"sqlite:///{folder / warehouse}"))
    return Hub(simulator, config, Engine.of(config))


@pytest.fixture(scope="module")
def first_sync(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after one sync of the unedited world, to copy."""
    folder = tmp_path_factory.mktemp("first")
    with Simulator(generate_world(SEED, PARTNERS, NOW), folder, vendors=()) as simulator, chdir(folder):
        hub = hub_in(folder, simulator, "first.db")
        migrate(hub.config.warehouse_url)
        hub.sync()
    return folder / "first.db"


def edit(hub: Hub, what: str, number: int) -> None:  # noqa: C901, PLR0912  # a case per thing that happens
    """One thing that happens at a source; nothing when there is nothing it could happen to."""
    store, world = hub.simulator.hubspot.store, hub.simulator.world
    live = [one.id for one in store.listed("companies", archived=False)]
    gone = [one.id for one in store.listed("companies", archived=True)]
    one, other = live[number % len(live)], live[(3 * number + 1) % len(live)]
    owner = next(iter(hub.simulator.mail_sources().values()))
    store.advance(timedelta(seconds=7))
    match what:
        case "rename":
            store.update("companies", one, name=f"Renamed {number} GmbH")
        case "move":
            store.update("companies", one, domain=f"moved-{number}.example", city="Bonn")
        case "blank":
            store.update("companies", one, name="", domain="")
        case "phone":
            store.update("companies", one, phone=store.objects["companies"][other].properties.get("phone"))
        case "copy":
            store.add("companies", dict(store.objects["companies"][one].properties))
        case "archive" if len(live) > 3:
            store.archive("companies", one)
        case "restore" if gone:
            store.restore("companies", gone[number % len(gone)])
        case "merge" if one != other:
            store.merge("companies", one, other)
        case "row" | "drop row" if len(world.sheet) > 2:
            row = world.sheet[number % len(world.sheet)]
            if what == "row":
                row.values["Notes"] = f"note {number}"
            else:
                world.sheet.remove(row)
            write_sheet(world, hub.simulator.sheet_path)
        case "mail":
            hub.simulator.imap.append(owner, INBOX, mail(number, owner), NOW + timedelta(minutes=number))
        case "delete mail":
            for message in hub.simulator.imap.messages(owner)[number : number + 1]:
                hub.simulator.imap.delete(owner, INBOX, message.uid)
        case "contact":
            store.add(
                "contacts",
                {"email": f"person-{number}@moved-{number}.example", "lastname": f"Person {number}"},
            )
        case "sync":
            hub.sync()


def mail(number: int, receiver: str) -> bytes:
    """From a person at the domain a company may have moved to."""
    return (
        f"Received: from mx by mx; {number}\r\nFrom: <person-{number}@moved-{number}.example>\r\nTo: <{receiver}>\r\n"
        f"Subject: News {number}\r\nMessage-ID: <news-{number}@change>\r\n"
        f"Date: Thu, 01 Oct 2026 00:0{number}:00 +0000\r\n\r\nNews.\r\n"
    ).encode()


def derived(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    return {name: engine.rows(name) for name in DERIVED}


def compute_everything_anew(engine: Engine) -> None:
    """Drop all that is derived, and make it again from raw and ledger."""
    with engine.database.session() as connection, connection.transaction():
        for name in STAGED:
            connection.execute(f"DELETE FROM {name}")
        connection.execute("UPDATE raw_current SET staged_raw_id = 0, staged_rules = '', quarantine = NULL")
    engine.runs += 1
    stage_pending(engine.database, engine.staging, engine.run_id, engine.now)
    propose(engine.database, engine.run_id, engine.now)
    engine.rebuild()


def published(engine: Engine) -> dict[frozenset[str], tuple[Any, ...]]:
    """Live records that belong together → what is published about them. Ids and history left out."""
    groups: dict[str, set[str]] = defaultdict(set)
    for record, organization in engine.query(
        "SELECT l.record, l.organization_id FROM organization_link l JOIN staged_organization s ON s.record = l.record"
        " WHERE l.ended_at IS NULL AND s.deleted_at IS NULL"
    ):
        groups[organization].add(record)
    values = engine.query(f"SELECT organization_id, {', '.join(COMPARED_FIELDS)} FROM organization")
    by_id = {row[0]: row[1:] for row in values}
    return {frozenset(records): by_id[organization] for organization, records in groups.items()}


@example([("blank", 0), ("sync", 0), ("phone", 0)])
@example([("merge", 4)])
@given(histories)
@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    derandomize=True,
)
def test_syncing_change_by_change_equals_computing_everything(
    first_sync: Path, tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    shutil.copyfile(first_sync, folder / "hub.db")
    with Simulator(generate_world(SEED, PARTNERS, NOW), folder, vendors=()) as simulator, chdir(folder):
        hub = hub_in(folder, simulator, "hub.db")
        hub.engine.runs = 1
        for what, number in [*history, ("sync", 0)]:
            edit(hub, what, number)
        step_by_step = derived(hub.engine)
        ledger = {name: hub.engine.rows(name) for name in LEDGER}
        assert hub.engine.broken_rules() == {}
        compute_everything_anew(hub.engine)
        for name, rows in derived(hub.engine).items():
            assert rows == step_by_step[name], name
        for name in LEDGER:
            assert hub.engine.rows(name) == ledger[name], name


@given(forgetful)
@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    derandomize=True,
)
def test_hub_that_saw_the_history_agrees_with_one_that_starts_now(
    first_sync: Path, tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    shutil.copyfile(first_sync, folder / "hub.db")
    with Simulator(generate_world(SEED, PARTNERS, NOW), folder, vendors=()) as simulator, chdir(folder):
        hub = hub_in(folder, simulator, "hub.db")
        hub.engine.runs = 1
        for what, number in [*history, ("sync", 0)]:
            edit(hub, what, number)
        migrate(f"sqlite:///{folder}/fresh.db")
        fresh = hub_in(folder, simulator, "fresh.db")
        fresh.sync()
    old, new = published(hub.engine), published(fresh.engine)
    assert old.keys() == new.keys()
    assert old == new

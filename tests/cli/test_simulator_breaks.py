"""Every vendor breaks: the sync is not green and names the next command, the others go on, and mending mends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from partnerhub.cli.syncing import run as run_watched
from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.breaking import Breaking
from partnerhub.simulator.control import Control
from partnerhub.simulator.happenings import Happenings, steering
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
SOURCE_OF = {"sheets": "partner_list"}
"""Vendor → its source, where they are called differently."""
VENDORS = ("hubspot", "salesforce", "jira", "asana", "imap", "decks", "sheets")


class Vendors(NamedTuple):
    """Running vendors with a door, and a hub that has read all of them."""

    folder: Path
    simulator: Simulator
    config: HubConfig


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    folder = tmp_path_factory.mktemp("breaking")
    with Simulator(generate_world(1, 4, NOW), folder) as simulator, chdir(folder):
        config = load_config(simulator.write_config(f"sqlite:///{folder}/warehouse.db"))
        with Control(steering(Happenings(simulator)), folder):
            assert run_watched(config, None, as_json=True).exit_code == 0
            yield Vendors(folder, simulator, config)


@pytest.fixture(autouse=True)
def mended(vendors: Vendors) -> Iterator[None]:
    """Whatever a test breaks is mended after it."""
    yield
    Breaking(vendors.simulator).mend()


@pytest.fixture
def ask(run: Any, vendors: Vendors) -> Any:
    """Run a command over the vendors' hub; `simulator` over their folder."""
    return lambda *words: run("--config", vendors.folder / "partnerhub.yaml", *words)


def broken(vendor: str, source: str) -> bool:
    return source == SOURCE_OF.get(vendor, vendor) or (vendor == "imap" and source.startswith("mail_"))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_broken_vendor_is_told_with_the_next_command_and_leaves_the_others_alone(
    ask: Any, run: Any, vendors: Vendors, vendor: str
) -> None:
    assert run("simulator", "break", vendor, "--dir", vendors.folder).code == 0
    said = ask("sync")
    assert said.code == 3
    states = {(each["source"], each["state"]) for each in ask("status", "--json").json["streams"]}
    assert {state for source, state in states if broken(vendor, source)} == {"needs_person"}
    assert {state for source, state in states if not broken(vendor, source)} == {"complete"}
    (command,) = (line for line in said.out.splitlines() if line.startswith("→ Then run"))
    sources = command.partition(" sync ")[2].partition("`")[0].split()
    assert {source for source, _ in states if broken(vendor, source)} == set(sources)
    assert command in ask("status").out
    assert run("simulator", "mend", vendor, "--dir", vendors.folder).code == 0
    assert ask("sync").code == 0
    assert {each["state"] for each in ask("status", "--json").json["streams"]} == {"complete"}


def test_one_declared_fault_strikes_where_and_when_it_was_declared(run: Any, vendors: Vendors) -> None:
    words = ("break", "hubspot", "--where", "POST */search", "--nth", "2", "--kind", "503", "--times", "3")
    assert "answer 503 to POST */search" in run("simulator", *words, "--dir", vendors.folder).out
    (fault,) = vendors.simulator.hubspot.faults.faults
    assert (fault.where, fault.nth, fault.kind, fault.times) == ("POST */search", 2, "503", 3)
    assert run("simulator", "mend", "--dir", vendors.folder).code == 0
    assert not vendors.simulator.hubspot.faults.faults


@pytest.mark.parametrize(
    "told",
    ["nobody", "", "hubspot why", "hubspot kind=bored", "hubspot nth=0", "sheets kind=500", "imap kind=401"],
)
def test_a_break_that_means_nothing_is_refused(vendors: Vendors, told: str) -> None:
    with pytest.raises(ValueError, match=r"write|kind|nth"):
        Breaking(vendors.simulator).break_vendor(told)

"""F86: a first load of very many records, by the whole command; the million is measured by `benchmarks.first_load`."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from benchmarks.first_load import MEMORY_UNDER, Load, hub_in, load, requests, rows
from benchmarks.salesforce_path import serving

if TYPE_CHECKING:
    from pathlib import Path

MANY, A_PAGE = 20_000, 100
GROWTH_UNDER = 45
"""Megabytes more at the end of landing than at its beginning: SQLite's page cache fills; kept pages would be 100."""
AROUND = 30
"""Requests of one process that are no pages: the account, what may be read, fields, archived ones, counts."""


def grown(done: Load, step: str) -> float:
    """Megabytes more at the end of a step than at its beginning."""
    seen = [megabytes for at, read, megabytes in done.samples if at == step and read]
    return seen[-1] - seen[0]


@pytest.mark.slow
@pytest.mark.fault("F86")
def test_f86_a_first_load_of_many_records_that_is_killed_goes_on_in_flat_memory(tmp_path: Path) -> None:
    with serving("benchmarks.changing_server", MANY) as port:
        hub = hub_in(tmp_path / "hub", port)
        killed = load(hub, "landed", ("pull", MANY // 2))
        assert killed.process.returncode == -signal.SIGKILL
        assert MANY // 2 <= rows(hub)["raw_record"] < MANY
        done = load(hub, "landed")
        assert requests(port) <= MANY // A_PAGE + 2 * AROUND
    assert done.told["code"] == 0
    assert rows(hub) == {"raw_record": MANY, "raw_current": MANY, "staged_organization": MANY, "waiting": 0}
    assert max(grown(killed, "pull"), grown(done, "pull")) < GROWTH_UNDER
    assert max(killed.peak, done.peak) < MEMORY_UNDER


@pytest.mark.slow
@pytest.mark.fault("F86")
def test_f86_a_first_load_says_how_fast_it_is(tmp_path: Path) -> None:
    with serving("benchmarks.changing_server", MANY) as port:
        hub = hub_in(tmp_path / "hub", port)
        assert load(hub, "landed").told["code"] == 0
    said = (hub / "said.txt").read_text()
    assert "/s" in said

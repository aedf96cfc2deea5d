"""What `status` says of those who watch, and when it says nothing."""

from __future__ import annotations

import pytest

from partnerhub.cli.health_words import told_silence
from warehouse.queries.watching import Watch

AT = "2026-10-01T09:00:00.000000Z"


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        (Watch(is_scheduled=True, is_silent=True), "No scheduler has run here yet, so nothing syncs by itself"),
        (Watch(is_scheduled=True, is_silent=True, scheduled_at=AT), "Syncs run by schedule since 2026-10-01 09:00"),
        (Watch(is_scheduled=True, is_silent=True, beat_at=AT), "Nobody has looked at the hub's health since 2026-"),
        (Watch(is_scheduled=True, scheduled_at=AT), "The scheduler's first look, which sends alerts, comes"),
    ],
    ids=["no scheduler", "syncs alone", "stopped", "just begun"],
)  # fmt: skip
def test_silence_is_told_as_what_it_is_with_what_ends_it(watch: Watch, said: str) -> None:
    (line,) = told_silence(watch)
    assert said in line
    assert ("`partnerhub alerts run`" in line) == watch.is_silent


@pytest.mark.parametrize("watch", [Watch(), Watch(is_scheduled=True, beat_at=AT)], ids=["by hand", "watched"])
def test_nothing_is_said_where_nothing_is_expected_or_somebody_looks(watch: Watch) -> None:
    assert told_silence(watch) == []

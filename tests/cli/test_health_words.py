"""What `status` says of those who watch, and when it says nothing."""

from __future__ import annotations

import pytest

from partnerhub.cli.health_words import told_credentials, told_silence
from warehouse.queries.credentials import judged
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


def test_credentials_that_end_get_a_line_each_and_those_nobody_knows_of_one_together() -> None:
    lives = [
        judged("crm", "token", "2026-10-06T09:00:00.000000Z", lasts=False, now=AT),
        *(judged(name, "token", None, lasts=False, now=AT) for name in ("work", "tasks")),
        judged("sales", "client_secret", None, lasts=True, now=AT),
        judged("mail", "password", "2027-10-06T09:00:00.000000Z", lasts=False, now=AT),
    ]
    soon, unknown = told_credentials(lives)
    assert soon.startswith("! `token` of crm ends on 2026-10-06, in 5 days. → Make a new one")
    assert unknown.startswith("It is not known when the credentials of work, tasks end → write `expires:`")

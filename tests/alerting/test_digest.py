"""The daily digest: what it tells of each connection, and that it goes out once a day."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from partnerhub.config.alerts import Alerts, Slack
from pipelines.alerts import incidents
from pipelines.alerts.daily import send_digest
from pipelines.alerts.digest import ConnectionDigest, Digest, digest_of
from pipelines.alerts.digest_words import DigestMessage, lines
from pipelines.alerts.message import page_of
from pipelines.defs.build import build_definitions
from tests.alerting.hub import NINE, WatchedHub, text
from tests.alerting.listeners import WebServer
from warehouse.queries.watching import ASKS_FOR_SOMEBODY


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path, slack: WebServer) -> WatchedHub:
    hub = WatchedHub(
        sqlite_url, Alerts(slack=Slack(f"{slack.url}/T0/secret")), tmp_path, schedule="0 * * * *"
    )
    hub.looked(-30)
    return hub


def at(hub: WatchedHub, minute: int) -> Digest:
    with hub.database.session() as connection:
        return digest_of(hub.config, connection, NINE + timedelta(minutes=minute))


def crm(digest: Digest) -> ConnectionDigest:
    return next(each for each in digest.connections if each.source == "crm")


def test_figures_of_a_connection_follow_their_formulas(hub: WatchedHub) -> None:
    hub.ran(0, "deals", read=150, quarantined=3, landed=20, requests=40)
    hub.ran(10, "notes", read=50)
    hub.ran(12, "deals", source="mail", requests=5)
    hub.looked(20)
    found = crm(at(hub, 30))
    assert (found.word, found.lag, found.error_rate) == ("Healthy", 1800.0, 3 / 200)
    assert found.quota is not None
    assert (found.quota.left, found.changed.landed) == (found.quota.of - 40, 20)


def test_connection_that_needs_somebody_stands_first_with_its_next_command(hub: WatchedHub) -> None:
    hub.ran(0, source="mail")
    hub.refused(0, "deals")
    hub.refused(0, "notes")
    hub.looked(1)
    found = at(hub, 2)
    assert [each.source for each in found.connections] == ["crm", "mail"]
    assert lines(found)[:3] == [
        "crm: Failed, action required",
        "  deals, notes: The token was revoked. (docs/operate/errors.md#signed_out)",
        "  → A person must act: Renew it. Then `partnerhub sync crm`.",
    ]


def test_quarantine_that_nobody_minds_for_a_week_is_something_to_do(hub: WatchedHub) -> None:
    for minute in (0, 12_000):
        hub.ran(minute)
        hub.ran(minute, source="mail")
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, run_id, landed_at,"
            " quarantine) VALUES (1, 'crm', 'deals', '7', 'upsert', x'00', 'r1', ?, 'no_id')", (text(0),),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, staged_raw_id, staged_rules,"
            " quarantine) VALUES ('crm', 'deals', '7', 1, 'upsert', x'00', 1, '', 'no_id')"
        )
    assert crm(at(hub, 60)).is_quiet
    late = crm(at(hub, 12_001))
    assert (late.set_aside, late.oldest_set_aside) == (1, 12_001 * 60.0)
    assert [each.to_do for each in late.to_do if "quarantine" in each.to_do] == [
        "`partnerhub quarantine ls crm`: mend them there, or say that they may stay so."
    ]


def test_all_well_is_told_in_a_few_lines(hub: WatchedHub) -> None:
    for source in ("crm", "mail"):
        hub.ran(0, source=source, landed=4)
    hub.looked(10)
    message = DigestMessage(at(hub, 12), "https://hub.example")
    assert message.title == "Partner Hub: all 2 connections are well (2026-10-01)"
    assert message.text.splitlines() == [
        "Well: crm, mail.",
        "Furthest behind: 12 min.",
        "Since yesterday: 8 records came or changed.",
        "The pages: https://hub.example/sync",
    ]


def test_two_that_ask_at_once_send_one_digest_a_day(hub: WatchedHub, slack: WebServer) -> None:
    moment = NINE + timedelta(minutes=1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: send_digest(hub.config, moment), range(2)))
    assert send_digest(hub.config, moment + timedelta(hours=5)) == {}
    assert len(slack.posts) == 1
    assert send_digest(hub.config, moment + timedelta(days=1)) == {"slack": None}
    assert len(slack.posts) == 2


def test_digest_that_does_not_arrive_is_tried_at_each_look_until_the_day_is_over(
    hub: WatchedHub, slack: WebServer
) -> None:
    def digests() -> int:
        told = [json.loads(body)["text"].split("\n")[0] for _, _, body in slack.posts]
        return sum("(2026-10-01)" in line for line in told)

    slack.status = 500
    assert send_digest(hub.config, NINE) == {"slack": "The address answered 500."}
    slack.status = 200
    hub.looked(10)
    assert digests() == 2
    hub.looked(20)
    assert digests() == 2


def test_digest_is_scheduled_daily_where_anybody_is_told_and_can_be_switched_off(hub: WatchedHub) -> None:
    def cron(alerts: Alerts) -> str | None:
        found = build_definitions(replace(hub.config, alerts=alerts)).schedules or []
        return next(
            (str(getattr(each, "cron_schedule", "")) for each in found if each.name == "digest_daily"), None
        )

    assert cron(hub.config.alerts) == "0 6 * * *"
    assert cron(replace(hub.config.alerts, digest="0 5 * * 1-5")) == "0 5 * * 1-5"
    assert cron(replace(hub.config.alerts, digest=None)) is None
    assert cron(Alerts()) is None


@pytest.mark.parametrize(
    "code",
    [
        incidents.CHANNEL_FAILS, incidents.NEVER_RAN, incidents.CREDENTIAL_ENDS, incidents.WEBHOOK_ENDED,
        incidents.LINEAGE_LOST, *ASKS_FOR_SOMEBODY, "not_run", "late", "failed", "abandoned", "paused", "not_watched",
    ],
)  # fmt: skip
def test_each_code_leads_to_its_cause_effect_and_remedy(code: str) -> None:
    page, _, mark = page_of(code).partition("#")
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if f'<a id="{mark}"></a>' in line]
    assert all(cell.strip() for cell in row.strip("|").split("|"))

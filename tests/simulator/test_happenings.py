"""What happens to running vendors: a merge, a deletion, new mail, a renamed field; a vendor that refuses its token."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from partnerhub.simulator.control import CONTROL_FILE, Control
from partnerhub.simulator.happenings import Happenings, period, steering
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.story import place_story

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Simulator]:
    world = generate_world(1, 5, NOW)
    place_story(world)
    with Simulator(world, tmp_path, vendors=("jira",)) as simulator:
        yield simulator


def ask(folder: Path, action: str, what: str, token: str = "") -> requests.Response:
    door = json.loads((folder / CONTROL_FILE).read_text())
    headers = {"Authorization": f"Bearer {token or door['token']}"}
    return requests.post(f"{door['url']}/{action}", json={"what": what}, headers=headers, timeout=10)


def test_a_day_later_a_company_is_merged_another_deleted_and_a_property_renamed(vendors: Simulator) -> None:
    before = {c.properties["name"] for c in vendors.hubspot.store.listed("companies", archived=False)}
    said = Happenings(vendors).advance(timedelta(days=1))
    live = vendors.hubspot.store.listed("companies", archived=False)
    assert before - {c.properties["name"] for c in live} == {"Crescent City Clinics", "Muller Logistics Ltd"}
    assert not [c for c in live if c.properties.get("partner_type")]
    assert len([c for c in live if c.properties.get("partnership_type")]) > 10
    assert len(said) == 6


def test_clocks_go_on_and_mail_comes_every_day(vendors: Simulator) -> None:
    happenings, mailbox = Happenings(vendors), vendors.imap.mailbox("nora.fields@brightharbor-hub.org")
    happenings.advance(timedelta(days=1))
    before = len(mailbox.folder("INBOX").messages)
    assert len(happenings.advance(timedelta(days=2))) == 2
    assert len(mailbox.folder("INBOX").messages) == before + 1
    assert vendors.hubspot.store.now == vendors.jira.store.now == NOW + timedelta(days=3)


def test_a_broken_vendor_refuses_its_token_until_it_is_mended(vendors: Simulator) -> None:
    happenings = Happenings(vendors)
    happenings.breaking.break_vendor("hubspot")
    url, headers = (
        f"{vendors.hubspot.url}/crm/v3/owners",
        {"Authorization": f"Bearer {vendors.hubspot.token}"},
    )
    assert requests.get(url, headers=headers, timeout=10).status_code == 401
    happenings.breaking.mend()
    assert requests.get(url, headers=headers, timeout=10).status_code == 200


def test_the_door_opens_to_its_token_only(vendors: Simulator, tmp_path: Path) -> None:
    with Control(steering(Happenings(vendors)), tmp_path) as control:
        assert stat.S_IMODE(control.path.stat().st_mode) == 0o600
        assert ask(tmp_path, "break", "hubspot", token="guessed").status_code == 401
        assert not vendors.hubspot.faults.faults
        assert ask(tmp_path, "break", "hubspot").json() == {"happened": ["hubspot refuses its token now."]}
        assert ask(tmp_path, "break", "nobody").status_code == 400
        assert ask(tmp_path, "explode", "").status_code == 404
    assert not control.path.exists()


@pytest.mark.parametrize(("text", "meant"), [("1d", timedelta(days=1)), ("12h", timedelta(hours=12))])
def test_a_period_is_days_or_hours(text: str, meant: timedelta) -> None:
    assert period(text) == meant


@pytest.mark.parametrize("text", ["", "d", "1", "0d", "-1d", "1w", "999d", "one day"])
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="1d"):
        period(text)

"""Back-fill: with `bodies: attached`, a mail's text is fetched once its sender belongs to a known organization."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.imap import ImapSimulator
from pipelines.land.backfill import AT_ONCE, WANTED, wanted
from pipelines.sessions import RunOptions
from pipelines.sync import run_sync
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "nora@northwind.example"
MAIL = b"""From: Ada Lovelace <ada@%s>\r
To: nora@northwind.example\r
Subject: %s\r
Date: Tue, 01 Sep 2026 10:00:00 +0000\r
Message-ID: <%s@mail.example>\r
\r
The secret number is 42.\r
"""
CONFIG = """
warehouse: sqlite:///warehouse.db
own_domains: [northwind.example]
sources:
  list: {{connector: sheets, path: partners.csv}}
  mail: {{connector: imap, host: {host}, port: {port}, ssl: false, mailbox: {owner}, password: {password},
    folders: [INBOX]}}
partners:
  - {{source: list}}
"""


@pytest.fixture
def imap() -> Iterator[ImapSimulator]:
    with ImapSimulator({}) as server:
        for number, domain in enumerate((b"kestrel-optics.com", b"stranger-things.com")):
            server.append(OWNER, "INBOX", MAIL % (domain, b"Numbers", str(number).encode()))
        yield server


@pytest.fixture
def config(imap: ImapSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubConfig:
    monkeypatch.chdir(tmp_path)
    Path("partners.csv").write_text("Company,Website\nMerlin Ltd,https://merlin-tools.com\n")
    text = CONFIG.format(host=imap.host, port=imap.port, owner=OWNER, password=imap.password(OWNER))
    Path("partnerhub.yaml").write_text(text)
    return load_config(Path("partnerhub.yaml"))


def texts(config: HubConfig) -> dict[str, Any]:
    with Database(config.warehouse_url).session() as connection:
        rows = connection.query(
            "SELECT p.address, t.text FROM staged_touchpoint t"
            " JOIN participant p ON p.record = t.record AND p.role = 'from'"
        )
    return {address.partition("@")[2]: text for address, text in rows}


def test_text_of_strangers_stays_at_the_source(config: HubConfig) -> None:
    assert run_sync(config).state == "complete"
    assert texts(config) == {"kestrel-optics.com": None, "stranger-things.com": None}
    with Database(config.warehouse_url).session() as connection:
        payloads = b"".join(bytes(row[0]) for row in connection.query("SELECT payload FROM raw_record"))
    assert b"secret number" not in payloads


def test_text_is_fetched_once_the_sender_becomes_known(config: HubConfig) -> None:
    run_sync(config)
    with Path("partners.csv").open("a") as file:
        file.write("Kestrel Optics,https://kestrel-optics.com\n")
    report = run_sync(config)
    assert report.steps["backfill"] == {"wanted": 1, "landed": 1, "gone": 0}
    assert texts(config) == {"kestrel-optics.com": "The secret number is 42.", "stranger-things.com": None}


def test_sync_after_a_backfill_lands_nothing(config: HubConfig) -> None:
    with Path("partners.csv").open("a") as file:
        file.write("Kestrel Optics,https://kestrel-optics.com\n")
    run_sync(config)
    again = run_sync(config)
    assert sum(stream.landed for stream in again.streams) == 0
    assert again.steps["backfill"] == {"wanted": 0, "landed": 0, "gone": 0}


def test_with_bodies_never_no_text_is_fetched_even_when_the_sender_is_known(config: HubConfig) -> None:
    text = config.path.read_text().replace("folders: [INBOX]", "folders: [INBOX], bodies: never")
    config.path.write_text(text)
    with Path("partners.csv").open("a") as file:
        file.write("Kestrel Optics,https://kestrel-optics.com\n")
    assert run_sync(load_config(config.path)).state == "complete"
    assert set(texts(config).values()) == {None}


def know_kestrel() -> None:
    with Path("partners.csv").open("a") as file:
        file.write("Kestrel Optics,https://kestrel-optics.com\n")


def reply(sender: bytes, number: bytes) -> bytes:
    """A mail of the conversation that Kestrel's mail began."""
    raw = (MAIL % (b"x", b"Re: Numbers", number)).replace(b"Ada Lovelace <ada@x>", sender)
    return raw.replace(b"\r\n\r\n", b"\r\nIn-Reply-To: <0@mail.example>\r\n\r\n", 1)


def test_the_whole_thread_is_fetched_with_the_one_mail_that_attaches(
    imap: ImapSimulator, config: HubConfig
) -> None:
    imap.append(OWNER, "INBOX", reply(b"jo@northwind.example", b"2"))
    imap.append(OWNER, "INBOX", reply(b"eve@elsewhere-land.com", b"3"))
    run_sync(config)
    assert set(texts(config).values()) == {None}
    know_kestrel()
    assert run_sync(config).steps["backfill"] == {"wanted": 3, "landed": 3, "gone": 0}
    found = texts(config)
    assert found.pop("stranger-things.com") is None
    assert set(found.values()) == {"The secret number is 42."}


def test_a_full_read_keeps_the_text_of_mail_that_policy_alone_would_leave(
    imap: ImapSimulator, config: HubConfig
) -> None:
    imap.append(OWNER, "INBOX", reply(b"eve@elsewhere-land.com", b"3"))
    know_kestrel()
    run_sync(config)
    before = texts(config)
    report = run_sync(config, options=RunOptions("cli", full=True))
    assert {(each.read, each.landed) for each in report.streams if each.stream == "messages"} == {(3, 0)}
    assert texts(config) == before
    assert before["elsewhere-land.com"] == "The secret number is 42."


def test_mails_that_are_gone_stand_in_nobodys_way_and_are_told(
    imap: ImapSimulator, config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.land.backfill.WANTED", WANTED.replace(f"LIMIT {AT_ONCE}", "LIMIT 1"))
    for number in (b"7", b"8"):  # newer than the mail that is still there
        newer = (MAIL % (b"kestrel-optics.com", b"Later", number)).replace(b"01 Sep", b"02 Sep")
        imap.append(OWNER, "INBOX", newer)
    run_sync(config)
    for uid in (3, 4):
        imap.delete(OWNER, "INBOX", uid)
    know_kestrel()
    assert run_sync(config).steps["backfill"] == {"wanted": 3, "landed": 1, "gone": 2}
    assert run_sync(config).steps["backfill"] == {"wanted": 0, "landed": 0, "gone": 0}
    with Database(config.warehouse_url).session() as connection:
        told = connection.query("SELECT severity, stream, state FROM sync_error WHERE code = 'content_gone'")
    assert told == [("finding", "messages", "open")] * 2


@pytest.mark.parametrize("subjects", [True, False])
def test_a_mailbox_for_metadata_never_gives_a_body_even_when_the_sender_is_known(
    imap: ImapSimulator, config: HubConfig, subjects: bool
) -> None:
    kept = "visibility: metadata" + ("" if subjects else ", subjects: false")
    config.path.write_text(config.path.read_text().replace("folders: [INBOX]", f"folders: [INBOX], {kept}"))
    know_kestrel()
    assert run_sync(load_config(config.path)).state == "complete"
    run_sync(load_config(config.path), options=RunOptions("cli", full=True))
    asked = " ".join(command for command in imap.commands if command.startswith("UID FETCH"))
    assert set(re.findall(r"BODY[^ ()]*", asked)) == {"BODY.PEEK[HEADER]<0.262144>", "BODYSTRUCTURE"}
    with Database(config.warehouse_url).session() as connection:
        rows = connection.query("SELECT subject, text FROM staged_touchpoint WHERE source = 'mail'")
        raw = b"".join(bytes(row[0]) for row in connection.query("SELECT payload FROM raw_record"))
    assert rows == [("Numbers" if subjects else None, None)] * 2
    assert (b"Numbers" in raw) is subjects


def test_what_is_wanted_can_be_asked_of_every_engine(database_url: str) -> None:
    with Database(database_url).session() as connection:
        assert wanted(connection, "mail", "2026-09-01T08:00:00.000000Z") == []

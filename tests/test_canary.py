"""Promise 11: no secret and no message body leaves raw, staged text and the pages that show them.

Canaries are the credentials of both servers, the body of every mail and of every note. Real syncs run over the
simulators, and everything the hub writes anywhere else is searched for them.
"""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from connectors.transport import Patience
from partnerhub.cli.app import main
from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.imap import ImapSimulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.sync import SyncReport, run_sync
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN, PASSWORD = "pat-canary-7e11a0", "pass-canary-41b9c2"
BODY, NOTE, DATABASE = "body-canary-9d03", "note-canary-5c77", "database-canary-1f60"
CANARY = re.compile(rb"(?:pat|pass|body|note|database)-canary-[0-9a-f]{4}")

MAY_HOLD_BODIES = {("raw_record", "payload"), ("staged_touchpoint", "text"), ("staged_work_item", "text")}
CONFIG = """
warehouse: sqlite:///warehouse.db
own_domains: [{own}]
default_region: DE
sources:
  hubspot:
    connector: hubspot
    token: {token}
    base_url: {url}
    requests_per_second: 0
    searches_per_second: 0
    first_wait_seconds: 0
    tries: 2
  mail:
    connector: imap
    host: 127.0.0.1
    port: {port}
    ssl: false
    mailbox: {mailbox}
    password: {password}
    bodies: all
partners:
  - {{source: hubspot, where: {{account_type: [PARTNER]}}}}
"""


class Rig:
    """Two servers over a world full of canaries, and a hub that reads them in its own folder."""

    def __init__(self, folder: Path, hubspot: HubSpotSimulator, imap: ImapSimulator, mailbox: str) -> None:
        self.folder, self.hubspot, self.imap = folder, hubspot, imap
        imap.mailboxes[mailbox].password = PASSWORD
        text = CONFIG.format(
            own=hubspot.world.own_domain,
            token=TOKEN,
            url=hubspot.url,
            port=imap.port,
            mailbox=mailbox,
            password=PASSWORD,
        )
        (folder / "partnerhub.yaml").write_text(text)
        shutil.copyfile(REPOSITORY / "dagster.yaml", folder / "dagster.yaml")

    @property
    def config(self) -> HubConfig:
        return load_config(self.folder / "partnerhub.yaml")

    def sync(self, *sources: str) -> SyncReport:
        return run_sync(self.config, sources or None)

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "warehouse.db")

    def leaks(self) -> set[str]:
        """Where a canary stands that should not: table.column, or a file that Dagster wrote."""
        return {f"{table}.{column}" for table, column in self.holding() - MAY_HOLD_BODIES} | self.files()

    def holding(self) -> set[tuple[str, str]]:
        connection = self.database()
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = set()
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            found |= {
                (table, name)
                for row in cursor
                for name, value in zip(names, row, strict=True)
                if canary_in(value)
            }
        connection.close()
        return found

    def files(self) -> set[str]:
        written = (path for path in (self.folder / ".dagster").rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)) for path in written if CANARY.search(path.read_bytes())}


def canary_in(value: Any) -> bool:
    content = value if isinstance(value, bytes) else str(value).encode(errors="replace")
    return CANARY.search(content) is not None


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.chdir(tmp_path)
    world = generate_world(5, 3, datetime(2026, 10, 1, tzinfo=UTC))
    for mail in world.mails:
        mail.text = f"{BODY} {mail.text}"
    for activity in world.activities.values():
        activity.text = f"{NOTE} {activity.text}"
    monkeypatch.setattr(HubConfig, "connector", impatient(HubConfig.connector))
    with HubSpotSimulator(world, token=TOKEN) as hubspot, ImapSimulator(world) as imap:
        mailbox = max(imap.mailboxes, key=lambda address: len(imap.messages(address)))
        yield Rig(tmp_path, hubspot, imap, mailbox)


def impatient(connector):
    """Mailboxes are asked twice at most, without waiting in between."""

    def quick(config: HubConfig, name: str) -> Any:
        made = connector(config, name)
        if name == "mail":
            made.use_patience(Patience(tries=2, first_wait=0))
        return made

    return quick


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Any:
    """Everything printed or logged so far, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join((*capfd.readouterr(), caplog.text))


def test_a_sync_that_works_keeps_bodies_where_they_belong(rig, said):
    assert rig.sync().state == "complete"
    assert rig.holding() == MAY_HOLD_BODIES
    assert rig.leaks() == set()
    assert not canary_in(said())


def test_a_body_in_a_form_nobody_expects_is_reported_without_a_sample(rig, said):
    notes = rig.hubspot.store.listed("notes", archived=False)
    notes[0].properties["hs_note_body"] = [NOTE]
    rig.sync("hubspot")
    assert rig.holding() <= MAY_HOLD_BODIES
    with rig.database() as connection:
        found = connection.execute("SELECT sample FROM sync_error WHERE code = 'not_a_text'").fetchall()
    connection.close()
    assert found == [(None,)]
    assert not canary_in(said())


HTTP_FAULTS = {
    "contacts": "500",
    "deals": "reset",
    "notes": "truncate",
    "emails": "html",
    "meetings": "429",
    "calls": "403",
    "tasks": "429_daily",
    "tickets": "401",
}


def test_a_crm_that_misbehaves_reveals_nothing(rig, said):
    for stream, kind in HTTP_FAULTS.items():
        rig.hubspot.faults.add(Fault(f"*/objects/{stream}*", kind, nth=2, times=99))
    report = rig.sync("hubspot")
    failed = {stream.stream for stream in report.streams if stream.error}
    assert failed >= HTTP_FAULTS.keys() - {"tickets"}
    assert rig.leaks() == set()
    assert not canary_in(said() + repr(report))


IMAP_FAULTS = {
    "sign-in refused": ("no", "LOGIN", {"text": f"[AUTHENTICATIONFAILED] {PASSWORD} is wrong"}),
    "sign-in not understood": ("bad", "LOGIN", {"text": f"LOGIN x {PASSWORD}"}),
    "cut off while a body is sent": ("drop", "UID FETCH", {"after_bytes": 900, "nth": 3}),
    "body refused": ("no", "UID FETCH", {"text": f"cannot read {BODY}", "nth": 3}),
    "goodbye": ("bye", "UID FETCH", {"text": f"closing on {BODY}"}),
}


def test_a_mail_server_that_misbehaves_reveals_nothing(rig, said):
    for kind, command, details in IMAP_FAULTS.values():
        rig.imap.faults.clear()
        rig.imap.faults.plan(kind, command, times=99, **details)
        report = rig.sync("mail")
        assert report.exit_code
        assert not canary_in(said() + repr(report))
    assert rig.leaks() == set()


@pytest.mark.parametrize("table", ["raw_record", "staged_touchpoint"])
def test_a_database_that_quotes_what_it_refuses_reveals_nothing(rig, said, table):
    from warehouse.schema import migrate

    migrate(rig.config.warehouse_url)
    with rig.database() as connection:
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'row: {DATABASE}'); END"
        )
    connection.close()
    report = rig.sync("hubspot")
    assert report.exit_code == 1
    assert rig.leaks() == set()
    heard = said()
    assert "IntegrityError at " in heard
    assert not canary_in(heard + repr(report))


@pytest.fixture
def own_logging() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("own_logging")
def test_the_command_line_reveals_nothing_even_with_debug(rig, said):
    rig.imap.faults.plan("no", "LOGIN", text=f"[AUTHENTICATIONFAILED] {PASSWORD} is wrong", times=99)
    for command in ("sync mail --json", "sync mail", "check", "status --json", "errors --json"):
        with pytest.raises(SystemExit):
            main(["--debug", *command.split()])
    heard = said()
    assert "authentication_failed" in heard
    assert not canary_in(heard)
    assert rig.leaks() == set()

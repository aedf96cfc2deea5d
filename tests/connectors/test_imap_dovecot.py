"""A second opinion: what Dovecot serves is read exactly as what the simulator serves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from imapclient import IMAPClient

from connectors.errors import FixSetup
from connectors.imap import ImapConnector
from partnerhub.simulator.imap import INBOX, ImapSimulator
from partnerhub.simulator.world.generate import generate_world
from tests.connectors.conformance.imap_rig import OWNER, QUICK, connector_for, raw_mail

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SECONDS_TO_START = 5
CONFIG = """
protocols = imap
listen = 127.0.0.1
ssl = no
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
mail_location = maildir:{home}/mail/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""

pytestmark = [
    pytest.mark.skipif(DOVECOT is None, reason="Dovecot is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Dovecot drops its rights, so it must be started as root"),
]


class Dovecot(NamedTuple):
    """A running server on loopback."""

    port: int
    config: Path

    def connector(self, **settings: Any) -> ImapConnector:
        access = {"password": "secret", "bodies": "all", **settings}
        found = ImapConnector(host="127.0.0.1", port=self.port, ssl=False, mailbox=OWNER, timeout=5, **access)
        found.use_patience(QUICK)
        return found

    def append(self, raws: list[bytes]) -> None:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=5)
        client.login(OWNER, "secret")
        for raw in raws:
            client.append(INBOX, raw, msg_time=NOW)
        client.logout()

    def renumber(self) -> None:
        command = [
            "doveadm",
            "-c",
            str(self.config),
            "mailbox",
            "update",
            "-u",
            OWNER,
            "--uid-validity",
            "777",
            INBOX,
        ]
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    home.chmod(0o755)
    (home / "mail").mkdir()
    shutil.chown(home / "mail", "nobody", "nogroup")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = home / "dovecot.conf"
    config.write_text(CONFIG.format(home=home, port=port))
    process = subprocess.Popen(
        [str(DOVECOT), "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield Dovecot(port, config)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def wait_for(port: int) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.skip("Dovecot did not start here")


def some_mails() -> list[bytes]:
    """Mails of every kind the world knows, and a few odd ones."""
    mailboxes = ImapSimulator(generate_world(5, 20, NOW)).mailboxes.values()
    inbox = [message.raw for mailbox in mailboxes for message in mailbox.folder(INBOX).messages]
    odd = [raw_mail(1, Message_ID=""), raw_mail(2, Date="never", From=""), b"Subject: no body\r\n\r\n"]
    return list(dict.fromkeys(inbox))[:60] + odd


def read(connector: ImapConnector, stream: str = "messages") -> dict[str, Any]:
    found = [record for page in connector.pull(stream, None) for record in page.records]
    assert not [record for record in found if record.malformed]
    volatile = {"locations", "internaldate", "size"}
    return {
        record.source_id: {
            name: value for name, value in (record.payload or {}).items() if name not in volatile
        }
        for record in found
    }


@pytest.mark.parametrize("bodies", ["all", "never"])
def test_dovecot_and_the_simulator_give_the_same_records(dovecot: Dovecot, bodies: str) -> None:
    mails = some_mails()
    dovecot.append(mails)
    with ImapSimulator() as simulator:
        for raw in mails:
            simulator.append(OWNER, INBOX, raw, NOW)
        ours = connector_for(simulator, bodies=bodies)
        expected, children = read(ours), read(ours, "attachments")
    theirs = dovecot.connector(bodies=bodies)
    assert read(theirs) == expected
    assert read(theirs, "attachments").keys() == children.keys()


@pytest.mark.fault("F89")
def test_a_new_uidvalidity_on_dovecot_doubles_and_loses_nothing(dovecot: Dovecot) -> None:
    dovecot.append([raw_mail(number) for number in range(5)])
    connector = dovecot.connector()
    cursor = list(connector.pull("messages", None))[-1].cursor
    before = read(connector)
    dovecot.append([raw_mail(6)])
    dovecot.renumber()
    again = {record.source_id for page in connector.pull("messages", cursor) for record in page.records}
    assert len(again) == 6
    assert again > before.keys()


def test_a_wrong_password_on_dovecot_says_what_to_do(dovecot: Dovecot) -> None:
    with pytest.raises(FixSetup) as caught:
        dovecot.connector(password="guess").check()
    assert caught.value.code == "authentication_failed"


def test_the_sent_folder_of_dovecot_is_found_by_its_use(dovecot: Dovecot) -> None:
    assert "Sent" in dovecot.connector().check().details

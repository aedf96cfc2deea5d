"""A mail to oneself lies in INBOX and among what was sent: one record, two messages to the server, and no gap."""

from __future__ import annotations

from partnerhub.simulator.imap import INBOX, SENT, ImapSimulator
from pipelines.land.session import LandSession, LandSettings
from tests.connectors.conformance.imap_rig import OWNER, connector_for, raw_mail
from tests.connectors.mailbox_reading import NOW, mailbox_of_five
from warehouse.database import Database

__all__ = ["mailbox_of_five"]


def test_mail_that_lies_in_two_folders_is_no_gap(server: ImapSimulator, sqlite_url: str) -> None:
    mail = raw_mail(7)
    for folder in (INBOX, SENT):
        server.append(OWNER, folder, mail, NOW)
    database, connector = Database(sqlite_url), connector_for(server)
    with LandSession(database, [connector], LandSettings(run_id="run-1")) as session:
        result = session.wait(connector.source)[0]
    with database.session() as connection:
        held = connection.query("SELECT count(*) FROM raw_current WHERE stream = 'messages'")
        problems = connection.query("SELECT code FROM sync_error")
    assert (result.state, result.in_source, held, problems) == ("complete", 7, [(6,)], [])


def test_what_is_blocked_is_no_gap_and_nothing_of_it_is_written(
    server: ImapSimulator, sqlite_url: str
) -> None:
    server.append(OWNER, INBOX, raw_mail(7, From="who@clinic.example", Subject="hush"), NOW)
    database = Database(sqlite_url)
    connector = connector_for(server, folders=(INBOX,), blocked=("clinic.example",))
    with LandSession(database, [connector], LandSettings(run_id="run-1")) as session:
        result = session.wait(connector.source)[0]
    with database.session() as connection:
        held = connection.query("SELECT count(*) FROM raw_record WHERE stream = 'messages'")
        problems = connection.query("SELECT code FROM sync_error")
    assert (result.state, result.in_source, held, problems) == ("complete", 5, [(5,)], [])
    assert not any(
        b"clinic" in path.read_bytes() for path in database.path.parent.glob(f"{database.path.name}*")
    )

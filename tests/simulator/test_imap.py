"""The simulated mail server behaves as real ones do, quirks included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, LoginError

from partnerhub.simulator.imap import INBOX, PARTNERS, SENT, ImapSimulator
from partnerhub.simulator.world.generate import generate_world

OWNER = "desk@hub.example"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
RAW = b"Subject: one\r\n\r\nhello\r\n"


@pytest.fixture
def server() -> Iterator[ImapSimulator]:
    with ImapSimulator() as running:
        running.append(OWNER, INBOX, RAW, NOW)
        running.append(OWNER, INBOX, RAW.replace(b"one", b"two"), NOW)
        yield running


@pytest.fixture
def client(server: ImapSimulator) -> Iterator[IMAPClient]:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=5)
    client.login(OWNER, server.password(OWNER))
    client.select_folder(INBOX)
    yield client
    client.shutdown()


def test_raw_bytes_are_served_verbatim(client: IMAPClient) -> None:
    assert client.fetch([1], ["BODY.PEEK[]"])[1][b"BODY[]"] == RAW


def test_a_range_beyond_the_end_gives_the_last_message_as_the_standard_says(client: IMAPClient) -> None:
    assert client.search(["UID", "99:*"]) == [2]


def test_reading_without_peek_marks_a_message_seen_and_with_peek_does_not(client: IMAPClient) -> None:
    client.fetch([1, 2], ["BODY.PEEK[]"])
    assert client.fetch([1], ["FLAGS"])[1][b"FLAGS"] == ()
    client.fetch([1], ["BODY[]"])
    assert client.fetch([1], ["FLAGS"])[1][b"FLAGS"] == (b"\\Seen",)


def test_partial_fetches_and_header_sections_are_cut_where_asked(client: IMAPClient) -> None:
    facts = client.fetch([1], ["BODY.PEEK[HEADER]<0.9>", "BODY.PEEK[TEXT]", "RFC822.SIZE"])[1]
    assert facts[b"BODY[HEADER]<0>"] == b"Subject: "
    assert facts[b"BODY[TEXT]"] == b"hello\r\n"
    assert facts[b"RFC822.SIZE"] == len(RAW)


def test_folders_have_special_uses_and_names_beyond_ascii(client: IMAPClient) -> None:
    assert client.find_special_folder(b"\\Sent") == SENT
    assert PARTNERS in [name for _, _, name in client.list_folders()]
    assert client.select_folder(PARTNERS, readonly=True)[b"EXISTS"] == 0


def test_a_new_uidvalidity_renumbers_from_one(server: ImapSimulator, client: IMAPClient) -> None:
    before = client.folder_status(INBOX)[b"UIDVALIDITY"]
    server.delete(OWNER, INBOX, 1)
    assert server.bump_uidvalidity(OWNER) != before
    client.select_folder(INBOX)
    assert client.search() == [1]


def test_a_planned_drop_cuts_the_connection_inside_a_literal(
    server: ImapSimulator, client: IMAPClient
) -> None:
    server.faults.plan("drop", "UID FETCH", after_bytes=40)
    with pytest.raises(IMAPClientAbortError):
        client.fetch([1], ["BODY.PEEK[]"])


def test_wrong_secrets_are_refused_and_right_ones_accepted(server: ImapSimulator) -> None:
    good, bad = (IMAPClient(server.host, server.port, ssl=False, timeout=5) for _ in range(2))
    good.oauth2_login(OWNER, server.mailbox(OWNER).token)
    with pytest.raises(LoginError):
        bad.login(OWNER, "guess")
    good.shutdown()
    bad.shutdown()
    assert "guess" not in repr(server.commands)


def test_one_world_gives_one_set_of_bytes_and_copies_in_every_colleagues_mailbox() -> None:
    first, second = (ImapSimulator(generate_world(3, 12, NOW)).mailboxes for _ in range(2))
    assert first == second
    copies = sum(len(folder.messages) for mailbox in first.values() for folder in mailbox.folders.values())
    assert copies >= len(generate_world(3, 12, NOW).mails)

"""A mailbox of five mails, and reading it: what the examples of mail share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.imap import ImapConnector
from connectors.record import CursorState, Page, SourceRecord
from partnerhub.simulator.imap import INBOX, ImapSimulator
from tests.connectors.conformance.imap_rig import OWNER, raw_mail

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(name="server")
def mailbox_of_five() -> Iterator[ImapSimulator]:
    with ImapSimulator() as running:
        for number in range(1, 6):
            running.append(OWNER, INBOX, raw_mail(number), NOW)
        yield running


def records(pages: list[Page]) -> list[SourceRecord]:
    return [record for page in pages for record in page.records]


def pull(
    connector: ImapConnector,
    cursor: CursorState | None = None,
    stream: str = "messages",
    *,
    full: bool = False,
) -> list[Page]:
    return list(connector.pull(stream, cursor, full=full))


def ids(pages: list[Page]) -> list[str]:
    return [record.source_id for record in records(pages)]

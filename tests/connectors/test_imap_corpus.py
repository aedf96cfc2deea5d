"""Real mail of strangers, served and read end to end: nothing lost, nothing twice, nothing raises."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.errors import SkipRecord
from connectors.record import SourceRecord
from mappings.compile import compile_stream
from mappings.imap import MAPPING
from mappings.rows import Context, StagedOutput
from partnerhub.simulator.imap import INBOX, ImapSimulator
from tests.connectors.conformance.imap_rig import OWNER, connector_for

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "email" / "dev"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
MBOX_START = re.compile(rb"^From [^\n]*\n", re.MULTILINE)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not CORPUS.exists(), reason="the real mail under ../shared/corpora/email/dev is not there"
    ),
]


class Reading(NamedTuple):
    """What was served and what came of it."""

    served: list[bytes]
    messages: list[SourceRecord]
    attachments: list[SourceRecord]


def split_mbox(raw: bytes) -> list[bytes]:
    """The messages of a Unix mailbox, `From ` lines taken off."""
    starts = [
        found
        for found in MBOX_START.finditer(raw)
        if found.start() == 0 or raw[: found.start()].endswith(b"\n\n")
    ]
    ends = [found.start() for found in starts[1:]] + [len(raw)]
    return [raw[found.end() : end] for found, end in zip(starts, ends, strict=True)] or [raw]


def corpus() -> Iterator[bytes]:
    for path in sorted((CORPUS / "eml").iterdir()):
        yield path.read_bytes()
    for path in sorted((CORPUS / "mbox").iterdir()):
        yield from split_mbox(path.read_bytes())


@pytest.fixture(scope="module")
def reading() -> Reading:
    served = list(corpus())
    with ImapSimulator() as server:
        for raw in served:
            server.append(OWNER, INBOX, raw, NOW)
        connector = connector_for(server)
        messages = [record for page in connector.pull("messages", None) for record in page.records]
        attachments = [record for page in connector.pull("attachments", None) for record in page.records]
    return Reading(served, messages, attachments)


STAGERS = {name: compile_stream(stream) for name, stream in MAPPING.streams.items()}


def staged(record: SourceRecord, stream: str) -> StagedOutput | str:
    """What a record is staged as, or the code under which it is quarantined."""
    context = Context(
        "mail", stream, record.source_id, 1, "r", None, None, "DE", frozenset(), frozenset(), {}
    )
    try:
        return STAGERS[stream](record.payload or {}, context)
    except SkipRecord as error:
        return error.code


@pytest.fixture(scope="module")
def outputs(reading: Reading) -> list[StagedOutput | str]:
    return [staged(record, "messages") for record in reading.messages if not record.malformed]


def test_every_message_arrives_as_exactly_one_record(reading: Reading) -> None:
    distinct = len(set(reading.served))
    malformed = [record for record in reading.messages if record.malformed]
    places = sum(len((record.payload or {}).get("locations", ["one"])) for record in reading.messages)
    assert places == len(reading.served)
    assert len({record.source_id for record in reading.messages}) == len(reading.messages) == distinct
    assert len(malformed) <= distinct // 100


def test_every_body_was_read_and_every_attachment_fetched(reading: Reading) -> None:
    states = Counter(
        (record.payload or {}).get("body_state") for record in reading.messages if not record.malformed
    )
    assert set(states) == {"fetched"}
    assert {(record.payload or {})["not_fetched"] for record in reading.attachments} == {None}


def test_every_record_is_staged_or_says_why_not(reading: Reading, outputs: list[StagedOutput | str]) -> None:
    rows = [output.rows["touchpoint"] for output in outputs if isinstance(output, StagedOutput)]
    assert len(rows) == len(outputs)
    assert all(len(row) == 1 for row in rows)
    assert all(isinstance(staged(record, "attachments"), StagedOutput) for record in reading.attachments)


def test_almost_every_mail_gives_a_text_without_replacement_characters(
    outputs: list[StagedOutput | str],
) -> None:
    texts = [output.rows["touchpoint"][0]["text"] for output in outputs if isinstance(output, StagedOutput)]
    assert sum(text is None for text in texts) < len(texts) * 0.1
    assert sum("�" in (text or "") for text in texts) < len(texts) * 0.01

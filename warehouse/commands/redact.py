"""Blank what a record ever said, for good: payloads go, a keyed hash stays, and a later sync keeps it blank."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from mappings.canonical import STAGED_KINDS, record_key
from warehouse import bulk
from warehouse.commands.deal_history import blank_deals
from warehouse.commands.forget_past import forget_past
from warehouse.commands.forget_words import forget_words, parts_of
from warehouse.commands.history import blank_history
from warehouse.commands.pending import mark
from warehouse.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

HASH_BYTES = 16
COLUMNS = ("source", "stream", "source_id", "keyed_hash", "reason", "redacted_at")
UNREADABLE = b""
NOT_PUBLISHED = frozenset({"passage", "location", "service"})
"""Staged kinds publication does not read; nothing waits for them."""
FORGET_SIGNALS = ("DELETE FROM signal", "DELETE FROM signal_opening", "UPDATE next_word SET sentence = ''")


def redact_record(
    connection: Connection, source: str, stream: str, source_id: str, *, reason: str, secret: bytes, now: str
) -> int:
    """Blank every version of one source record; returns how many versions were blanked. Twice is harmless.

    Its hash is kept keyed by `secret` (at least 16 bytes, the hub's own): the content cannot be guessed from it. Its
    staged rows go and wait for publication, which removes what was derived from them; its attachments are redacted
    with it. Former values that no other record says are blanked in versions and change log, the reasons of scores that
    quote it in the ledger; signals that may quote it go, and are found anew without it. What people wrote about the
    record goes (`forget_words`). Raises NotFound for a record the hub never saw.
    """
    key = (source, stream, source_id)
    record = record_key(*key)
    wait_for_landing(connection, source)
    attached = attachments(connection, record)
    forget_signals(connection, record)
    blanked = blank(connection, key, reason, secret, now)
    for child in attached:
        blanked += redact_record(connection, *child, reason=reason, secret=secret, now=now)
    blank_history(connection, record)
    blank_deals(connection, record)
    forget_past(connection, record)
    forget_words(connection, record)
    connection.execute("DELETE FROM affiliation WHERE person_record = ?", (record,))
    connection.execute(
        "UPDATE match_edge SET why_json = '[]' WHERE left_record = ? OR right_record = ?", (record, record)
    )
    return blanked


def forget_signals(connection: Connection, record: str) -> None:
    """Remove every signal there was of the organizations a record is part of: its sentence may name somebody."""
    own = "record = ? OR record LIKE ? ESCAPE '!'"
    theirs = (
        f"organization_id IN (SELECT organization_id FROM organization_link WHERE {own}"
        " UNION SELECT w.organization_id FROM person_link l JOIN person_organization w ON w.person_id = l.person_id"
        f" WHERE l.{own.replace('OR record', 'OR l.record')}"
        " UNION SELECT t.organization_id FROM fact_source s JOIN timeline t ON t.fact_id = s.fact_id"
        f" WHERE s.{own.replace('OR record', 'OR s.record')})"
    )
    for forget in FORGET_SIGNALS:
        connection.execute(f"{forget} WHERE {theirs}", (record, parts_of(record)) * 3)


def wait_for_landing(connection: Connection, source: str) -> None:
    """Let a page of this source that is being stored commit first, and the next one wait: it would not see us."""
    connection.execute("UPDATE lease SET renewed_at = renewed_at WHERE name = ?", (f"sync:{source}",))


def blank(connection: Connection, key: tuple[str, str, str], reason: str, secret: bytes, now: str) -> int:
    """Blank the versions of one record and remove its staged rows; returns how many versions were blanked."""
    place = "source = ? AND stream = ? AND source_id = ?"
    current = connection.one(f"SELECT content_hash FROM raw_current WHERE {place}", key)
    if current is None:
        raise NotFound(
            f"The hub holds no record {'/'.join(key)}.", "Copy the key from `partnerhub show NAME --why`."
        )
    versions = connection.query(
        f"SELECT raw_id, payload, content_hash FROM raw_record WHERE {place} AND redacted_at IS NULL", key
    )
    connection.execute_many(
        "UPDATE raw_record SET payload = NULL, content_hash = ?, redacted_at = ?, redaction = ? WHERE raw_id = ?",
        [(keyed(secret, bytes(row[1] or UNREADABLE)), now, reason, row[0]) for row in versions],
    )
    if versions:
        newest = max(versions, key=lambda row: int(row[0]))
        digest = keyed(secret, bytes(newest[1] or UNREADABLE))
        connection.execute(f"UPDATE raw_current SET content_hash = ? WHERE {place}", (digest, *key))
        bulk.upsert(connection, "redaction", COLUMNS, [(*key, digest.hex(), reason, now)])
    # A finding of the whole stream shows one value as a sample, whoever's it is.
    connection.execute(
        "UPDATE sync_error SET sample = NULL WHERE source = ? AND stream = ? AND source_id IN (?, '')", key
    )
    remove_staged(connection, key)
    return len(versions)


def attachments(connection: Connection, record: str) -> list[tuple[str, str, str]]:
    """The keys of the source records that hang on a record: a mail's attachments lie in a stream of their own."""
    rows = connection.query(
        "SELECT DISTINCT source, stream, source_id FROM staged_document WHERE parent_record = ? ORDER BY 1, 2, 3",
        (record,),
    )
    return [found for row in rows if record_key(*(found := (row[0], row[1], row[2]))) != record]


def keyed(secret: bytes, content: bytes) -> bytes:
    """A hash only the holder of the secret can compute."""
    return blake2b(content, digest_size=HASH_BYTES, key=secret[:64]).digest()


def remove_staged(connection: Connection, key: tuple[str, str, str]) -> None:
    """Remove every staged row of a source record, with keys and participants."""
    for kind in STAGED_KINDS:
        name = f"staged_{kind.kind_name}"
        rows = connection.query(
            f"SELECT record FROM {name} WHERE source = ? AND stream = ? AND source_id = ?", key
        )
        records = [(row[0],) for row in rows]
        contents = contents_of(connection, records) if kind.kind_name == "document" else []
        for table in (name, "key", "participant"):
            bulk.delete(connection, table, ("record",), records)
        blank_contents(connection, contents)
        if kind.kind_name not in NOT_PUBLISHED:
            mark(connection, kind.kind_name, (row[0] for row in rows))


def contents_of(connection: Connection, documents: Sequence[tuple[str]]) -> list[str]:
    """The contents (sha256) that these staged documents name."""
    bulk.load_keys(connection, "redacted_document", ("record",), documents)
    rows = connection.query(
        "SELECT DISTINCT d.sha256 FROM redacted_document w JOIN staged_document d ON d.record = w.record"
        " WHERE d.sha256 IS NOT NULL"
    )
    return [row[0] for row in rows]


def blank_contents(connection: Connection, contents: Sequence[str]) -> None:
    """Blank bytes that no staged document names any more."""
    connection.execute_many(
        "UPDATE raw_blob SET content = NULL WHERE sha256 = ?"
        " AND NOT EXISTS (SELECT 1 FROM staged_document d WHERE d.sha256 = raw_blob.sha256)",
        [(each,) for each in contents],
    )

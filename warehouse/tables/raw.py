"""The raw layer: everything that arrived, as it arrived, and how far each stream has been read."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer

WAITING = text("staged_raw_id <> raw_id")
"""Rows whose current version was not staged yet: a partial index makes finding them cost what changed."""

SET_ASIDE = text("quarantine IS NOT NULL")
"""Rows whose current version cannot be read or staged."""

LIVE_OPS: Final = ("upsert", "restore")
"""Ops of a version whose record the source still holds."""
LIVE: Final = "('" + "', '".join(LIVE_OPS) + "')"
"""The same for `op IN`."""


@in_layer("raw")
class Source(SQLModel, table=True):
    """One configured source system."""

    __tablename__ = "source"
    source: str = Field(primary_key=True, description="stable key; the name in partnerhub.yaml")
    connector: str
    title: str
    account: str | None = Field(default=None, description="account identity pinned at the first sync")
    pinned_at: str | None = None


@in_layer("raw")
class RawRecord(SQLModel, table=True):
    """One version of one source record. Append-only; `redact` may blank the payload."""

    __tablename__ = "raw_record"
    __table_args__ = (Index("raw_record_key", "source", "stream", "source_id"),)
    raw_id: int = Field(primary_key=True, description="arrival number; not stable across rebuilds")
    source: str
    stream: str
    source_id: str
    op: str = Field(description="upsert, delete, merge, restore or not_visible")
    content_hash: bytes = Field(description="16-byte blake2b of the payload without volatile paths")
    version: str | None = Field(default=None, description="the source's own modification time, UTC text")
    winner_id: str | None = Field(default=None, description="with op merge: the record it was merged into")
    quarantine: str | None = Field(default=None, description="stable reason code; null when readable")
    payload: bytes | None = Field(
        default=None, description="the vendor's JSON object; null when redacted or absent"
    )
    run_id: str
    landed_at: str
    redacted_at: str | None = None
    redaction: str | None = Field(default=None, description="reason of the redaction")


@in_layer("raw")
class RawBlob(SQLModel, table=True):
    """Bytes of an attachment or file, stored once per content."""

    __tablename__ = "raw_blob"
    sha256: str = Field(primary_key=True)
    media_type: str
    size_bytes: int
    content: bytes | None = None
    run_id: str


@in_layer("raw")
class RawCurrent(SQLModel, table=True):
    """The current version of one source record, and the version that was staged from it.

    Pending for staging: `staged_raw_id <> raw_id`, or `staged_rules` differs from the stream's rules.
    """

    __tablename__ = "raw_current"
    __table_args__ = (
        Index("raw_current_pending", "source", "stream", sqlite_where=WAITING, postgresql_where=WAITING),
        Index(
            "raw_current_set_aside", "source", "stream", sqlite_where=SET_ASIDE, postgresql_where=SET_ASIDE
        ),
        {"sqlite_with_rowid": False},
    )
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    raw_id: int
    op: str
    content_hash: bytes
    version: str | None = None
    quarantine: str | None = Field(
        default=None, description="reason code of the current version, at landing or staging"
    )
    staged_raw_id: int = Field(default=0)
    staged_rules: str = Field(default="")


@in_layer("raw")
class StreamField(SQLModel, table=True):
    """One field that a source said the records of one stream have, as long as it said so and since when no more."""

    __tablename__ = "stream_field"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    field: str = Field(primary_key=True, description="its name in a record")
    label: str = Field(description="what people call it at the source now")
    former_label: str | None = Field(default=None, description="what it was called when it was first seen")
    first_seen_at: str
    gone_since_at: str | None = Field(
        default=None, description="start of the first reading without it; null while it is there"
    )
    let_go_at: str | None = Field(
        default=None, description="when a person said that its last values no longer count"
    )
    let_go_by: str | None = None


@in_layer("raw")
class FieldShape(SQLModel, table=True):
    """One kind of value that a field of one stream was seen to hold. One that came later than the field is strange."""

    __tablename__ = "field_shape"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    field: str = Field(primary_key=True, description="its name in a record")
    shape: str = Field(primary_key=True, description="text, number, yes or no, list or object")
    standing: str = Field(description="usual, strange or accepted")
    first_seen_at: str
    accepted_at: str | None = Field(
        default=None, description="when a person said that values of this kind count"
    )
    accepted_by: str | None = None


@in_layer("raw")
class Redaction(SQLModel, table=True):
    """A content that must stay blank: keyed hash of a redacted payload, checked at landing."""

    __tablename__ = "redaction"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    keyed_hash: str
    reason: str
    redacted_at: str


@in_layer("raw")
class Cursor(SQLModel, table=True):
    """How far one stream has been read; stored with the page it describes."""

    __tablename__ = "cursor"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    state_json: str
    checksum: str = Field(description="guards against a corrupted or foreign cursor")
    run_id: str
    updated_at: str

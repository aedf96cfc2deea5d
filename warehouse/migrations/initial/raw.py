"""Tables of the raw layer as migration 0001 creates them. Frozen: later changes are migrations."""

from __future__ import annotations

from warehouse.migrations.tables import Field, Index, Table

TABLES = (
    Table(
        "cursor",
        "How far one stream has been read; stored with the page it describes.",
        (
            Field("source", "text key"),
            Field("stream", "text key"),
            Field("state_json", "json"),
            Field("checksum", "text", "guards against a corrupted or foreign cursor"),
            Field("run_id", "text"),
            Field("updated_at", "time"),
        ),
    ),
    Table(
        "raw_blob",
        "Bytes of an attachment or file, stored once per content.",
        (
            Field("sha256", "text key"),
            Field("media_type", "text"),
            Field("size_bytes", "int"),
            Field("content", "bytes null"),
            Field("run_id", "text"),
        ),
    ),
    Table(
        "raw_current",
        "The current version of one source record, and the version that was staged from it.\n\n    Pending for staging: `staged_raw_id <> raw_id`, or `staged_rules` differs from the stream's rules.",
        (
            Field("source", "text key"),
            Field("stream", "text key"),
            Field("source_id", "text key"),
            Field("raw_id", "int"),
            Field("op", "text"),
            Field("content_hash", "bytes"),
            Field("version", "text null"),
            Field("quarantine", "text null", "reason code of the current version, at landing or staging"),
            Field("staged_raw_id", "int", default="0"),
            Field("staged_rules", "text", default="''"),
        ),
        (Index("raw_current_pending", ("source", "stream"), where="staged_raw_id <> raw_id"),),
        by_key=True,
    ),
    Table(
        "raw_record",
        "One version of one source record. Append-only; `redact` may blank the payload.",
        (
            Field("raw_id", "int key", "arrival number; not stable across rebuilds"),
            Field("source", "text"),
            Field("stream", "text"),
            Field("source_id", "text"),
            Field("op", "text", "upsert, delete, merge, restore or not_visible"),
            Field("content_hash", "bytes", "16-byte blake2b of the payload without volatile paths"),
            Field("version", "text null", "the source's own modification time, UTC text"),
            Field("winner_id", "text null", "with op merge: the record it was merged into"),
            Field("quarantine", "text null", "stable reason code; null when readable"),
            Field("payload", "bytes null", "the vendor's JSON object; null when redacted or absent"),
            Field("run_id", "text"),
            Field("landed_at", "time"),
            Field("redacted_at", "time null"),
            Field("redaction", "text null", "reason of the redaction"),
        ),
        (Index("raw_record_key", ("source", "stream", "source_id")),),
    ),
    Table(
        "redaction",
        "A content that must stay blank: keyed hash of a redacted payload, checked at landing.",
        (
            Field("source", "text key"),
            Field("stream", "text key"),
            Field("source_id", "text key"),
            Field("keyed_hash", "text"),
            Field("reason", "text"),
            Field("redacted_at", "time"),
        ),
    ),
    Table(
        "source",
        "One configured source system.",
        (
            Field("source", "text key", "stable key; the name in partnerhub.yaml"),
            Field("connector", "text"),
            Field("title", "text"),
            Field("account", "text null", "account identity pinned at the first sync"),
            Field("pinned_at", "time null"),
        ),
    ),
)

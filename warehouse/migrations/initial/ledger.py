"""Tables of the ledger layer as migration 0001 creates them. Frozen: later changes are migrations."""

from __future__ import annotations

from warehouse.migrations.tables import Field, Index, Table

TABLES = (
    Table(
        "attachment_decision",
        "A person's word that a fact belongs (or does not belong) to an organization's record.",
        (
            Field("fact_id", "text key"),
            Field("anchor", "text key"),
            Field("decided_at", "time key"),
            Field("verdict", "text"),
            Field("actor", "text"),
        ),
    ),
    Table(
        "decision",
        "A person's verdict on a pair of records: same, different or unsure. Outranks every score, for ever.",
        (
            Field("left_record", "text key"),
            Field("right_record", "text key"),
            Field("decided_at", "time key"),
            Field("entity", "text"),
            Field("verdict", "text"),
            Field("actor", "text"),
            Field("reason", "text null"),
        ),
    ),
    Table(
        "identity_event",
        "One thing that happened to an id: minted, merged, split, revived, moved or retired.\n\n    merged: `entity_id` answers by `other_id` from then on. moved: `record` went from `other_id` to `entity_id`.",
        (
            Field("event_id", "int key"),
            Field("entity", "text", "organization or person"),
            Field("kind", "text"),
            Field("entity_id", "text"),
            Field("other_id", "text null"),
            Field("record", "text null"),
            Field("cause", "text", "what led to it: rule, score or a person's decision"),
            Field("run_id", "text"),
            Field("recorded_at", "time"),
        ),
        (
            Index("identity_event_entity", ("entity_id",)),
            Index("identity_event_other", ("other_id",)),
        ),
    ),
    Table(
        "match_edge",
        "One scored pair of staged records, left < right. The latest score replaces the former one.",
        (
            Field("left_record", "text key"),
            Field("right_record", "text key"),
            Field("entity", "text"),
            Field("score", "float", "match weight in bits"),
            Field("band", "text", "auto, review or no"),
            Field("why_json", "json"),
            Field("rules", "text"),
            Field("run_id", "text"),
            Field("recorded_at", "time"),
        ),
        (Index("match_edge_right", ("right_record",)),),
    ),
    Table(
        "organization_link",
        "A source organization belongs to an organization id during an interval; open while `ended_at` is null.",
        (
            Field("record", "text key"),
            Field("started_at", "time key"),
            Field("organization_id", "text"),
            Field("ended_at", "time null"),
            Field("method", "text", "founding, key:<kind>, score, decision, revived"),
            Field("score", "float null"),
            Field("run_id", "text"),
        ),
        (Index("organization_link_id", ("organization_id",)),),
    ),
    Table(
        "person_link",
        "A source person belongs to a person id during an interval; open while `ended_at` is null.",
        (
            Field("record", "text key"),
            Field("started_at", "time key"),
            Field("person_id", "text"),
            Field("ended_at", "time null"),
            Field("method", "text"),
            Field("score", "float null"),
            Field("run_id", "text"),
        ),
        (Index("person_link_id", ("person_id",)),),
    ),
    Table(
        "pin",
        "A person's value for one field of one organization; outranks every source until it is lifted.",
        (
            Field("organization_id", "text key"),
            Field("field", "text key"),
            Field("pinned_at", "time key"),
            Field("value", "text null"),
            Field("actor", "text"),
            Field("lifted_at", "time null"),
        ),
    ),
    Table(
        "redirect",
        "An id that answers by another one since a merge; `ended_at` is set when a split revives it.",
        (
            Field("from_id", "text key"),
            Field("started_at", "time key"),
            Field("entity", "text"),
            Field("to_id", "text"),
            Field("ended_at", "time null"),
        ),
        (Index("redirect_target", ("to_id",)),),
    ),
)

"""Tables of the ops layer as migration 0001 creates them. Frozen: later changes are migrations."""

from __future__ import annotations

from warehouse.migrations.tables import Field, Index, Table

TABLES = (
    Table(
        "hub_state",
        "Facts about this hub by name: the publication rules last applied, the schema's age.",
        (
            Field("name", "text key"),
            Field("value", "text"),
        ),
    ),
    Table(
        "job",
        "A long task a person asked for, drained by a worker. State: waiting, running, done, failed.",
        (
            Field("job_id", "text key"),
            Field("kind", "text"),
            Field("arguments_json", "json"),
            Field("state", "text"),
            Field("actor", "text"),
            Field("created_at", "time"),
            Field("finished_at", "time null"),
            Field("outcome", "text null"),
        ),
    ),
    Table(
        "lease",
        "Who works on what right now: `sync:<source>` or `publish`. `token` fences late writers.",
        (
            Field("name", "text key"),
            Field("holder", "text"),
            Field("token", "int"),
            Field("acquired_at", "time"),
            Field("renewed_at", "time"),
        ),
    ),
    Table(
        "pending",
        "Work that waits: one staged record whose change has not been published yet. Committed with its cause.",
        (
            Field("record", "text key"),
            Field("kind", "text key"),
        ),
        by_key=True,
    ),
    Table(
        "stage_rules",
        "The rules fingerprint under which a whole stream was last staged; differs after a mapping edit.",
        (
            Field("source", "text key"),
            Field("stream", "text key"),
            Field("rules", "text"),
        ),
    ),
    Table(
        "stream_run",
        "What one run did to one stream.\n\n    read = landed + unchanged + superseded; quarantined counts what was set aside, at landing or at staging.\n    State: running, complete, incomplete (resumes by itself), failed, skipped, needs_person or abandoned (killed).",
        (
            Field("run_id", "text key"),
            Field("source", "text key"),
            Field("stream", "text key"),
            Field("state", "text"),
            Field("started_at", "time"),
            Field("finished_at", "time null"),
            Field("pages", "int", default="0"),
            Field("read", "int", default="0"),
            Field("landed", "int", default="0"),
            Field("unchanged", "int", default="0"),
            Field("superseded", "int", default="0"),
            Field("quarantined", "int", default="0"),
            Field("removed", "int", "found gone by a completed full read", default="0"),
            Field("in_source", "int null", "how many the source says it holds"),
            Field("error_code", "text null"),
            Field("error_do", "text null"),
            Field("error_happened", "text null"),
            Field("resumes_at", "time null"),
        ),
    ),
    Table(
        "sync_error",
        "One problem, by fingerprint, however often it is seen. Severity: error, warning or finding.\n\n    State: open, resolved (seen to pass again) or discarded (by a person).",
        (
            Field("fingerprint", "text key"),
            Field("severity", "text"),
            Field("stage", "text", "land, stage, resolve, publish or validate"),
            Field("source", "text"),
            Field("stream", "text"),
            Field("source_id", "text", default="''"),
            Field("code", "text"),
            Field("field", "text", default="''"),
            Field("to_do", "text", "what a person can do about it"),
            Field("happened", "text"),
            Field("sample", "text null"),
            Field("first_seen_at", "time"),
            Field("last_seen_at", "time"),
            Field("first_run_id", "text"),
            Field("last_run_id", "text"),
            Field("count", "int", default="1"),
            Field("state", "text", default="'open'"),
        ),
        (Index("sync_error_record", ("source", "stream", "source_id")),),
    ),
    Table(
        "sync_run",
        "One run of the hub. State: running, complete, incomplete, failed, needs_person, abandoned.",
        (
            Field("run_id", "text key"),
            Field("started_at", "time"),
            Field("finished_at", "time null"),
            Field("trigger", "text"),
            Field("state", "text"),
            Field(
                "holder",
                "text",
                "the process that runs it, to tell a run from one that was killed",
                default="''",
            ),
        ),
    ),
)

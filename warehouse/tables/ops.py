"""The ops layer: runs, errors, leases, jobs, work that waits."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer

COMPLETE = text("state = 'complete'")
"""Readings that came through: a partial index ends with the last one of each stream."""
OPEN_JOBS = text("state IN ('waiting', 'running')")
"""What is asked for and not over: looked for every second."""


@in_layer("ops")
class SyncRun(SQLModel, table=True):
    """One run of the hub. State: running, complete, incomplete, failed, needs_person, abandoned."""

    __tablename__ = "sync_run"
    run_id: str = Field(primary_key=True)
    started_at: str
    finished_at: str | None = None
    trigger: str
    state: str
    holder: str = Field(
        default="", description="the process that runs it, to tell a run from one that was killed"
    )


@in_layer("ops")
class StreamRun(SQLModel, table=True):
    """What one run did to one stream.

    read = landed + unchanged + superseded; quarantined counts what was set aside, at landing or at staging.
    State: running, complete, incomplete (resumes by itself), failed, skipped, needs_person or abandoned (killed).
    """

    __tablename__ = "stream_run"
    __table_args__ = (
        Index("stream_run_stream", "source", "stream", "started_at"),
        Index(
            "stream_run_complete",
            "source",
            "stream",
            "finished_at",
            sqlite_where=COMPLETE,
            postgresql_where=COMPLETE,
        ),
        Index("stream_run_started", "started_at"),
    )
    run_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    state: str
    started_at: str
    finished_at: str | None = None
    pages: int = 0
    read: int = 0
    landed: int = 0
    unchanged: int = 0
    superseded: int = 0
    quarantined: int = 0
    removed: int = Field(default=0, description="found gone by a completed full read")
    in_source: int | None = Field(default=None, description="how many the source says it holds")
    error_code: str | None = None
    error_do: str | None = None
    error_happened: str | None = None
    resumes_at: str | None = None
    cursor_json: str | None = Field(
        default=None, description="the cursor this reading began from; null: from the beginning"
    )
    requests: int = Field(default=0, description="sent to the source, repeats included")
    requests_json: str | None = Field(
        default=None,
        description="JSON list of [UTC time, HTTP status or what kept it away, milliseconds, bytes] of some of them",
    )


@in_layer("ops")
class RunPhase(SQLModel, table=True):
    """What one phase of one run did: land, stage, resolve, publish, fetch, signals or validate.

    entered = changed + unchanged + rejected, in the phase's own unit. State: running, complete or failed.
    """

    __tablename__ = "run_phase"
    __table_args__ = ({"sqlite_with_rowid": False},)
    run_id: str = Field(primary_key=True)
    phase: str = Field(primary_key=True)
    state: str
    started_at: str
    finished_at: str | None = None
    unit: str = Field(description="what is counted: records, pairs, texts, signals or rules")
    entered: int = Field(default=0, description="came in, or was looked at")
    changed: int = Field(default=0, description="of these: new, or another one since")
    unchanged: int = Field(default=0, description="of these: as it was")
    rejected: int = Field(default=0, description="of these: set aside, not found or broken")
    counts_json: str | None = Field(default=None, description="JSON object: further counts by name")


@in_layer("ops")
class SyncError(SQLModel, table=True):
    """One problem, by fingerprint, however often it is seen. Severity: error, warning or finding.

    State: open, acknowledged (a person knows and it is being mended), resolved (seen to pass again) or discarded (a
    person said that it may stay as it is).
    """

    __tablename__ = "sync_error"
    __table_args__ = (Index("sync_error_record", "source", "stream", "source_id"),)
    fingerprint: str = Field(primary_key=True)
    severity: str
    stage: str = Field(description="land, stage, resolve, publish or validate")
    source: str
    stream: str
    source_id: str = Field(default="")
    code: str
    field: str = Field(default="")
    to_do: str = Field(description="what a person can do about it")
    happened: str
    sample: str | None = None
    first_seen_at: str
    last_seen_at: str
    first_run_id: str
    last_run_id: str
    count: int = 1
    state: str = "open"
    decided_at: str | None = Field(default=None, description="when a person acknowledged or discarded it")
    decided_by: str | None = None
    reason: str | None = Field(default=None, description="why, in the person's words")


@in_layer("ops")
class MassChange(SQLModel, table=True):
    """One stream of which too much changed or went at once: landed, and not staged until a person approves it."""

    __tablename__ = "mass_change"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    opened_at: str = Field(primary_key=True)
    run_id: str = Field(description="the run that noticed it")
    up_to_raw_id: int = Field(description="the newest version it speaks of")
    gone: int = Field(description="records that are not at the source any more")
    changed: int = Field(description="records whose content is another one")
    stood: int = Field(description="live records the hub had staged before")
    approved_at: str | None = None
    approved_by: str | None = None
    reason: str | None = Field(default=None, description="why it was approved")
    closed_at: str | None = Field(
        default=None, description="when nothing of it waited any more; null while it does"
    )


@in_layer("ops")
class Reconciliation(SQLModel, table=True):
    """One comparison of one stream: what its source holds against what the hub holds."""

    __tablename__ = "reconciliation"
    __table_args__ = (Index("reconciliation_stream", "source", "stream", "checked_at"),)
    run_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    checked_at: str
    method: str = Field(description="count, or ids: every record was listed")
    in_source: int = Field(description="live records at the source")
    in_hub: int = Field(description="live records the hub holds")
    quarantined: int = Field(description="of these, records that cannot be read or staged")
    missed: int = Field(
        description="records no sync had brought, or not in their last state; they are here now"
    )
    gone: int = Field(description="records the source does not hold any more, and never said so")
    days_json: str = Field(description="missed and gone by the day of the record's last change")
    sample_json: str = Field(description="ids of some of them")


@in_layer("ops")
class OperatorAct(SQLModel, table=True):
    """One thing an operator did to how the hub runs: a cursor set, a source paused, a run canceled."""

    __tablename__ = "operator_act"
    act_id: str = Field(primary_key=True)
    acted_at: str
    actor: str
    act: str = Field(description="cursor, pause, unpause or cancel")
    target: str = Field(description="source, source/stream or run")
    before_json: str | None = Field(default=None, description="how it was")
    after_json: str | None = Field(default=None, description="how it is since")
    reason: str | None = None


@in_layer("ops")
class Pause(SQLModel, table=True):
    """One source that no sync reads for now."""

    __tablename__ = "pause"
    source: str = Field(primary_key=True)
    since_at: str
    until_at: str | None = Field(default=None, description="null: until somebody ends it")
    actor: str
    reason: str | None = None


@in_layer("ops")
class Incident(SQLModel, table=True):
    """One thing that went wrong and that a person must mend, from when it was noticed until nothing of it is left."""

    __tablename__ = "incident"
    __table_args__ = (Index("incident_open", "closed_at", "source"),)
    incident_id: str = Field(primary_key=True)
    source: str = Field(description="the source; `hub` for the hub itself, `alerts` for a channel that fails")
    code: str = Field(description="what is wrong, for programs")
    streams_json: str = Field(description="streams or channels that still suffer from it")
    happened: str = Field(description="the first error, as it was")
    to_do: str = Field(description="what a person can do about it")
    opened_at: str
    closed_at: str | None = Field(default=None, description="when nothing suffered from it any more")


@in_layer("ops")
class IncidentAlert(SQLModel, table=True):
    """One message about one incident to one channel. About: opened or closed."""

    __tablename__ = "incident_alert"
    incident_id: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    about: str = Field(primary_key=True)
    tries: int
    tried_at: str
    delivered_at: str | None = Field(default=None, description="null: it is tried again")
    failure: str | None = Field(default=None, description="why the last try failed; never an address")


@in_layer("ops")
class Heartbeat(SQLModel, table=True):
    """One sign of life: of the pass that watches, of each `schedule:<source>`, of each `credential:<source>`."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    since_at: str = Field(description="when it was first seen, or the schedule became what it is")
    beat_at: str = Field(description="the last sign")
    said: str = Field(
        description="the schedule as it is written; where a credential stands, its end, whether it lasts; else empty"
    )


@in_layer("ops")
class Lease(SQLModel, table=True):
    """Who works on what right now: `sync:<source>` or `publish`. `token` fences late writers."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    token: int
    acquired_at: str
    renewed_at: str


@in_layer("ops")
class Pending(SQLModel, table=True):
    """Work that waits: one staged record whose change has not been published yet. Committed with its cause."""

    __tablename__ = "pending"
    __table_args__ = {"sqlite_with_rowid": False}
    record: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)


@in_layer("ops")
class StageRules(SQLModel, table=True):
    """The rules fingerprint under which a whole stream was last staged; differs after a mapping edit."""

    __tablename__ = "stage_rules"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    rules: str


@in_layer("ops")
class HubState(SQLModel, table=True):
    """Facts about this hub by name: the publication rules last applied, the schema's age."""

    __tablename__ = "hub_state"
    name: str = Field(primary_key=True)
    value: str


@in_layer("ops")
class Job(SQLModel, table=True):
    """One run, or the end of one, that a person asked for on a page; whoever takes asked runs takes one at a time.

    State: waiting, running, done, refused (never begun, for a reason), failed (could not begin) or lost (its taker was
    killed, or nobody took it in time).
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("job_open", "created_at", sqlite_where=OPEN_JOBS, postgresql_where=OPEN_JOBS),
        Index("job_target", "target", "created_at"),
        Index("job_run", "run_id"),
    )
    job_id: str = Field(primary_key=True)
    kind: str = Field(description="sync, resume or cancel")
    arguments_json: str
    state: str
    actor: str
    created_at: str
    finished_at: str | None = None
    outcome: str | None = Field(default=None, description="how it ended, in words")
    target: str = Field(default="", description="the source to sync; the run to resume or to end")
    tries: int = Field(default=0, description="how often it was taken")
    taken_at: str | None = Field(default=None, description="when it was taken last")
    taken_by: str | None = Field(default=None, description="the process that took it")
    run_id: str | None = Field(default=None, description="the id its run gets, chosen when it is taken")


@in_layer("ops")
class StreamColumn(SQLModel, table=True):
    """One column of the view of one stream. Columns are only ever added: what a source has no more stays, empty.

    One staged kind of one stream has one view: the first kind of a stream is called `stg_<source>__<stream>`, a further
    one has its kind behind it.
    """

    __tablename__ = "stream_column"
    __table_args__ = ({"sqlite_with_rowid": False},)
    view_name: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int
    source: str
    stream: str
    kind: str = Field(description="the staged kind")
    type: str = Field(description="text, integer, decimal, float, boolean, time, date or json")
    custom: str | None = Field(
        default=None, description="its name in custom_json; null for a canonical field"
    )
    path: str | None = Field(
        default=None, description="the source field it is read from; null where only Python knows"
    )
    cleaner: str | None = Field(default=None, description="what cleans it")
    label: str | None = Field(
        default=None, description="what people called it at the source when it was first seen"
    )
    since_at: str = Field(description="since when the view has it")

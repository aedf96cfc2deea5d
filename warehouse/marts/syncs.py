"""The mart of syncs: whether what others build on is complete."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage_of_hub, text


def of(column: str) -> str:
    """A column of the readings, as lineage."""
    return f"stream_run.{column}"


FCT_SYNC_RUN: Final = Mart(
    "fct_sync_run",
    "What one run did to one stream of one source.",
    "Rows are added by every run; `partnerhub prune` takes the oldest away.",
    ("run_id", "source", "stream"),
    (
        text("run_id", "the run", of("run_id"), required=True),
        text("source", "the source", of("source"), required=True),
        text("stream", "the stream", of("stream"), required=True),
        text(
            "state",
            "running, complete, incomplete, failed, skipped, needs_person or abandoned",
            of("state"),
            required=True,
        ),
        Column("is_complete", "boolean", "whether it was read to its end", of("state"), required=True),
        Column("started_at", "time", "when it began", of("started_at"), required=True),
        Column("finished_at", "time", "when it ended; null while it runs", of("finished_at")),
        Column("count_read", "integer", "records that arrived", of("read"), required=True),
        Column("count_landed", "integer", "new versions among them", of("landed"), required=True),
        Column("count_unchanged", "integer", "known ones", of("unchanged"), required=True),
        Column("count_superseded", "integer", "older than what is known", of("superseded"), required=True),
        Column(
            "count_quarantined",
            "integer",
            "set aside, at landing or at staging",
            of("quarantined"),
            required=True,
        ),
        Column("count_removed", "integer", "found gone", of("removed"), required=True),
        Column("count_in_source", "integer", "how many the source says it holds", of("in_source")),
        Column(
            "count_requests", "integer", "sent to the source, repeats included", of("requests"), required=True
        ),
        text("error_code", "why it did not come through", of("error_code")),
        *lineage_of_hub(of("run_id"), of("started_at"), of("source")),
    ),
    """
SELECT r.run_id, r.source, r.stream, r.state, r.state = 'complete' AS is_complete, r.started_at, r.finished_at,
r.read AS count_read, r.landed AS count_landed, r.unchanged AS count_unchanged, r.superseded AS count_superseded,
r.quarantined AS count_quarantined, r.removed AS count_removed, r.in_source AS count_in_source,
r.requests AS count_requests, r.error_code, r.run_id AS _hub_run_id, r.started_at AS _hub_loaded_at,
{no_time()} AS _hub_deleted_at, r.source AS _hub_source FROM stream_run r
""",
    (
        Question(
            "Since when is each stream complete?",
            "SELECT source, stream, max(finished_at) AS complete_at FROM fct_sync_run WHERE is_complete"
            " GROUP BY source, stream ORDER BY complete_at",
        ),
    ),
    by_month="started_at",
)

MARTS: Final = (FCT_SYNC_RUN,)

"""The stages that records of deals were said to have gone through, and since when: versions, written at publication.

What a record tells of stages is replaced when it is staged anew; the version that stands says what it told before. A
rebuild adds nothing: what is staged again is what stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.golden.work import KIND_OF_STAGES

if TYPE_CHECKING:
    from warehouse.database import Connection

SAME: Final = (
    "s.record = v.record AND s.deal_record = v.deal_record AND s.stage = v.stage AND s.changed_at = v.changed_at"
    " AND s.deleted_at IS NOT DISTINCT FROM v.deleted_at"
)
END: Final = (
    "UPDATE deal_stage_version AS v SET recorded_to_at = ? WHERE v.recorded_to_at IS NULL"
    f" AND v.record IN (SELECT w.record FROM work_record w WHERE w.kind = '{KIND_OF_STAGES}')"
    f" AND NOT EXISTS (SELECT 1 FROM staged_deal_stage_change s WHERE {SAME})"
)
BEGIN: Final = (
    "INSERT INTO deal_stage_version (record, recorded_from_at, deal_record, stage, changed_at, deleted_at)"
    " SELECT s.record, CAST(? AS {time}), s.deal_record, s.stage, s.changed_at, s.deleted_at"
    " FROM work_record w CROSS JOIN staged_deal_stage_change s"
    f" WHERE w.kind = '{KIND_OF_STAGES}' AND s.record = w.record AND NOT EXISTS"
    " (SELECT 1 FROM deal_stage_version v WHERE v.record = s.record AND v.recorded_to_at IS NULL)"
    " ON CONFLICT (record, recorded_from_at) DO UPDATE SET recorded_to_at = NULL, deal_record = excluded.deal_record,"
    " stage = excluded.stage, changed_at = excluded.changed_at, deleted_at = excluded.deleted_at"
)
TIME: Final = {"sqlite": "TEXT", "postgresql": "TIMESTAMPTZ"}


def publish_stages(connection: Connection, now: str) -> None:
    """End the versions of waiting stages that are not told any more, and begin those that are. Twice writes nothing.

    now: UTC text, when this publication counts as published.
    """
    connection.execute(END, (now,))
    connection.execute(BEGIN.format(time=TIME[connection.dialect]), (now,))

"""What scoring and guards leave behind for a person, written by hand."""

from __future__ import annotations

import json

from pipelines.golden.questions import publish_questions

NOW = "2026-10-01T00:00:00.000000Z"


def alike(database, left, right, bits):
    """As scoring leaves a doubtful pair behind."""
    with database.session() as connection, connection.transaction():
        why = json.dumps(
            [{"what": "name", "left": "A", "right": "B", "weight": bits, "words": "nearly the same"}]
        )
        connection.execute(
            "INSERT INTO match_edge (left_record, right_record, entity, score, band, why_json, rules, run_id,"
            " recorded_at) VALUES (?, ?, 'organization', ?, 'review', ?, 'r', 'r', '2026-10-01T00:00:00.000000Z')",
            (min(left, right), max(left, right), bits, why),
        )
        publish_questions(connection, NOW, everything=True)


def suggested(database, left, right, proposal, reason):
    """As identity leaves behind what it does not do by itself."""
    with database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO identity_review (left_record, right_record, reason, entity, proposal, run_id, opened_at)"
            " VALUES (?, ?, ?, 'organization', ?, 'r', '2026-10-01T00:00:00.000000Z')",
            (min(left, right), max(left, right), reason, proposal),
        )
        publish_questions(connection, NOW, everything=True)

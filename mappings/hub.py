"""The hub's own source → staged records: what people entered by hand (calls, meetings, notes)."""

from __future__ import annotations

from typing import Any

from mappings.compile import staged_row
from mappings.rows import Context, Mapping, Row, StagedOutput, StreamMapping

ROLE_OF_OTHERS = "attendee"


def entry(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """What an entry is about, as relations, and who took part."""
    touchpoint = output.rows["touchpoint"][0]
    about = [str(target) for target in payload.get("about") or []]
    output.rows["relation"] = [
        staged_row(
            "relation", context, target, kind="about", from_record=touchpoint["record"], to_record=target
        )
        for target in sorted(set(about))
    ]
    for position, address in enumerate(payload.get("participants") or []):
        output.participants.append(
            (touchpoint["record"], position, ROLE_OF_OTHERS, str(address).strip().lower(), None, None)
        )


MAPPING = Mapping(
    connector="hub",
    streams={
        "touchpoints": StreamMapping(
            "touchpoint",
            (
                Row("kind", "kind", "lower", required=True),
                Row("happened_at", "happened_at", "time", required=True),
                Row("subject", "subject", "line"),
                Row("text", "text"),
                Row("direction", "direction", "lower"),
                Row("mailbox", "actor"),
                Row("created_at", "entered_at", "time"),
                Row("modified_at", "entered_at", "time"),
            ),
            ignored=frozenset({"about", "participants"}),
            extra=entry,
        ),
    },
)

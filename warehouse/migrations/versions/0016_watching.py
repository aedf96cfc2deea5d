"""Incidents, to whom they were told, and the signs of life of whoever watches.

Revision ID: 0016
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0016"
down_revision = "0015"

LAYER: Final = "ops"
INCIDENT: Final = Table(
    "incident",
    "One thing that went wrong and that a person must mend, from when it was noticed until nothing of it is left.",
    (
        Field("incident_id", "text key"),
        Field("source", "text", "the source; `hub` for the hub itself, `alerts` for a channel that fails"),
        Field("code", "text", "what is wrong, for programs"),
        Field("streams_json", "json", "streams or channels that still suffer from it"),
        Field("happened", "text", "the first error, as it was"),
        Field("to_do", "text", "what a person can do about it"),
        Field("opened_at", "time"),
        Field("closed_at", "time null", "when nothing suffered from it any more"),
    ),
    (Index("incident_open", ("closed_at", "source")),),
)
ALERT: Final = Table(
    "incident_alert",
    "One message about one incident to one channel. About: opened or closed.",
    (
        Field("incident_id", "text key"),
        Field("channel", "text key"),
        Field("about", "text key"),
        Field("tries", "int"),
        Field("tried_at", "time"),
        Field("delivered_at", "time null", "null: it is tried again"),
        Field("failure", "text null", "why the last try failed; never an address"),
    ),
)
HEARTBEAT: Final = Table(
    "heartbeat",
    "One sign of life: of the pass that watches over health, and of each schedule it knows (`schedule:<source>`).",
    (
        Field("name", "text key"),
        Field("since_at", "time", "when it was first seen, or the schedule became what it is"),
        Field("beat_at", "time", "the last sign"),
        Field("said", "text", "the schedule as it is written; empty for the pass"),
    ),
)


def upgrade() -> None:
    """Nothing was watched yet."""
    for table in (INCIDENT, ALERT, HEARTBEAT):
        create(LAYER, table)


def downgrade() -> None:
    """What is wrong is found again by the next pass."""
    for table in (HEARTBEAT, ALERT, INCIDENT):
        drop(LAYER, table)

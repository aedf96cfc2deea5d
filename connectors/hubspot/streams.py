"""The facts about HubSpot's streams: names, cursor fields, associations, limits. Behavior lives next door."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connectors.record import Stream

OVERLAP: Final = timedelta(minutes=10)
"""How far an incremental read looks back: the search index lags up to a minute, longer under load."""

MODIFIED: Final = {"contacts": "lastmodifieddate"}
"""Object → property with its modification time, where it is not the usual one; the wrong one silently finds nothing."""

USUAL_MODIFIED: Final = "hs_lastmodifieddate"

OBJECTS: Final = (
    "companies",
    "contacts",
    "deals",
    "tickets",
    "notes",
    "emails",
    "meetings",
    "calls",
    "tasks",
)
"""CRM objects, referenced ones first."""

TYPE_IDS: Final = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    "tasks": "0-27",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
}
"""Object → HubSpot's object type id, as it stands in addresses of record pages."""

ASSOCIATIONS: Final = (
    ("companies", "companies"),
    ("contacts", "companies"),
    *((one, other) for one in OBJECTS[2:] for other in ("companies", "contacts")),
    *((one, "deals") for one in OBJECTS[3:]),
)
"""(from, to) pairs read as streams; each relation once, from the side that has fewer ends."""

ALWAYS: Final = ("hs_object_id", "hs_merged_object_ids")
"""Properties asked for even when settings name only some."""

MERGED: Final = ("hs_merged_object_ids", "hs_calculated_merged_vids")
"""Properties of a merge's winner that list the losers: `12;34`, and `12:1700000000000;34:…` on contacts."""

VOLATILE: Final = (
    "properties.hs_analytics_num_page_views",
    "properties.hs_analytics_num_visits",
    "properties.hs_analytics_last_timestamp",
    "properties.hs_predictivecontactscore_v2",
    "properties.hs_call_recording_url",
    "properties.hs_avatar_filemanager_key",
)
"""Counters and signed addresses: a change in these alone is no new version."""

LONGEST_PROPERTY_LIST: Final = 2000
"""Characters of property names beyond which ids are read and the records fetched by batch read.

HubSpot refuses addresses much longer than this, and bodies of a search beyond 3,000 characters.
"""

LARGEST_BATCH: Final = 100
"""Records per batch read (HubSpot's limit)."""


def modified_property(kind: str) -> str:
    """The property that says when a record of this kind was last changed."""
    return MODIFIED.get(kind, USUAL_MODIFIED)


def object_stream(kind: str) -> Stream:
    """How one CRM object declares itself. Archiving does not change the modification time; it is read apart."""
    return Stream(
        kind,
        mode="incremental",
        cursor_field=f"properties.{modified_property(kind)}",
        overlap=OVERLAP,
        volatile=VOLATILE,
        deletes="event",
        merges=True,
    )


def association_stream(pair: tuple[str, str]) -> Stream:
    """How one association stream declares itself: a record per from-object, its ends as a list."""
    return Stream(
        f"{pair[0]}_to_{pair[1]}",
        mode="incremental",
        primary_key="from.id",
        cursor_field=f"properties.{modified_property(pair[0])}",
        overlap=OVERLAP,
        deletes="absence",
    )


OWNERS: Final = Stream("owners", mode="full", cursor_field="updatedAt", deletes="event")
"""The people of our own company who own records. Few, without a search: read whole each time."""

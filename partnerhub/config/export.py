"""Where and when the marts are published as files by themselves: `export:`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from partnerhub.config.schedules import read_schedule

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

EXPORT_KEYS: Final = ("to", "format", "schedule")
FORMATS: Final = ("parquet", "csv", "hsds")
DAILY: Final = "30 4 * * *"
"""Before people come, after the nightly comparison."""
EXAMPLE: Final = "export"


@dataclass(frozen=True, slots=True)
class Export:
    """to: a folder, absolute, or a URL; empty: nothing is published. schedule: cron, or None: by hand."""

    to: str = ""
    format: str = "parquet"
    schedule: str | None = None


def read_export(place: Place, folder: Path) -> Export:
    """What a configuration says of exports."""
    if place.item.value is None:
        return Export()
    found = place.known_entries(EXPORT_KEYS, f"to: {EXAMPLE}")
    if "to" not in found:
        place.note(
            "An export needs a place.", f"Write `to: {EXAMPLE}`, or a URL such as `s3://bucket/partners`."
        )
        return Export()
    to = (found["to"].text(EXAMPLE) or EXAMPLE).strip()
    kind = found["format"].one_of(FORMATS, "format") if "format" in found else None
    where = to if "://" in to else str(folder / Path(to).expanduser())
    return Export(where, kind or FORMATS[0], read_schedule(found.get("schedule"), usual=DAILY))

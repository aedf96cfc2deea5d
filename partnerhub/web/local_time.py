"""What time it is now where a partner is: told only where its country, region or city leaves one answer."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS: Final = 3
REGIONS: Final[dict[str, dict[str, str]]] = {
    "US": {
        "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
        "America/Denver": "CO MT NM UT WY",
        "America/Los_Angeles": "CA WA",
        "Pacific/Honolulu": "HI",
    },
    "CA": {
        "America/Toronto": "QC", "America/Winnipeg": "MB", "America/Edmonton": "AB", "America/Halifax": "NB NS PE",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "ACT VIC TAS", "Australia/Brisbane": "QLD", "Australia/Perth": "WA",
        "Australia/Adelaide": "SA", "Australia/Darwin": "NT",
    },
}  # fmt: skip
"""Country → zone → the regions that keep it in all their places; others are left out."""
ISLANDS: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "ES": (
        "Europe/Madrid",
        frozenset({"canarias", "canary islands", "las palmas", "santa cruz de tenerife"}),
    ),
    "PT": ("Europe/Lisbon", frozenset({"açores", "acores", "azores", "madeira"})),
}
"""Country whose mainland has one time → that time's zone, and the regions that have another."""


class LocalTime(NamedTuple):
    """The time there. words: `14:05`; day: `Mon` where it is another day than in UTC, else empty; zone: its name."""

    words: str
    day: str
    zone: str
    office_hours: bool


def local_time(organization: Mapping[str, object], now: str) -> LocalTime | None:
    """The time at an organization at a moment (UTC text); None where its place leaves more than one answer."""
    moment = datetime.fromisoformat(now)
    place = [str(organization.get(name) or "").strip() for name in ("country", "region", "city")]
    name = zone_of(place[0].upper(), place[1], place[2], moment)
    if name is None:
        return None
    there = moment.astimezone(ZoneInfo(name))
    day = f"{there:%a}" if there.date() != moment.date() else ""
    return LocalTime(f"{there:%H:%M}", day, name, there.weekday() < 5 and 8 <= there.hour < 18)  # noqa: PLR2004


def zone_of(country: str, region: str, city: str, moment: datetime) -> str | None:
    """The zone of a place: its country's only time, its region's, or that of the city a zone is called after."""
    zones = zones_by_country().get(country, ())
    if not zones:
        return None
    if len({offset(zone, moment) for zone in zones}) == 1:
        return zones[0]
    if country in ISLANDS and region:
        mainland, islands = ISLANDS[country]
        return None if region.casefold() in islands else mainland
    for zone, regions in REGIONS.get(country, {}).items():
        if region.upper() in regions.split():
            return zone
    called = [
        zone for zone in zones if zone.rpartition("/")[2].replace("_", " ").casefold() == city.casefold()
    ]
    return called[0] if len(called) == 1 and not region else None


def offset(zone: str, moment: datetime) -> object:
    """How far a zone is from UTC at a moment."""
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """ISO country → its zones, by the table that comes with the zones; the zone of most people first."""
    found: dict[str, list[str]] = {}
    try:
        table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return {}
    for line in table.splitlines():
        parts = line.split("\t")
        if not line.startswith("#") and len(parts) >= COLUMNS:
            found.setdefault(parts[0], []).append(parts[2])
    return {country: tuple(zones) for country, zones in found.items()}

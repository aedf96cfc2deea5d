"""How health is told on a screen: a colored word per stream, and whether anybody watches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from partnerhub.cli.output import moment, printable
from partnerhub.cli.stream_errors import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from partnerhub.config import HubConfig
    from warehouse.database import Connection
    from warehouse.queries.credentials import CredentialLife
    from warehouse.queries.health import Health
    from warehouse.queries.watching import Watch

STYLES: Final = {"green": "green", "yellow": "yellow", "red": "bold red", "gray": "bright_black"}
OWN_LINES: Final = frozenset({"field_gone", "field_retyped", "paused"})
"""Reasons that `status` tells in a line of their own, or in the word itself."""


def watched(connection: Connection, config: HubConfig) -> tuple[dict[tuple[str, str], Health], Watch]:
    """Every stream's health by source and stream, and whether anybody watches, as of now."""
    from connectors.record import utc_text
    from partnerhub.config.intervals import due_of
    from warehouse.queries.watching import health_of_streams, watch

    due, now = due_of(config), utc_text(datetime.now(UTC))
    health = health_of_streams(connection, due, now)
    return {(each.source, each.stream): each for each in health}, watch(connection, due, now)


def health_cell(health: Health | None) -> Text | str:
    """The word in the color of who must act."""
    from rich.text import Text

    return Text(health.told, style=STYLES[health.color]) if health else ""


def told_late(health: Iterable[Health]) -> list[str]:
    """A line per source and reason why a person must act although its last run ended well, or nothing runs at all."""
    streams: dict[tuple[str, str, str], list[str]] = {}
    for each in health:
        if each.who == "person" and each.code not in OWN_LINES and (each.is_late or each.code == "count_gap"):
            streams.setdefault((each.source, each.happened, each.to_do), []).append(each.stream)
    return [f"! {source} {named(found)}: {what} → {do}" for (source, what, do), found in streams.items()]


def told_credentials(lives: Iterable[CredentialLife]) -> list[str]:
    """A line for each credential that ends soon or has, and one for those of which nobody knows."""
    lives = list(lives)
    lines = [f"! {each.happened} → {each.to_do}" for each in lives if each.state in {"soon", "over"}]
    unknown = [each.source for each in lives if each.state == "unknown"]
    if unknown:
        do = "write `expires:` beside their settings (`partnerhub doctor` says how)"
        lines.append(f"It is not known when the credentials of {', '.join(unknown)} end → {do}")
    return lines


def told_watch(watch: Watch) -> list[str]:
    """What is wrong with the watchers themselves, then what is open."""
    lines = told_silence(watch)
    lines += [
        f"! Alerts do not arrive by {channel['channel']}: {printable(channel['failure'])}"
        " → mend it, then `partnerhub alerts test`."
        for channel in watch.failing
    ]
    if watch.incidents:
        count = len(watch.incidents)
        lines.append(
            f"! {count} {'incident is' if count == 1 else 'incidents are'} open: `partnerhub alerts`."
        )
    return lines


def told_silence(watch: Watch) -> list[str]:
    """A line where schedules are set and nobody looks: since when, what that means, what starts it."""
    looks_now = "`partnerhub alerts run` looks once, now."
    if watch.is_silent and watch.beat_at:
        since = f"! Nobody has looked at the hub's health since {moment(watch.beat_at)} UTC: no alert is sent, and"
        do = f"see that `partnerhub up` runs (`partnerhub doctor`); {looks_now}"
        return [f"{since} schedules may stand still → {do}"]
    if watch.is_silent and watch.scheduled_at:
        since = (
            f"! Syncs run by schedule since {moment(watch.scheduled_at)} UTC, but nobody has looked at the"
        )
        do = f"`partnerhub doctor` says what stands still; {looks_now}"
        return [f"{since} hub's health: no alert is sent → {do}"]
    if watch.is_silent:
        what = "! No scheduler has run here yet, so nothing syncs by itself and no alert is sent"
        return [f"{what} → `partnerhub up` starts it; {looks_now}"]
    if watch.is_scheduled and watch.beat_at is None:
        return [
            "Health is as of now. The scheduler's first look, which sends alerts, comes within ten minutes."
        ]
    return []

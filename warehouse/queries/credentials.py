"""When what sources sign in with ends, as it was last noted. Holds no secret, only the name of its setting."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Connection

CREDENTIAL: Final = "credential:"
"""Before the source, in the names of signs of life."""
SOON: Final = timedelta(days=14)
"""So long before its end a credential is told of: holidays fit in between."""


class CredentialLife(NamedTuple):
    """How long a credential lives. state: fine, soon, over, lasting (never ends by itself) or unknown.

    setting: where it stands. ends_at: UTC text, or None. days_left: whole ones, negative once it is over. happened,
    to_do: in words; to_do is empty where there is nothing to do.
    """

    source: str
    setting: str
    state: Literal["fine", "soon", "over", "lasting", "unknown"]
    ends_at: str | None
    days_left: int | None
    happened: str
    to_do: str


def credentials(connection: Connection, now: str) -> list[CredentialLife]:
    """Every credential that was noted, by source, at a moment (UTC text)."""
    rows = connection.query(
        "SELECT name, said FROM heartbeat WHERE name LIKE ? ORDER BY name", (f"{CREDENTIAL}%",)
    )
    return [judged(str(name).removeprefix(CREDENTIAL), *json.loads(said), now=now) for name, said in rows]


def judged(source: str, setting: str, ends_at: str | None, lasts: bool, *, now: str) -> CredentialLife:
    """How long one credential lives, from a moment (UTC text) on."""
    if ends_at is None:
        return endless(source, setting, lasts=lasts)
    left = datetime.fromisoformat(ends_at) - datetime.fromisoformat(now)
    days, ends = left // timedelta(days=1), f"`{setting}` of {source} ends on {ends_at[:10]}"
    if left > SOON:
        return CredentialLife(source, setting, "fine", ends_at, days, f"{ends}, in {days} days.", "")
    do = f"Make a new one at the vendor, put it where `{setting}` comes from, then `partnerhub check {source}`."
    if left <= timedelta():
        ended = f"`{setting}` of {source} ended on {ends_at[:10]}."
        return CredentialLife(source, setting, "over", ends_at, days, ended, do)
    within = "within a day" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
    return CredentialLife(source, setting, "soon", ends_at, days, f"{ends}, {within}.", do)


def endless(source: str, setting: str, *, lasts: bool) -> CredentialLife:
    """One of which no end is known: because it has none, or because nobody told."""
    name = f"`{setting}` of {source}"
    if lasts:
        return CredentialLife(source, setting, "lasting", None, None, f"{name} does not end by itself.", "")
    do = f"Write the day its vendor shows beside `{setting}`: `expires: 2027-03-01`, or `expires: never`."
    return CredentialLife(source, setting, "unknown", None, None, f"When {name} ends is not known.", do)

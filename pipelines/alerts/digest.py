"""How every connection is, once a day: how well, how far behind, what waits for whom, what happened since yesterday."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import ValidationError

from connectors.errors import SyncError
from connectors.record import utc_text
from partnerhub.config.intervals import due_of
from partnerhub.counting import counted
from pipelines.alerts.incidents import ENDING
from pipelines.alerts.watched_lists import ListDigest, list_digests
from pipelines.quotas import DAY, quotas_of
from warehouse.queries.credentials import credentials
from warehouse.queries.drift import list_drift
from warehouse.queries.health import COLORS, WORDS, judge, seconds_since
from warehouse.queries.last_day import Changed, changed_by_source, set_aside_by_source
from warehouse.queries.streams import pinned_accounts
from warehouse.queries.sync_history import requests_today
from warehouse.queries.watching import never_ran, stream_facts, watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from partnerhub.config import HubConfig
    from warehouse.database import Connection
    from warehouse.queries.credentials import CredentialLife
    from warehouse.queries.health import Health, StreamFacts
    from warehouse.queries.last_day import SetAside

GRAVEST: Final = ("red", "yellow", "gray", "green")
UNREAD: Final = "Not read yet"
ACCEPTED: Final = "accepted"
LASTS: Final = timedelta(days=7)
"""Records that are set aside so long are told as something to do."""
SCARCE: Final = 0.2
"""A quota of which less is left is told as something to do."""


class ToDo(NamedTuple):
    """One thing somebody does. who: a person, or the hub. code: what is wrong, for programs; empty for advice."""

    who: str
    happened: str
    to_do: str
    code: str = ""


class QuotaLeft(NamedTuple):
    """What is left of a vendor's requests a day, over all sources of the account."""

    name: str
    left: int
    of: int


@dataclass(frozen=True, slots=True)
class ConnectionDigest:
    """One source. word, color: of its gravest stream, as in `status`.

    lag: seconds since all its streams were last read to their end: what changed there before is loaded; None: never.
    attempted, failed: records read, and set aside, in the last day. credential_days: until what it signs in with ends.
    oldest_set_aside: seconds. drift: state of a field → how many fields. to_do: the gravest first.
    """

    source: str
    word: str
    color: str
    streams: int = 0
    lag: float | None = None
    attempted: int = 0
    failed: int = 0
    quota: QuotaLeft | None = None
    credential: str = "unknown"
    credential_days: int | None = None
    set_aside: int = 0
    oldest_set_aside: float | None = None
    drift: dict[str, int] = field(default_factory=dict)
    changed: Changed = field(default_factory=Changed)
    to_do: tuple[ToDo, ...] = ()

    @property
    def error_rate(self) -> float | None:
        """Failed of attempted records in the last day, 0 to 1; None where none was attempted."""
        return self.failed / max(self.attempted, self.failed) if self.attempted or self.failed else None

    @property
    def is_quiet(self) -> bool:
        """Whether nobody needs to know more than that it is well."""
        return self.color in {"green", "gray"} and not any(each.who == "person" for each in self.to_do)


@dataclass(frozen=True, slots=True)
class Digest:
    """All connections at a moment (UTC text), the gravest first. hub: what is to do about the hub itself.

    lists: the saved lists that are watched.
    """

    at: str
    connections: tuple[ConnectionDigest, ...]
    hub: tuple[ToDo, ...] = ()
    lists: tuple[ListDigest, ...] = ()

    @property
    def day(self) -> str:
        """Its day."""
        return self.at[:10]

    @property
    def loud(self) -> list[ConnectionDigest]:
        """Those somebody should read of."""
        return [each for each in self.connections if not each.is_quiet]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be done."""
        return not self.loud and not self.hub


def digest_of(config: HubConfig, connection: Connection, now: datetime) -> Digest:
    """Look at every connection. Reads the warehouse and the settings, asks no vendor, writes nothing."""
    at, due = utc_text(now), due_of(config, now)
    facts: dict[str, list[StreamFacts]] = {name: [] for name in config.sources}
    for each in stream_facts(connection, at):
        if each.source in facts:
            facts[each.source].append(each)
    unread = set(never_ran(connection, due))
    lives = {each.source: each for each in credentials(connection, at)}
    left, aside = quotas_left(config, connection, at), set_aside_by_source(connection)
    changed = changed_by_source(connection, utc_text(now - DAY))
    drifted: dict[str, Counter[str]] = {}
    for row in list_drift(connection):
        if row["state"] != ACCEPTED:
            drifted.setdefault(row["source"], Counter())[row["state"]] += 1
    found = []
    for name, streams in facts.items():
        around = Around(
            lives.get(name), left.get(name), aside.get(name), dict(drifted.get(name, {})),
            changed.get(name, Changed()), is_overdue=name in unread,
        )  # fmt: skip
        found.append(connection_digest(name, streams, [judge(each, due, at) for each in streams], around, at))
    found.sort(key=lambda each: (GRAVEST.index(each.color), each.is_quiet, each.source))
    watched = list_digests(connection, config.alerts.lists, utc_text(now - DAY), at)
    return Digest(at, tuple(found), tuple(about_hub(connection, due, at)), watched)


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a source besides its streams. is_overdue: its schedule passed and nothing ever read it."""

    credential: CredentialLife | None
    quota: QuotaLeft | None
    aside: SetAside | None
    drift: dict[str, int]
    changed: Changed
    is_overdue: bool = False


def connection_digest(
    name: str, facts: Sequence[StreamFacts], health: Sequence[Health], around: Around, at: str
) -> ConnectionDigest:
    """One source, from its streams and what stands around them."""
    word = max((each.word for each in health), key=gravity, default=UNREAD)
    color = COLORS[word] if health else "red" if around.is_overdue else "gray"
    ages = [each.age for each in health]
    aside, life = around.aside, around.credential
    return ConnectionDigest(
        name, word, color, len(health),
        lag=max((age for age in ages if age is not None), default=None) if None not in ages else None,
        attempted=sum(each.read for each in facts), failed=sum(each.set_aside for each in facts),
        quota=around.quota, credential=life.state if life else "unknown",
        credential_days=life.days_left if life else None,
        set_aside=aside.records if aside else 0,
        oldest_set_aside=seconds_since(aside.since, at) if aside else None,
        drift=around.drift, changed=around.changed, to_do=tuple(to_do_of(name, health, around, at)),
    )  # fmt: skip


def gravity(word: str) -> tuple[int, int]:
    """How grave a word is; of equally grave ones the one that comes later tells more."""
    return -GRAVEST.index(COLORS[word]), WORDS.index(word)


def to_do_of(name: str, health: Iterable[Health], around: Around, at: str) -> list[ToDo]:
    """What somebody does about a source: its streams, its credential, its fields, what is set aside, its quota."""
    found = of_streams(name, health)
    if around.is_overdue:
        do = f"See that the scheduler runs (`partnerhub doctor`), or run `partnerhub sync {name}`."
        found.append(ToDo("person", "Its schedule passed twice, and nothing ever read it.", do, "never_ran"))
    life = around.credential
    if life and life.state in ENDING:
        found.append(ToDo("person", life.happened, life.to_do, "credential_ends"))
    known = {each.code for each in found}
    if (stopped := sum(around.drift.get(state, 0) for state in ("stopped", "retyped"))) and not known & {
        "field_gone", "field_retyped",
    }:  # fmt: skip
        said = (
            f"{counted(stopped, 'field')} went away or {'holds' if stopped == 1 else 'hold'} something else."
        )
        found.append(ToDo("person", said, f"`partnerhub drift ls {name}`"))
    aside = around.aside
    if aside and (seconds_since(aside.since, at) or 0) > LASTS.total_seconds():
        said = f"{counted(aside.records, 'record')} set aside, the first of them since {aside.since[:10]}."
        do = f"`partnerhub quarantine ls {name}`: mend them there, or say that they may stay so."
        found.append(ToDo("person", said, do))
    if around.quota and around.quota.left < SCARCE * around.quota.of:
        said = (
            f"{max(0, around.quota.left):,} of {around.quota.of:,} requests are left of {around.quota.name}."
        )
        found.append(ToDo("person", said, "`partnerhub quota` says which schedule to change."))
    return found


def of_streams(name: str, health: Iterable[Health]) -> list[ToDo]:
    """What is to do about streams that are not well; those with the same trouble are one thing."""
    alike: dict[ToDo, list[str]] = {}
    for each in sorted(health, key=lambda each: GRAVEST.index(each.color)):
        if each.who == "person":
            do = each.to_do if "`" in each.to_do else f"{each.to_do} Then `partnerhub sync {name}`."
            alike.setdefault(ToDo("person", each.happened, do, each.code), []).append(each.stream)
        elif each.who == "hub":
            when = f" at {each.next_at[:16].replace('T', ' ')} UTC" if each.next_at else ""
            do = f"Nothing: it goes on by itself{when}; `partnerhub sync {name}` does so at once."
            alike.setdefault(ToDo("hub", each.happened, do, each.code), []).append(each.stream)
    return [each._replace(happened=f"{listed(streams)}: {each.happened}") for each, streams in alike.items()]


def listed(streams: Sequence[str], most: int = 3) -> str:
    """`deals, notes`, or `31 streams`."""
    return ", ".join(streams) if len(streams) <= most else f"{len(streams)} streams"


def about_hub(connection: Connection, due: Mapping[str, str], at: str) -> list[ToDo]:
    """What is to do about the hub itself: nobody watches, or a channel fails."""
    seen = watch(connection, due, at)
    found = []
    if seen.is_silent:
        since = f" since {seen.beat_at[:16].replace('T', ' ')} UTC" if seen.beat_at else ""
        do = "`partnerhub up` keeps schedules at work; `partnerhub doctor` says what is lacking."
        found.append(ToDo("person", f"Nobody has looked at the hub's health{since}.", do, "not_watched"))
    for row in seen.failing:
        said = f"Alerts do not arrive by {row['channel']}: {row['failure']}"
        do = "Mend the channel under `alerts:`, then `partnerhub alerts test`."
        found.append(ToDo("person", said, do, "channel_fails"))
    return found


def quotas_left(config: HubConfig, connection: Connection, at: str) -> dict[str, QuotaLeft]:
    """Source → what is left of its account's requests a day, the scarcest; nothing where settings are not there."""
    pinned, spent = pinned_accounts(connection), requests_today(connection, at)
    accounts: dict[str, list[str]] = {}
    for name, source in config.sources.items():
        accounts.setdefault(f"{source.connector} {pinned.get(name, name)}", []).append(name)
    found: dict[str, QuotaLeft] = {}
    for names in accounts.values():
        used = sum(spent.get(name, 0) for name in names)
        with suppress(ValidationError, SyncError, KeyError):
            daily = [each for each in quotas_of(config, names[0]) if each.seconds >= DAY.total_seconds()]
            scarcest = min(daily, key=lambda each: each.requests, default=None)
            if scarcest is not None:
                left = QuotaLeft(scarcest.name, scarcest.requests - used, scarcest.requests)
                found.update(dict.fromkeys(names, left))
    return found

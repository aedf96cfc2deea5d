"""A digest in words: short where all is well, else what somebody must do first, then how every connection is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from partnerhub.counting import counted
from pipelines.alerts.message import page_of
from pipelines.alerts.watched_lists import told as told_of_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.alerts.digest import ConnectionDigest, Digest, ToDo
    from warehouse.queries.last_day import Changed

DIGEST: Final = "digest"
MINUTE, HOUR, DAY = 60, 3600, 86_400
WHO: Final = {"person": "A person must act", "hub": "The hub acts"}
ENDLESS: Final = {"lasting": "does not end", "unknown": "end not known"}
MOST_NAMED: Final = 12
HAPPENED: Final = {
    "landed": "record came or changed", "removed": "record went", "set_aside": "record was set aside",
    "failed": "reading failed", "opened": "incident began", "closed": "incident is over",
    "problems": "problem is new",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """A digest as channels send it. base: where others reach the pages; empty: this machine only."""

    digest: Digest
    base: str = ""
    about: str = DIGEST

    @property
    def message_id(self) -> str:
        """One a day: who got it already can tell."""
        return f"{digest_id(self.digest.day)}/{DIGEST}"

    @property
    def title(self) -> str:
        """`Partner Hub: 2 of 9 connections need somebody (2026-10-01)`."""
        return f"Partner Hub: {headline(self.digest)} ({self.digest.day})"

    @property
    def text(self) -> str:
        """The lines of the digest."""
        more = [f"The pages: {self.base}/sync"] if self.base else []
        return "\n".join([*lines(self.digest), *more])

    @property
    def facts(self) -> dict[str, Any]:
        """The body of the signed webhook."""
        return {"type": "digest.daily", "timestamp": self.digest.at, "data": data(self.digest)}


def digest_id(day: str) -> str:
    """Under which a day's digest stands among what was told."""
    return f"{DIGEST}:{day}"


def headline(digest: Digest) -> str:
    """How all of it is."""
    total, loud = len(digest.connections), len(digest.loud)
    if loud:
        return f"{loud} of {counted(total, 'connection')} {'needs' if loud == 1 else 'need'} somebody"
    if digest.hub:
        return "the hub itself needs somebody"
    return f"all {counted(total, 'connection')} are well" if total != 1 else "its connection is well"


def lines(digest: Digest, *, every: bool = False) -> list[str]:
    """The digest as lines of text. every: also a line for each connection that is well."""
    told = [*(line for each in digest.hub for line in to_do_lines(each))]
    for each in digest.loud:
        told += [f"{each.source}: {each.word}", *(f"  {line}" for line in connection_lines(each)), ""]
    quiet = [each for each in digest.connections if each.is_quiet]
    if every or (quiet and told):
        told += [f"{each.source}: {each.word}. {' · '.join(figures(each))}" for each in quiet]
    elif quiet:
        told += short(quiet)
    return [*told, *map(told_of_list, digest.lists)]


def short(quiet: list[ConnectionDigest]) -> list[str]:
    """A few lines for connections that are all well."""
    named = ", ".join(each.source for each in quiet[:MOST_NAMED])
    more = f" and {len(quiet) - MOST_NAMED} more" if len(quiet) > MOST_NAMED else ""
    behind = max((each.lag for each in quiet if each.lag is not None), default=None)
    ending = min(
        (each for each in quiet if each.credential_days is not None),
        key=lambda each: each.credential_days or 0,
        default=None,
    )
    told = [f"Well: {named}{more}."]
    if behind is not None:
        told.append(f"Furthest behind: {span(behind)}.")
    if ending is not None:
        told.append(f"The next credential to end: {ending.source}, in {ending.credential_days} days.")
    changed = since_yesterday([each.changed for each in quiet])
    return [*told, f"Since yesterday: {changed}."]


def connection_lines(each: ConnectionDigest) -> list[str]:
    """One connection that needs somebody: what to do, its figures, what happened."""
    told = [line for one in each.to_do for line in to_do_lines(one)]
    return [*told, " · ".join(figures(each)), f"Since yesterday: {since_yesterday([each.changed])}."]


def to_do_lines(one: ToDo) -> list[str]:
    """Who must act, why, what to do, and where more is told."""
    more = f" ({page_of(one.code)})" if one.code else ""
    return [f"{one.happened}{more}", f"→ {WHO[one.who]}: {one.to_do}"]


def figures(each: ConnectionDigest) -> list[str]:
    """Lag, error rate, quota, credential, what is set aside, drift."""
    told = [f"read whole {span(each.lag)} ago" if each.lag is not None else "never read whole"]
    if each.error_rate is None:
        told.append("nothing read since yesterday")
    else:
        told.append(f"{each.error_rate:.1%} of {each.attempted:,} records failed")
    if each.quota is not None:
        told.append(f"{max(0, each.quota.left):,} of {each.quota.of:,} requests left")
    days = each.credential_days
    ends = f"ends in {counted(days, 'day')}" if days is not None else ENDLESS.get(each.credential, "")
    told.append(f"credential {ends}" if ends else "no credential")
    if each.oldest_set_aside is not None:
        told.append(f"{counted(each.set_aside, 'record')} set aside, since {span(each.oldest_set_aside)}")
    if each.drift:
        told.append("fields: " + ", ".join(f"{count} {state}" for state, count in each.drift.items()))
    return told


def since_yesterday(changes: Iterable[Changed]) -> str:
    """What happened, in words; `nothing` where nothing did."""
    every = list(changes)
    totals = [(sum(getattr(each, name) for each in every), said) for name, said in HAPPENED.items()]
    told = [said_many(count, said) for count, said in totals if count]
    return ", ".join(told) or "nothing changed"


def said_many(count: int, said: str) -> str:
    """`1 record came or changed`, `2 incidents are over`."""
    noun, _, verb = said.partition(" ")
    plural = {"was": "were", "is": "are"}
    first, _, rest = verb.partition(" ")
    return f"{counted(count, noun)} {verb if count == 1 else f'{plural.get(first, first)} {rest}'.strip()}"


def span(seconds: float) -> str:
    """`12 min`, `3 h`, `2 d`."""
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min"
    return f"{seconds // HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds // DAY:.0f} d"


def data(digest: Digest) -> dict[str, Any]:
    """The digest as data."""
    return {
        "at": digest.at,
        "title": headline(digest),
        "is_quiet": digest.is_quiet,
        "hub": [to_do_data(each) for each in digest.hub],
        "lists": [each._asdict() for each in digest.lists],
        "connections": [
            {
                **asdict(each),
                "error_rate": each.error_rate,
                "quota": each.quota._asdict() if each.quota else None,
                "to_do": [to_do_data(one) for one in each.to_do],
            }
            for each in digest.connections
        ],
    }


def to_do_data(one: ToDo) -> dict[str, str]:
    """One thing to do as data."""
    return {**one._asdict(), **({"documentation": page_of(one.code)} if one.code else {})}

"""How the pages of syncs put things: a source in one card, days and volumes as bars, numbers that add up, commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from partnerhub.web import wording
from warehouse.queries.health import FAILED, HEALTHY, INCOMPLETE, PAUSED, RUNNING
from warehouse.queries.sources import Face

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.queries.health import Health
    from warehouse.queries.sync_history import Day

UNREAD: Final = "Not read yet"
PENDING: Final = ("Pending", "gray", "clock")
"""A stream that is new: no sync has read it yet."""
GRAVEST: Final = (FAILED, INCOMPLETE, RUNNING, PAUSED, UNREAD, HEALTHY)
LOOKS: Final = {
    FAILED: ("red", "alert-triangle"), INCOMPLETE: ("yellow", "hourglass"), RUNNING: ("blue", "refresh"),
    PAUSED: ("gray", "player-pause"), HEALTHY: ("green", "check"), UNREAD: ("gray", "clock"),
}  # fmt: skip
"""State word → color and sign: the word stands beside them."""
STATES: Final = {
    "complete": ("Complete", "green", "check"),
    "running": ("Running", "blue", "refresh"),
    "incomplete": ("Incomplete: goes on by itself", "yellow", "hourglass"),
    "failed": ("Failed", "red", "alert-triangle"),
    "needs_person": ("Needs a person", "red", "alert-triangle"),
    "skipped": ("Skipped", "gray", "ban"),
    "abandoned": ("Killed: the next run goes on", "yellow", "cloud-off"),
    "new": ("Not read yet", "gray", "clock"),
}
TRIGGERS: Final = {
    "cli": "by hand", "schedule": "by schedule", "reconcile": "comparison with the sources",
    "dagster": "by schedule", "manual": "by hand", "asked": "from a page",
}  # fmt: skip
ACTS: Final = {
    "pause": "paused the source", "unpause": "had it read again", "cursor": "set where reading goes on",
    "cancel": "stopped a run", "sync": "asked for a sync", "resume": "asked that it be resumed",
}  # fmt: skip
WHO: Final = {"nobody": "Nobody", "hub": "The hub, by itself", "person": "A person"}
NAMED: Final = 3
DAY_WORDS: Final = {"complete": "complete", "partly": "partly read", "failed": "failed", "no run": "no run"}
DAY_HEIGHTS: Final = {"complete": 22, "partly": 14, "failed": 8, "no run": 2}
BAR_HEIGHT: Final = 24
SEGMENT: Final = 10
STEP: Final = 8
PARTS: Final = ("landed", "unchanged", "superseded")
KILLED: Final = "Its process was killed.", "Nothing: the next run goes on from its last page."
UNNAMED: Final = "It did not come through.", ""
BROKEN: Final = frozenset({"failed", "needs_person"})
MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Card:
    """One source as the overview shows it.

    said: what is wrong, each with what to do and the streams it happened to; nothing for a healthy one. next_at: when
    it is tried again (UTC text). complete_at: since when every stream was read completely. days: the last 14.
    """

    source: str
    face: Face
    word: str
    streams: int
    at_work: int
    is_late: bool
    who: str
    said: list[tuple[str, str, str]] = field(default_factory=list)
    next_at: str | None = None
    complete_at: str | None = None
    days: list[Day] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    pause: Mapping[str, Any] | None = None
    pending: list[str] = field(default_factory=list)

    @property
    def color(self) -> str:
        """The color of the word."""
        return LOOKS[self.word][0]

    @property
    def symbol(self) -> str:
        """The sign before the word."""
        return LOOKS[self.word][1]

    @property
    def sentence(self) -> str:
        """The state in a sentence."""
        if self.word == UNREAD:
            return "No sync has read it yet."
        if self.said:
            return self.said[0][0]
        if self.at_work:
            return f"{self.at_work} of {counted(self.streams, 'stream')} being read right now."
        whole = (
            f"All {counted(self.streams, 'stream')} read completely."
            if self.streams > 1
            else "Read completely."
        )
        return f"{whole[:-1]}, but for {counted(len(self.pending), 'new one')}." if self.pending else whole

    @property
    def trying(self) -> str:
        """That it is being tried again right now, of one that is not well."""
        if not self.at_work or self.word in {RUNNING, HEALTHY, UNREAD}:
            return ""
        return f"It is being tried again right now: {self.at_work} of {counted(self.streams, 'stream')} being read."


def cards(
    health: Iterable[Health], known: Mapping[str, Face], more: Mapping[str, Mapping[str, Any]]
) -> list[Card]:
    """A card per source, what a person must mend first.

    more: by name `days`, `next`, `incidents`, `pauses`: what is known by source; and `unread`, sources without a run.
    """
    by_source: dict[str, list[Health]] = {}
    for each in health:
        by_source.setdefault(each.source, []).append(each)
    for source in more.get("unread", {}):
        by_source.setdefault(source, [])
    found = [card(source, own, known, more) for source, own in by_source.items()]
    return sorted(found, key=lambda each: (GRAVEST.index(each.word), each.face.title.casefold(), each.source))


def card(
    source: str, own: Sequence[Health], known: Mapping[str, Face], more: Mapping[str, Mapping[str, Any]]
) -> Card:
    """One source's card from its streams."""
    times = [each.last_success_at for each in own]
    word = min((each.word for each in own), key=GRAVEST.index, default=UNREAD)
    resumes = [each.next_at for each in own if each.next_at]
    return Card(
        source=source,
        face=known.get(source) or Face(source, "", source, None),
        word=word,
        streams=len(own),
        at_work=sum(each.is_running for each in own),
        is_late=any(each.is_late for each in own),
        who=next((who for who in ("person", "hub") if any(each.who == who for each in own)), "nobody"),
        said=said_once(own),
        next_at=min(resumes) if resumes else more.get("next", {}).get(source),
        complete_at=None if None in times else min((at for at in times if at), default=None),
        days=list(more.get("days", {}).get(source, [])),
        incidents=list(more.get("incidents", {}).get(source, [])),
        pause=more.get("pauses", {}).get(source),
        pending=pending(more.get("streams", {}).get(source, ()), own) if own else [],
    )


def pending(streams: Iterable[str], own: Iterable[Health]) -> list[str]:
    """The streams of a source that no sync has read yet."""
    seen = {each.stream for each in own}
    return [name for name in streams if name not in seen]


def said_once(own: Iterable[Health]) -> list[tuple[str, str, str]]:
    """What is wrong, what to do, and with which streams: each message once, the gravest first."""
    streams: dict[tuple[str, str], list[str]] = {}
    for each in sorted(own, key=lambda one: GRAVEST.index(one.word)):
        if each.happened:
            streams.setdefault((each.happened, each.to_do), []).append(each.stream)
    return [(happened, do, named(found)) for (happened, do), found in streams.items()]


def named(streams: Sequence[str]) -> str:
    """`deals, notes`, or `31 streams`."""
    return ", ".join(streams) if len(streams) <= NAMED else f"{len(streams):,} streams"


def counted(count: int, noun: str) -> str:
    """`1 stream`, `39 streams`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def day_bars(days: Sequence[Day]) -> list[dict[str, Any]]:
    """One segment a day: its place and height, its class, and what it says."""
    return [
        {
            "x": number * SEGMENT,
            "y": BAR_HEIGHT - DAY_HEIGHTS[each.word],
            "height": DAY_HEIGHTS[each.word],
            "word": each.word.replace(" ", "-"),
            "says": f"{wording.short_day(each.day)}: {DAY_WORDS[each.word]}"
            + (f", {each.complete} of {counted(each.streams, 'stream')}" if each.streams else ""),
        }
        for number, each in enumerate(days)
    ]


def days_said(days: Sequence[Day]) -> str:
    """The bar in words: `Last 14 days: 12 complete, 1 partly read (11 Nov), 1 without a run (9 Nov)`."""
    by_word: dict[str, list[str]] = {}
    for each in days:
        by_word.setdefault(each.word, []).append(wording.short_day(each.day).rsplit(" ", 1)[0])
    told = []
    for word, found in by_word.items():
        which = f" ({', '.join(found)})" if word != "complete" and len(found) <= NAMED else ""
        told.append(f"{len(found)} {DAY_WORDS[word]}{which}")
    return f"Last {len(days)} days: {', '.join(told)}." if days else "No run in the last 14 days."


def sparkline(volume: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A bar per run: how much was read, and the part of it that was new or changed."""
    most = max((int(each["read"]) for each in volume), default=0) or 1
    found = []
    for number, each in enumerate(volume):
        read = round(40 * int(each["read"]) / most, 1)
        landed = round(40 * int(each["landed"]) / most, 1)
        words = f"{wording.clock(each['started_at'])} UTC: {int(each['read']):,} read, {int(each['landed']):,} landed"
        found.append({
            "x": number * STEP, "y": 42 - max(1, read), "height": max(1, read), "landed_y": 42 - landed,
            "landed_height": landed, "failed": bool(each["has_failed"]), "run_id": each["run_id"],
            "says": words + (", failed" if each["has_failed"] else ""),
        })  # fmt: skip
    return found


def parts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """landed, unchanged and superseded as shares of what was read: x and width of 100, and the number."""
    read = sum(int(row[name]) for name in PARTS)
    found, x = [], 0.0
    for name in PARTS:
        width = 100 * int(row[name]) / read if read else 0.0
        found.append({"name": name, "count": int(row[name]), "x": round(x, 2), "width": round(width, 2)})
        x += width
    return found


def adds_up(row: Mapping[str, Any]) -> bool:
    """Whether read is landed, unchanged and superseded together, and what was set aside is among it."""
    return int(row["read"]) == sum(int(row[name]) for name in PARTS)


def span(row: Mapping[str, Any], run: Mapping[str, Any], now: str) -> dict[str, int]:
    """When a stream was at work within its run: x and width of 100."""
    begin, end = moment(run["started_at"]), moment(run["finished_at"] or now)
    whole = max((end - begin).total_seconds(), 0.001)
    x = min(100.0, max(0.0, 100 * (moment(row["started_at"]) - begin).total_seconds() / whole))
    width = 100 * (moment(row["finished_at"] or now) - moment(row["started_at"])).total_seconds() / whole
    return {"x": round(x), "width": max(1, round(min(100 - x, width)))}


def moment(text: str) -> datetime:
    """The hub's UTC text as a datetime."""
    return datetime.fromisoformat(text)


def duration(start: str | None, end: str | None) -> str:
    """`4 s`, `2 min 5 s`, `1 h 3 min`; nothing while one of them is missing."""
    if not start or not end:
        return ""
    seconds = max(0.0, (moment(end) - moment(start)).total_seconds())
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004  # tenths of short ones
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"
    return f"{seconds // HOUR:.0f} h {seconds % HOUR // MINUTE:.0f} min"


def lag(seconds: float | None) -> str:
    """`12 min`, `3 h`, `2 d`: how long ago; nothing for never."""
    if seconds is None:
        return ""
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min"
    return f"{seconds // HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds // DAY:.0f} d"


def commands(state: str, source: str) -> list[str]:
    """What to run next, in order, after a stream of a source ended like this; nothing for one that came through."""
    if state in BROKEN:
        return [f"partnerhub check {source}", f"partnerhub sync {source}"]
    return [f"partnerhub sync {source}"] if state in {"incomplete", "abandoned", "skipped"} else []


def told_errors(streams: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What kept streams of a run from coming through: each message of a source once, with what to run next."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for row in streams:
        if row["state"] in {"complete", "running"} and not row["error_code"]:
            continue
        usual = KILLED if row["state"] == "abandoned" else UNNAMED
        words = (row["error_happened"] or usual[0], row["error_do"] or usual[1])
        found.setdefault((row["source"], row["state"], *words), []).append(row["stream"])
    return [
        {
            "source": source,
            "state": state,
            "happened": happened,
            "do": do,
            "streams": named(names),
            "commands": commands(state, source),
        }
        for (source, state, happened, do), names in found.items()
    ]


def alike(problems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Problems with the same words once: source, stream, code, happened, to_do, the ids and partners they are about."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in problems:
        same = {name: each[name] for name in ("source", "stream", "code", "happened", "to_do")}
        entry = found.setdefault(tuple(same.values()), {**same, "ids": [], "partners": []})
        entry["ids"] += [each["source_id"]] if each["source_id"] else []
        entry["partners"] += [one for one in each["partners"] if one not in entry["partners"]]
    return list(found.values())


def of_streams(problems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Problems as a list shows them: neighbors that say the same of other streams of a source as one.

    Each has `streams` and `fingerprints`; of a record they are one each.
    """
    names = (
        "severity",
        "state",
        "source",
        "source_id",
        "code",
        "field",
        "happened",
        "to_do",
        "decided_by",
        "reason",
    )
    found: list[dict[str, Any]] = []
    for each in problems:
        last = found[-1] if found else None
        if last and not each["source_id"] and all(last[name] == each[name] for name in names):
            last["streams"].append(each["stream"])
            last["fingerprints"].append(each["fingerprint"])
            last["first_seen_at"] = min(last["first_seen_at"], each["first_seen_at"])
            continue
        found.append({**each, "streams": [each["stream"]], "fingerprints": [each["fingerprint"]]})
    return found


def missing(problem: Mapping[str, Any], title: str, read: Mapping[tuple[str, str], str | None]) -> str:
    """What people do not see while streams do not come through; nothing for a record.

    read: source and stream → when it was last read completely (UTC text).
    """
    streams = [each for each in problem["streams"] if each]
    if problem["source_id"] or not streams or (problem["state"], problem["severity"]) != ("open", "error"):
        return ""
    known = [at for each in streams if (at := read.get((problem["source"], each)))]
    which = named([each.replace("_", " ") for each in streams])
    if not known:
        return f"Nothing of it was ever read to the end: {which}."
    return f"What {title} says of {which} since {wording.clock(min(known))} UTC is not here yet."


def totals(streams: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The sums over the streams of a run."""
    names = ("pages", "read", *PARTS, "quarantined", "removed", "requests")
    return {name: sum(int(row[name] or 0) for row in streams) for name in names}

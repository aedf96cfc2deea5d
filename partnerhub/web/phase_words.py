"""How a run's page puts the phases of a run: a bar each within the time of the run, and numbers in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from partnerhub.counting import counted
from partnerhub.web.sync_words import duration, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Words(NamedTuple):
    """A phase in words: what it is called, what it does, and what came in, changed and was refused in it."""

    title: str
    does: str
    entered: str
    changed: str
    rejected: str


WORDS: Final = {
    "land": Words("Landing", "reads the sources", "read", "new or changed", "arrived unreadable"),
    "stage": Words("Staging", "puts records into one shape", "waited", "staged", "set aside"),
    "resolve": Words(
        "Matching", "compares what may be the same", "pairs looked at", "weigh otherwise", "refused"
    ),
    "publish": Words(
        "Publishing", "gives ids, makes the record people read", "waited", "published", "refused"
    ),
    "fetch": Words(
        "Fetching texts", "of mails that belong to a partner now", "asked for", "came", "not found"
    ),
    "signals": Words(
        "Signals", "looks for what needs a person", "looked at", "opened, changed or closed", "broken"
    ),
    "validate": Words("Checking", "asks whether the rules of the hub hold", "rules", "changed", "broken"),
}
LOOKS: Final = {
    "complete": ("Complete", "green", "check"),
    "running": ("Running", "blue", "refresh"),
    "failed": ("Failed", "red", "alert-triangle"),
    "cut_off": ("Cut off", "yellow", "cloud-off"),
}
EVERYTHING: Final = "everything"


def waterfall(phases: Iterable[Mapping[str, Any]], run: Mapping[str, Any], now: str) -> list[dict[str, Any]]:
    """Each phase with its words, its look, its bar (x and width of 100), how long it took and its further counts."""
    found = []
    for row in phases:
        words = WORDS[row["phase"]]
        took = duration(row["started_at"], row["finished_at"] or now)
        bar = span(row, run, now)
        found.append(
            {
                **row,
                "words": words,
                "looks": LOOKS.get(row["state"], (row["state"], "gray", "clock")),
                "bar": bar,
                "took": took,
                "more": further(row["counts"]),
                "says": f"{words.title}: {took}, from {bar['x']} % of the run on",
            }
        )
    return found


def further(counts: Mapping[str, int]) -> str:
    """`1,047 organizations, 12 rows written`; nothing where all are nought."""
    said = [f"{number:,} {name}" for name, number in counts.items() if number and name != EVERYTHING]
    whole = ["by other rules than before, so all was made anew"] if counts.get(EVERYTHING) else []
    return ", ".join(said + whole)


def not_recorded(run: Mapping[str, Any]) -> str:
    """Why a run has no phases."""
    if run["trigger"] == "reconcile":
        return "A comparison with the sources passes none of them."
    if run["state"] == "running":
        return "It is about to begin."
    return "They were not recorded: this run is from before the hub kept them."


def broken(run: Mapping[str, Any], phases: Iterable[Mapping[str, Any]]) -> str:
    """Where a failed run broke of which no stream and no record tells why; nothing for another one."""
    if run["state"] != "failed":
        return ""
    names = [WORDS[row["phase"]].title.lower() for row in phases if row["state"] in {"failed", "cut_off"}]
    return f"It broke in {' and '.join(names)}." if names else "It broke between its phases."


def said_once(phases: Iterable[Mapping[str, Any]]) -> str:
    """The waterfall in a sentence, for who does not see it."""
    told = [f"{WORDS[row['phase']].title} {row['took']}" for row in phases]
    return f"{counted(len(told), 'phase')}, one after the other: {', '.join(told)}." if told else ""

"""How well a stream is, as a pure function of facts: a word, and by its color who must act.

Green: nobody. Yellow: the hub goes on by itself. Red: a person. Gray: a person paused it. A stream that runs keeps the
verdict on its last ended run, so that a run in progress never hides a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Due = Mapping[str, str]
"""Source with a schedule → UTC text: it must have come through since then, or is late."""

HEALTHY: Final = "Healthy"
RUNNING: Final = "Running"
INCOMPLETE: Final = "Incomplete"
FAILED: Final = "Failed, action required"
PAUSED: Final = "Paused"
WORDS: Final = (HEALTHY, RUNNING, INCOMPLETE, FAILED, PAUSED)
COLORS: Final = {HEALTHY: "green", RUNNING: "green", INCOMPLETE: "yellow", FAILED: "red", PAUSED: "gray"}
WHO: Final = {"green": "nobody", "yellow": "hub", "red": "person", "gray": "nobody"}
HEALS_ITSELF: Final = frozenset({"incomplete", "abandoned"})
ENDED_BADLY: Final = frozenset({"failed", "needs_person", "skipped"})


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What is known of one stream; times are UTC text.

    is_running: a run is at work on it now. ended: its last run that ended, as a row of `stream_run`. problem: the
    gravest open problem of the stream as a whole that only a person can end: code, happened, to_do. pause: who paused
    its source and until when. scheduled_since: since when its source has the schedule it has. read, set_aside: of the
    runs of the last day. compared: the last comparison with its source, as a row of `reconciliation`.
    """

    source: str
    stream: str
    is_running: bool = False
    ended: Mapping[str, Any] | None = None
    last_run_at: str | None = None
    last_success_at: str | None = None
    problem: Mapping[str, str] | None = None
    pause: Mapping[str, Any] | None = None
    scheduled_since: str | None = None
    read: int = 0
    set_aside: int = 0
    compared: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How well one stream is.

    word: one of `WORDS`. who: nobody, hub or person. is_running: besides the word. is_late: no success within two
    intervals of its schedule and the grace. code, happened, to_do: why it is not healthy. next_at: when the hub goes on
    by itself. age: seconds since the last success. error_rate: records set aside of those read in the last day, 0 to 1.
    completeness: records the hub holds of those the source held at the last comparison, 0 to 1.
    """

    source: str
    stream: str
    word: str
    color: str
    who: str
    is_running: bool
    is_late: bool
    code: str = ""
    happened: str = ""
    to_do: str = ""
    next_at: str | None = None
    last_success_at: str | None = None
    age: float | None = None
    error_rate: float | None = None
    completeness: float | None = None

    @property
    def told(self) -> str:
        """The word as a table shows it: `Failed, action required (running)`."""
        return f"{self.word} (running)" if self.is_running and self.word != RUNNING else self.word


def judge(facts: StreamFacts, due: Due, now: str) -> Health:
    """The health of one stream at a moment (UTC text)."""
    late = is_late(facts, due)
    word, why = verdict(facts, now, late=late)
    color = COLORS[word]
    return Health(
        source=facts.source,
        stream=facts.stream,
        word=word,
        color=color,
        who=WHO[color],
        is_running=facts.is_running,
        is_late=late,
        code=why[0],
        happened=why[1],
        to_do=why[2],
        next_at=facts.ended.get("resumes_at") if facts.ended and word == INCOMPLETE else None,
        last_success_at=facts.last_success_at,
        age=seconds_since(facts.last_success_at, now),
        error_rate=facts.set_aside / max(facts.read, facts.set_aside) if facts.read else None,
        completeness=completeness(facts.compared),
    )


def is_late(facts: StreamFacts, due: Due) -> bool:
    """Whether the schedule passed twice without a success. A schedule counts from when it became what it is.

    Where nobody has noted when that was, a stream that never came through counts from its last run.
    """
    expected = due.get(facts.source)
    since = max(facts.last_success_at or "", facts.scheduled_since or "") or facts.last_run_at or ""
    return expected is not None and since < expected


def verdict(facts: StreamFacts, now: str, *, late: bool) -> tuple[str, tuple[str, str, str]]:
    """The word, and why: code, happened, what to do. The gravest reason counts."""
    ended = facts.ended or {}
    state = ended.get("state", "")
    failure = (
        ended.get("error_code") or "",
        ended.get("error_happened") or "",
        ended.get("error_do") or "",
    )
    if facts.pause is not None:
        return PAUSED, ("paused", paused_words(facts.pause), f"`partnerhub unpause {facts.source}`")
    if state in ENDED_BADLY:
        return FAILED, failure if failure[0] else unnamed_failure(facts.source)
    if facts.problem is not None:
        return FAILED, (facts.problem["code"], facts.problem["happened"], facts.problem["to_do"])
    if state in HEALS_ITSELF and not (late and is_over(ended, now)):
        return INCOMPLETE, failure if failure[0] else killed(facts.source)
    if late:
        return FAILED, lateness(facts, failure)
    return (RUNNING if facts.is_running else HEALTHY), ("", "", "")


def is_over(ended: Mapping[str, Any], now: str) -> bool:
    """Whether nothing is waited for any more: the moment at which the hub meant to go on has passed."""
    resumes = ended.get("resumes_at")
    return resumes is None or datetime.fromisoformat(resumes) <= datetime.fromisoformat(now)


def lateness(facts: StreamFacts, failure: tuple[str, str, str]) -> tuple[str, str, str]:
    """Why a stream is late: what keeps stopping it, or that nothing starts it."""
    since = f"since {facts.last_success_at[:16].replace('T', ' ')} UTC" if facts.last_success_at else "yet"
    if failure[0]:
        do = f"`partnerhub check {facts.source}` says whether it answers now; then `partnerhub sync {facts.source}`."
        return "late", f"It has not come through {since}: {failure[1]}", do
    do = (
        f"See that the scheduler runs (`partnerhub doctor`); `partnerhub sync {facts.source}` catches up now."
    )
    return "not_run", f"Its schedule passed twice and it has not come through {since}.", do


def unnamed_failure(source: str) -> tuple[str, str, str]:
    """A run that ended badly without saying why."""
    return "failed", "The last run failed.", f"`partnerhub runs show last`, then `partnerhub sync {source}`."


def killed(source: str) -> tuple[str, str, str]:
    """A run whose process went away."""
    return (
        "abandoned",
        "The last run was killed; the next one goes on from its last page.",
        f"Nothing; `partnerhub sync {source}` goes on at once.",
    )


def paused_words(pause: Mapping[str, Any]) -> str:
    """By whom, until when, why."""
    until = f" until {pause['until_at'][:16].replace('T', ' ')} UTC" if pause.get("until_at") else ""
    why = f": {pause['reason']}" if pause.get("reason") else ""
    return f"Paused by {pause['actor']}{until}{why}."


def completeness(compared: Mapping[str, Any] | None) -> float | None:
    """The share of the source's records that the hub held; 1 for an empty source."""
    if compared is None:
        return None
    in_source = int(compared["in_source"])
    return min(int(compared["in_hub"]), in_source) / in_source if in_source else 1.0


def seconds_since(then: str | None, now: str) -> float | None:
    """How long ago a moment was, never negative."""
    if then is None:
        return None
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(then)).total_seconds())

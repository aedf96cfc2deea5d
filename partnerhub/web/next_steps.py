"""What to do next with a partner: from its signals and other risks, without what people set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.next_words import NextWord, pieces
from warehouse.queries.signals import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.queries.readings import Risk

NEXT: Final = {
    "unanswered": "Answer them",
    "promise_forgotten": "Keep the promise, or say why not",
    "overdue": "Get the overdue item moving",
    "renewal_due": "Prepare the renewal",
    "person_left": "Find the new contact",
    "contradiction": "Settle which value is right",
    "silence": "Get in touch",
    "single_threaded": "Get to know a second person",
    "stale_stage": "Ask where the deal stands",
}
"""Rule of a signal → what somebody would do about it; of equals, what somebody waits for comes first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. about: names it as long as it is the same. since: when its signal opened."""

    about: str
    rule: str
    do: str
    why: str
    level: str
    evidence: tuple[Mapping[str, Any], ...] = ()
    since: str | None = None

    @property
    def seen(self) -> str:
        """What it rests on, in sixteen digits: who sets it aside says what they have seen."""
        rests_on = repr((self.about, self.since, pieces(self.evidence)))
        return blake2b(rests_on.encode(errors="backslashreplace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What is to be done, the first thing first, and what people set aside, with their word."""

    open: list[Step] = field(default_factory=list)
    aside: list[tuple[Step, NextWord]] = field(default_factory=list)

    @property
    def first(self) -> Step | None:
        """What to do now."""
        return self.open[0] if self.open else None

    def word(self, about: str) -> NextWord | None:
        """What sets the thing to do of that name aside."""
        return next((word for step, word in self.aside if step.about == about), None)

    def named(self, about: str) -> Step | None:
        """The thing to do of that name, set aside or not."""
        every = [*self.open, *(step for step, _ in self.aside)]
        return next((step for step in every if step.about == about), None)


def next_steps(
    signals: Iterable[Mapping[str, Any]], risks: Iterable[Risk], words: Mapping[str, NextWord], today: str
) -> NextSteps:
    """Everything to do on a day (ISO): the signals by urgency, then what else may go wrong."""
    found = NextSteps()
    for step in (*of_signals(signals), *of_risks(risks)):
        word = word_on(step, words)
        if word is not None and word.holds(step.evidence, step.since, today):
            found.aside.append((step, word))
        else:
            found.open.append(step)
    return found


def word_on(step: Step, words: Mapping[str, NextWord]) -> NextWord | None:
    """What somebody said of a thing to do, of this partner or of one that was merged into it."""
    found = (each for each in words.values() if each.is_on(step.about, step.rule, step.evidence))
    return words.get(step.about) or next(found, None)


def of_signals(signals: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Open signals as things to do, the most urgent first."""
    return [
        Step(
            each["signal_id"], each["rule"], NEXT.get(each["rule"], "Look at this"), each["sentence"],
            each["level"], tuple(each["evidence"]), each["opened_at"],
        )
        for each in sorted(signals, key=urgency)
    ]  # fmt: skip


def of_risks(risks: Iterable[Risk]) -> list[Step]:
    """What no signal tells of, the gravest first."""
    return [
        Step(
            f"{each.kind}:{each.about}", each.kind, NEXT.get(each.kind, "Look at this"), each.sentence, each.level
        )
        for each in risks
        if each.about
    ]  # fmt: skip


def urgency(signal: Mapping[str, Any]) -> tuple[int, int]:
    """The order in which signals are acted on: by level, of equals what somebody waits for first."""
    rules: Sequence[str] = list(NEXT)
    rule = rules.index(signal["rule"]) if signal["rule"] in NEXT else len(rules)
    return LEVELS.index(signal["level"]) if signal["level"] in LEVELS else len(LEVELS), rule

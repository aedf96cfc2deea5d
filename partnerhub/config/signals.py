"""When a signal opens: every threshold with its default in one place, overridable under `signals:`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

RULES = "pipelines.signals.rules"
"""Where every file is a rule. Looked into, not imported: a configuration is read without the engine."""


def means(default: Any, meaning: str) -> Any:
    """A threshold with its default and what it means, which the documentation says, too."""
    return field(default=default, metadata={"means": meaning})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Days unless the name says otherwise; what each means stands beside its default."""

    stale_stage_days: int = means(60, "an open deal stands at one stage for so long while mail or work moves")
    stale_stage_recent_days: int = means(30, "and the last move is no older")
    stale_stage_near_days: int = means(
        90, "it needs attention when its closing day is so near, ahead or behind"
    )
    unanswered_days: int = means(5, "their mail waits for so long")
    unanswered_urgent_days: int = means(10, "and is urgent after so long when it asks for something")
    unanswered_until_days: int = means(60, "older mail is history")
    silence_days: int = means(90, "no touchpoint for so long, and for three times the usual gap")
    silence_rhythm_days: int = means(12, "on so many days of the year before there was one: a monthly rhythm")
    silence_span_days: int = means(90, "over so long at least, as one busy week is no rhythm")
    single_threaded_days: int = means(180, "touchpoints of so long are looked at")
    single_threaded_touchpoints: int = means(12, "of which there must be so many")
    single_threaded_handover_touchpoints: int = means(
        3, "so many suffice once our owner or that person has gone"
    )
    single_threaded_percent: int = means(90, "and one person is on so many of a hundred")
    overdue_days: int = means(0, "grace after the day it was due")
    overdue_until_days: int = means(90, "what has been due for longer is history")
    overdue_many: int = means(
        3, "so many overdue things of one partner need attention, fewer are good to know"
    )
    renewal_days: int = means(60, "a renewal or end lies so near")
    renewal_urgent_days: int = means(14, "and is urgent when so near")
    renewal_past_days: int = means(30, "a day that has passed counts for so long")
    promise_days: int = means(60, "a promise in a mail of ours is that old, and nothing is about it")
    promise_until_days: int = means(730, "older promises are history")
    left_days: int = means(120, "a farewell or a bounce counts for so long")
    tolerance_percent: int = means(2, "amounts that differ by no more agree")
    off: tuple[str, ...] = means((), "rules that are not run, by name")


def rule_names() -> tuple[str, ...]:
    """The rules there are: the files of their folder."""
    spec = find_spec(RULES)
    places = spec.submodule_search_locations or [] if spec else []
    return tuple(sorted(path.stem for place in places for path in Path(place).glob("[a-z]*.py")))


def read_signals(place: Place) -> Thresholds:
    """The thresholds of a configuration; what it leaves out keeps its default."""
    defaults = Thresholds()
    known = tuple(each.name for each in fields(Thresholds))
    said: dict[str, Any] = {}
    for name, entry in place.known_entries(known, "unanswered_days: 5").items():
        if name == "off":
            named = (each.one_of(rule_names(), "rule") for each in entry.elements())
            said[name] = tuple(sorted({rule for rule in named if rule}))
            continue
        usual = getattr(defaults, name)
        number = entry.whole_number(usual)
        if number is not None and number < 0:
            entry.note("This cannot be negative.", f"Write for example `{usual}`.")
        elif number is not None:
            said[name] = number
    return Thresholds(**said)

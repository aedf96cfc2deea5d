"""When a signal opens: every threshold with its default in one place, overridable under `signals:`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

RULES = "pipelines.signals.rules"
"""Where every file is a rule. Looked into, not imported: a configuration is read without the engine."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Days unless the name says otherwise.

    stale_stage_days: an open deal stands at one stage while mail or work moves.
    unanswered_days: their mail waits; unanswered_urgent_days: it is urgent; unanswered_until_days: older is history.
    silence_days: no touchpoint, at least three times the usual gap; silence_rhythm_days: how many days with a
        touchpoint in the year before make a rhythm; silence_span_days: over how long, as one busy week is none.
    single_threaded_days: what is looked at; single_threaded_touchpoints: how many there must be;
        single_threaded_percent: how many of them one person holds.
    overdue_days: grace before what is due counts as overdue; overdue_until_days: what has been due for longer is
        history.
    renewal_days: a renewal or end that near; renewal_urgent_days: or that near; renewal_past_days: how long a day
        that has passed still counts.
    left_days: how long a farewell or a bounce counts.
    tolerance_percent: amounts that differ by less agree.
    off: rules that are not run.
    """

    stale_stage_days: int = 60
    unanswered_days: int = 5
    unanswered_urgent_days: int = 10
    unanswered_until_days: int = 60
    silence_days: int = 60
    silence_rhythm_days: int = 6
    silence_span_days: int = 90
    single_threaded_days: int = 180
    single_threaded_touchpoints: int = 12
    single_threaded_percent: int = 90
    overdue_days: int = 0
    overdue_until_days: int = 180
    renewal_days: int = 60
    renewal_urgent_days: int = 14
    renewal_past_days: int = 30
    left_days: int = 120
    tolerance_percent: int = 2
    off: tuple[str, ...] = ()


def rule_names() -> tuple[str, ...]:
    """The rules there are: the files of their folder."""
    spec = find_spec(RULES)
    places = spec.submodule_search_locations or [] if spec else []
    return tuple(sorted(path.stem for place in places for path in Path(place).glob("[a-z]*.py")))


def read_signals(place: Place) -> Thresholds:
    """The thresholds of a configuration; what it leaves out keeps its default."""
    defaults = Thresholds()
    known = tuple(field.name for field in fields(Thresholds))
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

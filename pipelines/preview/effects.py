"""All that a change would do, read off the hub and a second warehouse in which it was tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pipelines.preview.fields import KINDS, ValueEffects, on_the_list, value_effects
from pipelines.preview.figures import Figure, figures
from pipelines.preview.standing import (
    ComingAndGoing,
    Move,
    list_effects,
    moves,
    quarantine_effects,
    question_effects,
    signal_effects,
    timeline_effects,
)

if TYPE_CHECKING:
    from warehouse.database import Connection

FINDINGS: Final = (
    "SELECT fingerprint, severity, source, stream, source_id, code, field, to_do, happened, count FROM sync_error"
    " WHERE stage = 'stage' AND state = 'open' ORDER BY fingerprint"
)


@dataclass(slots=True)
class Effects:
    """What would be other than it is.

    rules: keys that differ, in words. notes: what a reader must know. values: by kind. findings: what staging would
    newly complain of. seconds: by part. shown: examples kept of each sort.
    """

    rules: list[str]
    notes: list[str]
    shown: int
    values: dict[str, ValueEffects] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    sorts: list[ComingAndGoing] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether not one value, partner, signal, question or figure would be other than it is."""
        values = any(each.things or each.appear or each.vanish for each in self.values.values())
        sorts = any(each.come or each.go or each.differ for each in self.sorts)
        return not (values or sorts or self.moves or self.figures or self.findings)


def read_effects(live: Connection, made: Connection, effects: Effects) -> None:
    """Fill in what differs. Both connections stand inside a `snapshot`."""
    partners, most = on_the_list(live), effects.shown
    effects.values = {kind: value_effects(live, made, kind, partners, most) for kind in KINDS}
    effects.moves = moves(live, made)
    effects.sorts = [
        list_effects(live, made, most),
        signal_effects(live, made, most),
        question_effects(live, made, most),
        quarantine_effects(live, made, most),
        timeline_effects(live, made),
    ]
    effects.figures = figures(live, made)
    known = {row["fingerprint"] for row in live.records(FINDINGS)}
    effects.findings = [row for row in made.records(FINDINGS) if row["fingerprint"] not in known]

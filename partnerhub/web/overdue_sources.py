"""Which sources of a partner are older than their freshness goal: since when, and who must act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnerhub.web.partner_words import Chip
    from warehouse.queries.health import Health

WHO: Final = {
    "person": "a person must act",
    "hub": "the hub goes on by itself",
    "nobody": "a person paused it",
}


@dataclass(frozen=True, slots=True)
class Overdue:
    """One source that did not come through when it should have. since: its last complete reading, UTC text.

    who: who must act, in words. why, to_do: what keeps it, and what ends that.
    """

    source: str
    title: str
    since: str | None
    who: str
    why: str
    to_do: str


def overdue_sources(chips: Sequence[Chip], streams: Sequence[Health]) -> list[Overdue]:
    """Those of a partner's sources of which a stream is late, the one that waits longest first.

    The goal is the source's schedule: two of its intervals and a grace (`partnerhub status`). What has no schedule, or
    is paused, is not late.
    """
    found = []
    for chip in chips:
        late = [each for each in streams if each.source == chip.face.source and each.is_late]
        if late:
            worst = min(late, key=lambda each: (each.who != "person", each.last_success_at or ""))
            times = [each.last_success_at for each in late]
            since = None if None in times else min(at for at in times if at)
            who = WHO.get(worst.who, "")
            found.append(Overdue(chip.face.source, chip.face.title, since, who, worst.happened, worst.to_do))
    return sorted(found, key=lambda each: each.since or "")

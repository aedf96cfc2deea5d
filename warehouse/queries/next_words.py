"""What people said of a partner's next actions: done, or not before a day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

DONE, SNOOZED = "done", "snoozed"
PIECE: Final = ("record", "fact_id", "at", "place")
WORDS: Final = (
    "SELECT number, about, evidence_json, opened_at, word, until_on, reason, actor, said_at FROM next_word"
    " WHERE organization_id = ? AND {stands} ORDER BY number DESC"
)


@dataclass(frozen=True, slots=True)
class NextWord:
    """One word on one thing to do. until_on: the day on which a snoozed one is back. Times are UTC text."""

    number: int
    about: str
    evidence: tuple[Mapping[str, Any], ...]
    opened_at: str | None
    word: str
    until_on: str | None
    reason: str | None
    actor: str
    said_at: str

    def holds(self, evidence: Sequence[Mapping[str, Any]], opened_at: str | None, today: str) -> bool:
        """Whether it still counts on a day (ISO), for what rests on this evidence."""
        if self.until_on is not None and self.until_on <= today:
            return False
        return self.evidence == pieces(evidence) and self.opened_at == opened_at


def next_words(
    viewer: Viewer, connection: Connection, organization_id: str, moment: str | None = None
) -> dict[str, NextWord]:
    """What each word is about → the word that stands; moment: those that stood then (UTC text)."""
    then = (moment, moment) if moment else ()
    stands = "said_at <= ? AND (ended_at IS NULL OR ended_at > ?)" if moment else "ended_at IS NULL"
    rows = connection.query(WORDS.format(stands=stands), (viewer.only(organization_id), *then))
    found = [
        NextWord(number, about, pieces(json.loads(written)), *rest) for number, about, written, *rest in rows
    ]
    return {each.about: each for each in reversed(found)}


def pieces(evidence: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What a thing to do rests on, without its words: whoever looks, it is the same."""
    said = [{name: each.get(name) or None for name in PIECE} for each in evidence]
    return tuple(sorted(said, key=lambda each: json.dumps(each, sort_keys=True)))

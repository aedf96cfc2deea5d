"""What people said of a partner's next actions: done, or not before a day. It follows the partner through a merge."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

DONE, SNOOZED = "done", "snoozed"
PIECE: Final = ("record", "fact_id", "at", "place")
WORDS: Final = (
    "SELECT number, about, evidence_json, opened_at, word, until_on, reason, actor, said_at, rule FROM next_word"
    " WHERE organization_id = ? AND {stands} ORDER BY number DESC"
)
MERGED_INTO: Final = "SELECT from_id FROM redirect WHERE to_id = ? AND {stands} ORDER BY from_id"


@dataclass(frozen=True, slots=True)
class NextWord:
    """One word on one thing to do. until_on: the day on which a snoozed one is back. Times are UTC text.

    followed: it was said of an organization that was merged into this one.
    """

    number: int
    about: str
    evidence: tuple[Mapping[str, Any], ...]
    opened_at: str | None
    word: str
    until_on: str | None
    reason: str | None
    actor: str
    said_at: str
    rule: str
    followed: bool = False

    def is_on(self, about: str, rule: str, evidence: Sequence[Mapping[str, Any]]) -> bool:
        """Whether it is on this thing to do; one that followed knows it by what it rests on: signals are named anew."""
        if self.about == about:
            return True
        return self.followed and self.rule == rule and bool(evidence) and self.evidence == pieces(evidence)

    def holds(self, evidence: Sequence[Mapping[str, Any]], opened_at: str | None, today: str) -> bool:
        """Whether it still counts on a day (ISO), for what rests on this evidence."""
        if self.until_on is not None and self.until_on <= today:
            return False
        return self.evidence == pieces(evidence) and (self.followed or self.opened_at == opened_at)


def next_words(
    viewer: Viewer, connection: Connection, organization_id: str, moment: str | None = None
) -> dict[str, NextWord]:
    """What each word is about → the word that stands; moment: those that stood then (UTC text).

    Words on organizations that were merged into this one follow it, behind its own, and go back with them in a split.
    """
    viewer.only(organization_id)
    then = (moment, moment) if moment else ()
    stands = "said_at <= ? AND (ended_at IS NULL OR ended_at > ?)" if moment else "ended_at IS NULL"
    found: list[NextWord] = []
    for each in (organization_id, *merged_into(connection, organization_id, moment)):
        rows = connection.query(WORDS.format(stands=stands), (each, *then))
        followed = each != organization_id
        found += [
            replace(NextWord(number, about, pieces(json.loads(written)), *rest), followed=followed)
            for number, about, written, *rest in rows
        ]
    return {each.about: each for each in reversed(found)}


def merged_into(connection: Connection, organization_id: str, moment: str | None = None) -> list[str]:
    """The ids that lead to an organization, over others too; moment: those that did then."""
    then = (moment, moment) if moment else ()
    stands = "started_at <= ? AND (ended_at IS NULL OR ended_at > ?)" if moment else "ended_at IS NULL"
    found, waiting = list[str](), [organization_id]
    while waiting:
        rows = connection.query(MERGED_INTO.format(stands=stands), (waiting.pop(), *then))
        news = [str(row[0]) for row in rows if row[0] not in found and row[0] != organization_id]
        found += news
        waiting += news
    return found


def pieces(evidence: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What a thing to do rests on, without its words: whoever looks, it is the same."""
    said = [{name: each.get(name) or None for name in PIECE} for each in evidence]
    return tuple(sorted(said, key=lambda each: json.dumps(each, sort_keys=True)))

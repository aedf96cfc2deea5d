"""Where a reader of changes stands: one opaque word, with the feed and the kinds it belongs to."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

from warehouse.changes.kinds import KINDS
from warehouse.errors import WarehouseError

VERSION: Final = 1
STREAMS: Final = ("identity", "partner", "deal")
BIGGEST: Final = 2**62
"""A position beyond which no database counts."""


class BadCursor(WarehouseError):
    """A cursor that this hub never gave, or gave for something else."""


class ExpiredCursor(WarehouseError):
    """A cursor of a history that is not there any more: what happened since cannot be told."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was read so far: the last position of each stream. kinds: what tells the kinds asked for from others."""

    feed: str
    kinds: str
    identity: int = 0
    partner: int = 0
    deal: int = 0

    def encoded(self) -> str:
        """As a word that needs no escaping in an address."""
        said = [VERSION, self.feed, self.kinds, self.identity, self.partner, self.deal]
        return base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode().rstrip("=")


def decoded(word: str) -> Cursor:
    """The cursor of a word. Raises BadCursor."""
    try:
        said = json.loads(base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        said = None
    if not is_whole(said):
        raise BadCursor(
            "This is not a cursor of this feed.",
            "Send `next` of the answer before as it came, nothing to begin from the beginning, or `now`.",
        )
    return Cursor(*said[1:])


def rebound(word: str, *, feed: str | None = None, kinds: frozenset[str] | None = None) -> str:
    """The same positions for other kinds, or in the history that took the place of theirs. Raises BadCursor."""
    found = decoded(word)
    return replace(
        found,
        feed=found.feed if feed is None else feed,
        kinds=found.kinds if kinds is None else mark_of(kinds),
    ).encoded()


def is_whole(said: Any) -> bool:
    """Whether what stood in a word is a cursor of this version."""
    if not isinstance(said, list) or len(said) != len(("version", "feed", "kinds")) + len(STREAMS):
        return False
    positions = said[3:]
    return (
        said[0] == VERSION
        and all(isinstance(each, str) for each in said[1:3])
        and all(type(each) is int and 0 <= each <= BIGGEST for each in positions)
    )


def mark_of(kinds: frozenset[str]) -> str:
    """What tells these kinds from others: empty for all."""
    if kinds == frozenset(KINDS):
        return ""
    return blake2b("\n".join(sorted(kinds)).encode(), digest_size=6).hexdigest()

"""The feed of changes: three histories that are only added to, read on from a cursor and told as one, in order of time.

Identity comes from `identity_event`, partners from `change_log`, deals from `deal_version`. Each counts up without a
gap in the order of commits (`turn`), so whoever has read to a position has missed nothing before it. Values are read
from the history when they are told: what was redacted since is told without them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.changes.cursor import STREAMS, BadCursor, Cursor, ExpiredCursor, decoded, mark_of
from warehouse.changes.kinds import GROUPS, KINDS, wanted_kinds
from warehouse.changes.reading import READ, Change, partners_of_deals
from warehouse.hub_state import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

FEED: Final = "changes"
"""Under which name the warehouse remembers which history this is: a restored backup is another one."""
NOW: Final = "now"
MOST: Final = 1_000
"""Changes of one answer."""
LOOKED_AT: Final = 2_000
"""Rows of each history that one answer is looked for in: few of a kind take several answers, none takes long."""
HEADS: Final = """
SELECT (SELECT coalesce(max(event_id), 0) FROM identity_event), (SELECT coalesce(max(change_id), 0) FROM change_log),
(SELECT coalesce(max(version_id), 0) FROM deal_version), (SELECT coalesce(min(event_id), 1) FROM identity_event),
(SELECT coalesce(min(change_id), 1) FROM change_log), (SELECT coalesce(min(version_id), 1) FROM deal_version)
"""
"""One statement, so one moment: what is committed later comes with a later answer, whole."""
EXPIRED: Final = (
    "Ask for `cursor=now` and keep its `next`, take a full export (`partnerhub export DIR`),"
    " then go on from that `next`."
)


class Heads(NamedTuple):
    """The last position of each history, and the first that is still kept."""

    last: Mapping[str, int]
    first: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes, oldest first. next: the cursor that goes on behind them. more: whether there are some by now."""

    changes: list[Change]
    next: str
    more: bool

    def told(self, *, values: bool = True) -> dict[str, Any]:
        """As data."""
        return {
            "changes": [told(each, values=values) for each in self.changes],
            "next": self.next,
            "more": self.more,
        }


def told(change: Change, *, values: bool = True) -> dict[str, Any]:
    """A change as data, in one shape for every kind. values: whether with what a field held and holds."""
    said = {name: value for name, value in asdict(change).items() if name not in {"position", "stream"}}
    said["partner_ids"] = list(change.partner_ids)
    return said if values else {name: said[name] for name in said if name not in {"before", "after"}}


def read_changes(
    viewer: Viewer, connection: Connection, cursor: str = "", limit: int = 100, kinds: Iterable[str] = ()
) -> Page:
    """What was published behind a cursor, as far as a viewer may know of it: at least once, never with a gap.

    cursor: `next` of the page before; empty for the beginning of history; `now` for its end. kinds: words of KINDS and
    GROUPS; a cursor goes on with those it began with. Raises UnknownKind, BadCursor, ExpiredCursor.
    """
    wanted = wanted_kinds(kinds)
    heads = read_heads(connection)
    start = standing_at(connection, cursor, heads, mark_of(wanted))
    if cursor == NOW:
        return Page([], start.encoded(), more=False)
    positions = {name: getattr(start, name) for name in STREAMS}
    picky = len(wanted) < len(KINDS) or viewer.organizations is not None
    rows = LOOKED_AT if picky else min(limit + 1, LOOKED_AT)
    found = {}
    for name in STREAMS:
        history, head = READ[name], heads.last[name]
        if not wanted & GROUPS[name]:
            positions[name] = head
            continue
        last = history.last_of(positions[name], rows, head)
        listed = history.read(viewer, connection, positions[name], last)
        found[name] = ([each for each in listed if each.kind in wanted], last, last < head)
    changes = merged(found, positions, limit)
    goes_on = replace(start, **positions)
    more = any(positions[name] < heads.last[name] for name in STREAMS)
    told = [replace(each, id=f"{start.feed[:8]}-{each.id}") for each in changes]
    return Page(partners_of_deals(viewer, connection, told), goes_on.encoded(), more)


def merged(
    found: Mapping[str, tuple[list[Change], int, bool]], positions: dict[str, int], limit: int
) -> list[Change]:
    """The first changes of all histories by time; moves the positions behind them.

    A history of which more is to come than was looked at holds up the others, lest they run ahead of it.
    """
    waiting = {name: iter(listed) for name, (listed, _, _) in found.items()}
    heads: dict[str, Change | None] = {name: next(each, None) for name, each in waiting.items()}
    made: list[Change] = []
    while len(made) < limit:
        if any(head is None and found[name][2] for name, head in heads.items()):
            break
        ready = [(head.at, STREAMS.index(name), head) for name, head in heads.items() if head]
        if not ready:
            break
        _, _, chosen = min(ready)  # no two have the same number
        name = chosen.stream
        made.append(chosen)
        positions[name] = chosen.position
        heads[name] = next(waiting[name], None)
    for name, (_, last, _) in found.items():
        if heads[name] is None:
            positions[name] = max(positions[name], last)
    return made


def read_heads(connection: Connection) -> Heads:
    """Where the histories begin and end at this moment."""
    row = connection.one(HEADS) or (0, 0, 0, 1, 1, 1)
    last, first = ([int(each) for each in part] for part in (row[:3], row[3:]))
    return Heads(
        {name: READ[name].end_of(each) for name, each in zip(STREAMS, last, strict=True)},
        {name: READ[name].end_of(each - 1) for name, each in zip(STREAMS, first, strict=True)},
    )


def standing_at(connection: Connection, cursor: str, heads: Heads, kinds: str) -> Cursor:
    """The cursor somebody sent, once it is one of this history. Raises BadCursor, ExpiredCursor."""
    feed = remembered(connection, FEED) or ""
    if cursor == NOW:
        return Cursor(feed, kinds, **heads.last)
    if not cursor:
        return Cursor(feed, kinds, **heads.first)
    found = decoded(cursor)
    if found.kinds != kinds:
        raise BadCursor(
            "This cursor was given for other kinds.",
            "Send the `kinds` it was given for, or begin anew with these.",
        )
    behind = any(getattr(found, name) < heads.first[name] for name in STREAMS)
    ahead = any(getattr(found, name) > heads.last[name] for name in STREAMS)
    if found.feed != feed or behind or ahead:
        why = "is not kept any more" if behind else "is of another history: a backup was restored"
        raise ExpiredCursor(f"What happened since this cursor {why}.", EXPIRED)
    return found


def begin_anew(connection: Connection, feed: str) -> None:
    """From now on this is another history: positions may be given a second time. Expects a transaction.

    feed: any word that no history had before.
    """
    remember(connection, FEED, feed)

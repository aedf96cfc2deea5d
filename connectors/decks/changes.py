"""Which files have to be read: those that changed, and those whose copies came or went. Pure.

A deck's identity is its content, so the cursor keeps the content's mark beside each path: a file that was merely
renamed is the same deck, and one that was overwritten is another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from connectors.decks.folder import Listed
from connectors.record import CursorState

UNREAD: Final = "path:"
"""How the identity of a file begins whose content is not known: too large to fetch, or locked."""
AGAIN: Final = ""
"""The stamp of a file that is to be tried again next time."""
GONE_SHARE: Final = 0.05
GONE_COUNT: Final = 50
"""Files missing beyond both at once are left to a full reading, over which the hub's guard watches."""

Unit: TypeAlias = tuple[Listed, ...]
"""Files of one content, at least one: one deck."""


class Known(NamedTuple):
    """A file as it was when it was last read."""

    size: int
    stamp: str
    identity: str


@dataclass(slots=True)
class State:
    """What is known of the folder: its files by path, and the decks that are gone but not yet reported so."""

    files: dict[str, Known] = field(default_factory=dict)
    leaving: set[str] = field(default_factory=set)

    def identities(self) -> set[str]:
        """Every deck the hub may hold."""
        return self.leaving | {file.identity for file in self.files.values()}

    def as_cursor(self, reading: str) -> CursorState:
        """As plain JSON. `reading` marks how files are read."""
        files = {path: list(file) for path, file in sorted(self.files.items())}
        return {"reading": reading, "files": files, "leaving": sorted(self.leaving)}


def state_from(cursor: CursorState | None) -> State:
    """What a cursor knows."""
    if cursor is None:
        return State()
    files = {path: Known(*facts) for path, facts in cursor.get("files", {}).items()}
    return State(files, set(cursor.get("leaving", ())))


def kept_below(locked: Iterable[str], state: State) -> list[Listed]:
    """The files known to lie in folders that may not be listed now, as they were."""
    below = tuple(f"{path}/" for path in locked)
    return [
        Listed(path, file.size, file.stamp, None)
        for path, file in state.files.items()
        if below and path.startswith(below)
    ]


def is_unchanged(state: State, listed: Iterable[Listed]) -> bool:
    """Whether the folder is as it was, and everything about it has been reported."""
    now = {file.path: (file.size, file.stamp) for file in listed}
    return not state.leaving and now == {path: file[:2] for path, file in state.files.items()}


def too_many_gone(state: State, listed: Iterable[Listed]) -> bool:
    """Whether so many files are missing that it may be an accident: a folder that is not mounted, a wrong address."""
    now = {file.path for file in listed}
    known = [path for path in state.files if not path.startswith(UNREAD)]
    gone = sum(path not in now for path in known) + len(state.leaving)
    return gone > GONE_COUNT and gone > GONE_SHARE * (len(known) + len(state.leaving))


def find_changes(
    listed: Iterable[Listed], state: State, digest: Callable[[Listed], str]
) -> tuple[list[Unit], State]:
    """The decks to read, in the order of their paths, and what stays as it is known.

    `digest` is asked only about changed files that may be copies of others, because they have the size of another.
    """
    files = list(listed)
    sizes = Counter(file.size for file in files)
    groups: dict[str, list[Listed]] = {}
    fresh: set[str] = set()
    for file in files:
        known = state.files.get(file.path)
        if known is not None and known[:2] == (file.size, file.stamp):
            identity = known.identity
        else:
            fresh.add(file.path)
            identity = digest(file) if sizes[file.size] > 1 else UNREAD + file.path
        groups.setdefault(identity, []).append(file)
    before = _paths_by_identity(state)
    units, kept = [], State()
    for identity, together in groups.items():
        paths = {file.path for file in together}
        if paths & fresh or paths != before.get(identity):
            units.append(tuple(together))
        else:
            kept.files |= {path: state.files[path] for path in paths}
    return units, kept


def _paths_by_identity(state: State) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, file in state.files.items():
        found.setdefault(file.identity, set()).add(path)
    return found

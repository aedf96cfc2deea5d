"""From files to records: fetch, read in children, and note what the cursor may know once the page is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from connectors.decks.changes import AGAIN, UNREAD, Known, State, Unit, find_changes
from connectors.decks.folder import Folder, Listed, Locked, Missing
from connectors.decks.records import UNREADABLE, deck_record, partner_in, unread_record
from connectors.pptx_reader import DeckReaders, ReadDeck, Reason
from connectors.record import Op, SourceRecord

LOCKED: Final = UNREADABLE
TOO_LARGE: Final = Reason.TOO_LARGE.value


class Outcome(NamedTuple):
    """What became of one deck. record: None when it went away meanwhile; known: its files for the cursor."""

    record: SourceRecord | None
    known: dict[str, Known]


class Fetched(NamedTuple):
    """The bytes of a deck, or why there are none (`unreadable_file`, `too_large`, or nothing when it is gone)."""

    unit: Unit
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How one folder is read. Sizes in bytes."""

    folder: Folder
    readers: DeckReaders
    path_rule: str | None
    max_file_bytes: int
    max_kept_bytes: int

    def changes(self, listed: list[Listed], before: State) -> tuple[list[Unit], State]:
        """What has to be read."""
        return find_changes(listed, before, self._digest)

    def outcomes(self, units: list[Unit], before: State) -> Iterator[Outcome]:
        """Every deck in order; a file that cannot be read costs no other."""
        for fetched, content, read in self.readers.read_many(self._fetch_all(units)):
            if content is None or read is None:
                yield self._not_fetched(fetched, before)
            else:
                yield self._read(fetched.unit, content, read)

    def _fetch_all(self, units: list[Unit]) -> Iterator[tuple[Fetched, bytes | None]]:
        for unit in units:
            yield self._fetch(unit)

    def _fetch(self, unit: Unit) -> tuple[Fetched, bytes | None]:
        """The bytes of the first copy that is still there and may be read."""
        if unit[0].size > self.max_file_bytes:
            return Fetched(unit, TOO_LARGE), None
        reason: str | None = None
        left = list(unit)
        for file in unit:
            try:
                return Fetched(tuple(left)), self.folder.fetch(file)
            except Missing:
                left.remove(file)
            except Locked:
                reason = LOCKED
        return Fetched(tuple(left), reason), None

    def _read(self, unit: Unit, content: bytes, read: ReadDeck) -> Outcome:
        sha256 = hashlib.sha256(content).hexdigest()
        kept = len(content) <= self.max_kept_bytes
        record = deck_record(unit, sha256, content, read, partner=self._partner(unit), kept=kept)
        # A slow machine is no property of the file: what took too long or died is tried again at the next sync.
        again = read.refused in {Reason.TOO_SLOW, Reason.READER_CRASHED}
        known = {file.path: Known(file.size, AGAIN if again else file.stamp, sha256) for file in unit}
        return Outcome(record, known)

    def _not_fetched(self, fetched: Fetched, before: State) -> Outcome:
        """A file that stays where it is: known by its path. What the hub has of a locked one stays valid."""
        if not fetched.unit or fetched.reason is None:
            return Outcome(None, {})
        file = fetched.unit[0]
        record = unread_record(file, fetched.reason, self._partner(fetched.unit))
        if fetched.reason == TOO_LARGE:
            return Outcome(record, {file.path: Known(file.size, file.stamp, record.source_id)})
        known = {record.source_id: Known(0, AGAIN, record.source_id)}
        for each in fetched.unit:
            if each.path in before.files:
                known[each.path] = before.files[each.path]._replace(stamp=AGAIN)
        return Outcome(record, known)

    def _partner(self, unit: Unit) -> str | None:
        return partner_in((file.path for file in unit), self.path_rule)

    def _digest(self, file: Listed) -> str:
        """The identity of a file that may be a copy; its path where its content cannot be had."""
        if file.size > self.max_file_bytes:
            return UNREAD + file.path
        try:
            return hashlib.sha256(self.folder.fetch(file)).hexdigest()
        except (Missing, Locked):
            return UNREAD + file.path


def gone_records(before: State, after: State) -> list[SourceRecord]:
    """The decks that no file holds any more."""
    gone = before.identities() - {file.identity for file in after.files.values()}
    return [SourceRecord(identity, None, op=Op.NOT_VISIBLE) for identity in sorted(gone)]

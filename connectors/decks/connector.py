"""The deck connector: settings, and the reading of a folder in pages of decks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from connectors.decks.changes import AGAIN, Known, State, is_unchanged, kept_below, state_from, too_many_gone
from connectors.decks.folder import Folder, Listed, Locked, Missing, check_url
from connectors.decks.reading import Reading, gone_records
from connectors.decks.records import UNREADABLE, unlisted_record
from connectors.errors import SyncError
from connectors.pptx_reader import MEGABYTE, READER_VERSION, DeckReaders, Limits
from connectors.record import CheckResult, Connector, CursorState, Page, SourceRecord, Stream
from connectors.transport import Patience

STREAM: Final = "decks"
RECORD_VERSION: Final = 2
"""Raised whenever the same deck makes another record than before."""
PAGE_BYTES: Final = 8 * MEGABYTE
"""A page ends early when its decks weigh this much: pages wait in memory to be stored."""

Option = bool | int | float | SecretStr


class DecksConnector(Connector):
    """Slide decks below one folder, as one stream of documents with their passages."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_DECKS_")

    name: ClassVar[str] = "decks"
    title: ClassVar[str] = "Slide decks"
    usual_priority: ClassVar[int] = -10

    url: str = Field(
        min_length=1,
        description="the folder: file:///srv/decks, s3://bucket/decks, any address fsspec reads; one file or `*` too",
    )
    options: dict[str, Option] = Field(
        default={}, description="what the store's driver wants, such as key and secret"
    )
    path_rule: str | None = Field(
        default=None, description="where a path names the partner: `{partner}`, or `reviews/*/{partner}`"
    )
    max_file_bytes: int = Field(
        default=100 * MEGABYTE, ge=1, description="larger files stay where they are, and are reported"
    )
    max_kept_bytes: int = Field(
        default=25 * MEGABYTE,
        ge=0,
        description="larger decks are read, but their bytes are not kept in the hub",
    )
    seconds_per_file: float = Field(default=30.0, gt=0, description="longest time to read one deck")
    children: int = Field(
        default=0, ge=0, description="decks read at once; 0 for as many as there are processors"
    )
    page_size: int = Field(default=25, ge=1, le=1_000, description="decks stored in one transaction")
    tries: int = Field(
        default=5, ge=1, description="how often a request to the store is made before giving up"
    )
    first_wait_seconds: float = Field(default=1.0, ge=0, description="wait before the second try; doubles")

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        check_url(url)
        return url

    @field_validator("path_rule")
    @classmethod
    def _names_the_partner(cls, rule: str | None) -> str | None:
        if rule is not None and rule.count("{partner}") != 1:
            raise ValueError("a path rule says `{partner}` once")
        return rule

    def streams(self) -> tuple[Stream, ...]:
        """One stream. A file's time is no version: the content alone says which deck it is."""
        return (
            Stream(
                name=STREAM,
                mode="incremental",
                primary_key="sha256",
                volatile=("modified",),
                one_maker=False,
                deletes="absence",
            ),
        )

    def check(self) -> CheckResult:
        """Prove that the folder can be listed and a file of it read. Writes nothing.

        `missing_scopes` names each folder below that may not be listed, and a file that may not be read.
        """
        with self._places_in_errors():
            folder = self._folder()
            found = folder.list()
            missing = [f"list the folder {path}" for path in folder.locked]
            if found:
                smallest = min(found, key=lambda file: file.size)
                try:
                    folder.fetch(smallest)
                except Locked:
                    missing.append(f"read files, such as {smallest.path}")
                except Missing:
                    pass
        return CheckResult(folder.account, {"decks": str(len(found))}, tuple(missing))

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Decks that changed since `cursor`, or all of them; decks that are gone come last. No page without news.

        Every page carries a cursor that knows the files read so far. Raises `FixSetup` for a folder that is not there,
        `SkipStream` for one that may not be read, `RetryLater` for a store that does not answer.
        """
        with self._places_in_errors(stream):
            folder = self._folder()
            listed = folder.list()
            before = state_from(cursor)
            kept = kept_below(folder.locked, before)
            if cursor is not None and not full:
                full = cursor.get("reading") != self._mark() or too_many_gone(before, [*listed, *kept])
                if not full and not folder.locked and is_unchanged(before, listed):
                    return
            listed = listed if full else sorted([*listed, *kept])
            with DeckReaders(self._limits(), self.children or None) as readers:
                reading = Reading(folder, readers, self.path_rule, self.max_file_bytes, self.max_kept_bytes)
                yield from self._pages(reading, listed, before, full=full)

    def _pages(self, reading: Reading, listed: list[Listed], before: State, *, full: bool) -> Iterator[Page]:
        if full:  # nothing counts as read; what the hub holds is kept in mind until the reading is complete
            before = State(leaving=before.identities())
        units, reached = reading.changes(listed, before)
        locked = reading.folder.locked
        records: list[SourceRecord] = [unlisted_record(path) for path in locked]
        reached.files |= {each.source_id: Known(0, AGAIN, each.source_id) for each in records}
        proven = full and not locked
        weight = 0
        for record, known in reading.outcomes(units, before):
            if records and (len(records) >= self.page_size or weight >= PAGE_BYTES):
                reached.leaving = before.identities() - reached.identities()
                yield self._page(records, reached, full=full)
                records, weight, reached = [], 0, State(dict(reached.files))
            reached.files |= known
            if record is not None:
                proven = proven and record.malformed != UNREADABLE
                records.append(record)
                weight += sum(len(blob.content) for blob in record.blobs)
        # A full reading is compared with what it holds by the hub itself, under its guard against mass deletions. One
        # that was kept out of a folder or a file proves nothing gone.
        gone = [] if full else gone_records(before, reached)
        yield self._page([*records, *gone], reached, full=proven, last=True)

    def _page(self, records: list[SourceRecord], state: State, *, full: bool, last: bool = False) -> Page:
        cursor = state.as_cursor(self._mark())
        return Page(STREAM, records, cursor, "full" if full else "incremental", last=last)

    def _folder(self) -> Folder:
        plain = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in self.options.items()
        }
        patience = Patience(tries=self.tries, first_wait=self.first_wait_seconds)
        return Folder(self.url, plain, patience)

    def _limits(self) -> Limits:
        return Limits(file_bytes=self.max_file_bytes, seconds=self.seconds_per_file)

    def _mark(self) -> str:
        """Stands for everything that decides what a file's record looks like; another mark means reading all again."""
        facts = (READER_VERSION, RECORD_VERSION, self.path_rule, self.max_file_bytes, self.max_kept_bytes)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    @contextmanager
    def _places_in_errors(self, stream: str = "") -> Iterator[None]:
        """Say in every error which source and stream it is about."""
        try:
            yield
        except SyncError as error:
            raise error.at(source=self.source, stream=stream) from error.__cause__

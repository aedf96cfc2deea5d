"""What a connector yields: source records in pages, and how a stream declares itself.

Everything here is plain data. A page is the unit of commit: its records, its cursor and its counts are stored in one
transaction, so a cursor may only name a position that is safe once that page is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

JsonObject: TypeAlias = dict[str, Any]
CursorState: TypeAlias = dict[str, Any]


LEFT_BY_POLICY = "left_by_policy"
LEFT_AT_SOURCE = frozenset({LEFT_BY_POLICY, "not_read", "too_large", "unfetchable"})
"""States of a record whose content did not come along this time. None of them ever replaces content that did."""


class Op(StrEnum):
    """What a source says happened to a record. Deletion, merge and lost visibility are three different things."""

    UPSERT = "upsert"
    DELETE = "delete"
    MERGE = "merge"
    RESTORE = "restore"
    NOT_VISIBLE = "not_visible"


class Blob(NamedTuple):
    """Bytes that belong to a record (an attachment); stored once per sha256."""

    sha256: str
    media_type: str
    content: bytes


class Remedy(NamedTuple):
    """Why a record that arrived cannot be read, in two sentences: for the person who can mend it, for the engineer."""

    do: str
    happened: str


class SourceRecord(NamedTuple):
    """One record as the vendor sent it.

    source_id: the vendor's immutable id as text, never lower-cased. When a malformed item has none, leave it empty: the
        engine keys it by its content, so that nothing that arrived is lost.
    payload: the vendor's JSON object, untouched; None only for a delete or merge that carries no body.
    version: when the source last changed the record, as UTC text `YYYY-MM-DDTHH:MM:SS.ffffffZ`, or None when the
        source has no such stamp. An older version never overwrites a newer one.
    winner_id: with `Op.MERGE`, the record this one was merged into.
    malformed: a stable reason code when the item cannot be read as a record; it lands quarantined under that code.
    remedy: beside `malformed`, what is known of this reason; without it the general advice stands in.
    """

    source_id: str
    payload: JsonObject | None
    version: str | None = None
    op: Op = Op.UPSERT
    winner_id: str | None = None
    malformed: str | None = None
    blobs: tuple[Blob, ...] = ()
    remedy: Remedy | None = None


class Page(NamedTuple):
    """One page of one stream, in the order the source gave it. The unit of commit.

    cursor: what to resume from once this page is stored; JSON-plain; None leaves the stored cursor as it is.
    reading: `full` pages list everything there is; a `full` reading that began in this session and reached a page with
        `last=True` proves that records it did not list are gone (subject to the mass-deletion guard).
    in_source: how many records the source itself says the stream holds, where it can say.
    """

    stream: str
    records: list[SourceRecord]
    cursor: CursorState | None = None
    reading: Literal["incremental", "full"] = "incremental"
    last: bool = False
    in_source: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """What one stream is and can do. Declared as facts at the top of a connector.

    precision: the granularity of the cursor field in the vendor's API; lower bounds are floored to it.
    overlap: how far an incremental read looks back behind its cursor, because rows appear late.
    volatile: payload paths (`properties.hs_views`) left out of the content hash: counters, signed URLs.
    content_state: the payload field that says whether the record's content came along; one of `LEFT_AT_SOURCE` where it
        did not. A record without its content never replaces the same record with it.
    one_maker: whether one program makes all of its records, so that many unreadable ones at once mean that its format
        changed; not so where every record is a file or mail of another maker.
    counts_copies: whether the source's own count may count a record twice: a mail that lies in two folders. More there
        than here is no gap then; a comparison lists them.
    deletes: how a deletion shows: `event` (the source says so), `absence` (missing from a completed full read) or
        `never`.
    """

    name: str
    mode: Literal["incremental", "full"]
    primary_key: str = "id"
    cursor_field: str | None = None
    precision: timedelta = timedelta(milliseconds=1)
    overlap: timedelta = timedelta(0)
    volatile: tuple[str, ...] = ()
    content_state: str | None = None
    one_maker: bool = True
    counts_copies: bool = False
    deletes: Literal["event", "absence", "never"] = "event"
    merges: bool = False
    can: frozenset[str] = frozenset({"read"})


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What `check()` proved. `account` is the identity of the account behind the credentials (portal id, mailbox)."""

    account: str
    details: dict[str, str] = field(default_factory=dict)
    missing_scopes: tuple[str, ...] = ()


class Credential(NamedTuple):
    """What a source signs in with. setting: where it stands. ends_at: UTC text. lasts: it never ends by itself.

    Neither an end nor lasting: nobody has told, and the vendor does not say.
    """

    setting: str
    ends_at: str | None = None
    lasts: bool = False


class Quota(NamedTuple):
    """How many requests a vendor allows an account within so many seconds; `source` says where that is written."""

    name: str
    requests: int
    seconds: float
    source: str


class Connector(BaseSettings):
    """One configured source system. Subclasses declare settings as typed fields and facts as class variables.

    Settings come from `partnerhub.yaml` (already resolved from `${ENV}` and `${FILE:…}`), else from environment
    variables `PARTNERHUB_<CONNECTOR>_<FIELD>`. Secrets are `SecretStr`. Building one opens no connection.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_UNSET_")

    name: ClassVar[str]
    """The connector's name, equal to its module's name."""
    title: ClassVar[str]
    """What people call the system: `HubSpot`."""
    usual_priority: ClassVar[int] = 0
    """Its rank when sources disagree, where `priority` in partnerhub.yaml says nothing; the higher one wins."""

    quotas: ClassVar[tuple[Quota, ...]] = ()
    """What the vendor allows an account, where it publishes that; its smallest plan."""

    pace: ClassVar[tuple[str, float]] = ("requests_per_second", 1.0)
    """The setting that bounds how fast it asks, and within how many seconds so many requests are sent."""

    source: str = Field(default="", description="the source's name in partnerhub.yaml; set by the hub")

    def streams(self) -> tuple[Stream, ...]:
        """The streams this source offers, in the order they are pulled (referenced records first)."""
        raise NotImplementedError

    def check(self) -> CheckResult:
        """Prove credentials, scopes and reachability; raise `FixSetup` or `RetryLater` otherwise. Writes nothing."""
        raise NotImplementedError

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Yield pages of a stream from `cursor` on, inclusively and with the declared overlap.

        `full=True` lists everything regardless of the cursor (deletions by absence are derived from it). Safe to call
        again from any cursor a page carried. Raises the errors of `connectors.errors`, nothing of the vendor's.
        """
        raise NotImplementedError

    def attach_policy(self, knows: Callable[[set[str]], set[str]]) -> None:
        """Told before a pull: `knows` returns those of the given addresses that belong to a known organization.

        For sources that fetch some content only for known organizations; the others ignore it.
        """
        del knows

    def fills_in(self) -> bool:
        """Whether what policy left at the source may be fetched later at all; `backfill` is not asked otherwise."""
        return False

    def declines(self, payload: JsonObject) -> bool:
        """Whether the settings keep this record's content at the source by now, although the record landed before."""
        del payload
        return False

    def backfill(self, wanted: Iterable[JsonObject], stream: str) -> Iterator[Page]:
        """Fetch what policy left at the source: records of `stream` for payloads that carry their `source_id`.

        Pages carry no cursor. Safe to repeat.
        """
        del wanted, stream
        return iter(())

    def count(self, stream: str) -> int | None:
        """How many live records the source says the stream holds, or None where it cannot say cheaply."""
        del stream
        return None

    def described_fields(self, stream: str) -> dict[str, str] | None:
        """The fields the source says a stream's records have now: their name in a record → what people call them.

        None where the source cannot say. Asked after a reading that came to its end.
        """
        del stream
        return None

    def credential(self) -> Credential | None:
        """What it signs in with and when that ends, as far as its settings tell; None where nothing signs in."""
        return None

    def requests_in(self, seconds: float) -> float | None:
        """The most requests this source sends within so many seconds, by its own pace; None when nothing bounds it."""
        setting, within = self.pace
        pace, burst = getattr(self, setting, None), getattr(self, "request_burst", 1)
        return burst + pace * seconds / within if pace else None

    def deep_link(self, stream: str, source_id: str) -> str | None:
        """The address at which a person sees this record in the source system, or None."""
        del stream, source_id
        return None


def utc_text(moment: datetime) -> str:
    """An aware datetime as the hub's fixed-width UTC text, which sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

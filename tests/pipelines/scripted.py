"""A connector whose pages are written down: what landing is tested with, beside the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import PrivateAttr

from connectors.record import CheckResult, Connector, Op, Page, SourceRecord, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Script = "Callable[[dict[str, Any] | None, bool], Iterator[Page]]"


class ScriptedConnector(Connector):
    """Pulls whatever the script of a stream yields; the account is as given."""

    name: ClassVar[str] = "scripted"
    title: ClassVar[str] = "Scripted"
    account: str = "account-1"
    _scripts: dict[str, Any] = PrivateAttr(default_factory=dict)
    _streams: tuple[Stream, ...] = PrivateAttr(default=())

    def plays(self, stream: Stream, script: Callable[..., Any]) -> ScriptedConnector:
        """Add a stream and the function that yields its pages."""
        self._streams = (*self._streams, stream)
        self._scripts[stream.name] = script
        return self

    def streams(self) -> tuple[Stream, ...]:
        return self._streams

    def check(self) -> CheckResult:
        return CheckResult(self.account)

    def pull(self, stream: str, cursor: dict[str, Any] | None, *, full: bool = False) -> Iterator[Page]:
        yield from self._scripts[stream](cursor, full)


def record(source_id: str, version: str | None = None, op: Op = Op.UPSERT, **payload: Any) -> SourceRecord:
    """A record with a payload of its own; no keywords and not an upsert: no payload."""
    body = {"id": source_id, **payload} if payload or op == Op.UPSERT else None
    return SourceRecord(source_id, body, version, op)


def pages(*given: Page) -> Callable[..., Any]:
    """A script that always yields the same pages."""
    return lambda _cursor, _full: iter(given)


def page(*records: SourceRecord, cursor: dict[str, Any] | None = None, **facts: Any) -> Page:
    """A page of stream `things`."""
    return Page("things", list(records), cursor, **facts)


THINGS = Stream("things", "incremental")
LISTED = Stream("things", "full", deletes="absence")

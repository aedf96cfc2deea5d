"""A source that breaks every assumption, for whatever must survive one. It lives outside `connectors/`.

Each stream is one kind of malice. `READ` says how many records each yields, `KEPT` which ids a landing must know at the
end with the name their newest version carries, `MALFORMED` how many items are no records. Import with
`from tests.connectors.conformance.hostile import Hostile, KEPT, MALFORMED, READ`; streams in `NEVER_ENDS` and `BREAKS`
are for tests of limits and of errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from connectors.errors import SkipRecord
from connectors.record import CheckResult, Connector, CursorState, JsonObject, Op, Page, SourceRecord, Stream

OLD, NEW = "2026-01-01T00:00:00.000000Z", "2026-06-01T00:00:00.000000Z"

HUGE: Final = 2**200
DEPTH: Final = 150


def nested(depth: int) -> JsonObject:
    """An object in an object, `depth` times."""
    found: JsonObject = {"name": "bottom"}
    for _ in range(depth):
        found = {"in": found}
    return found


def record(source_id: str, payload: Any, version: str | None = NEW, **facts: Any) -> SourceRecord:
    """A record in short."""
    return SourceRecord(source_id, payload, version, **facts)


PAGES: Final[Mapping[str, list[list[SourceRecord]]]] = {
    "keys": [
        [
            record("1", {"name": "emoji keys", "🌱": "plant", "👩‍🚀 crew": {"🛰": [None, None]}}),
            record(
                "2",
                {"name": "odd keys", "": "empty key", "a.b": "dot", "a b": " ", "__proto__": {}, "id": None},
            ),
            record("3", {"name": "nothing but nulls", "domain": None, "phone": None}),
            record("4", {"name": "empty"}),
        ]
    ],
    "duplicates": [
        [
            record("1", {"name": "first"}, OLD),
            record("1", {"name": "second"}, NEW),
            record("2", {"name": "twice"}),
            record("2", {"name": "twice"}),
        ],
        [record("1", {"name": "second"}, NEW)],
    ],
    "disorder": [
        [record("1", {"name": "newer"}, NEW), record("2", {"name": "no stamp"}, None)],
        [record("1", {"name": "older"}, OLD), record("2", {"name": "no stamp, changed"}, None)],
    ],
    "text": [
        [
            record("1", {"name": "nul \x00 inside"}),
            record("2", {"name": "lone \ud800 surrogate"}),
            record("3", {"name": "Zu\u0308rich, decomposed"}),
            record("4", {"name": "\ufeffbyte order mark, \u202eright to left, \u200bno width"}),
            record("5", {"name": "MÃ¼nchen, read in the wrong charset"}),
            record("6", {"name": "line\r\nbreaks\x0b\x1f and controls"}),
            record("7", {"name": "long " + "x" * 300_000}),
            record("8", {"name": "'); drop table raw_record; --"}),
        ]
    ],
    "ids": [
        [
            record("007", {"name": "leading zeros"}),
            record("7", {"name": "another one"}),
            record("ABC", {"name": "capitals"}),
            record("abc", {"name": "small letters"}),
            record("a/b#c?d", {"name": "separators"}),
            record(" ", {"name": "a space"}),
            record("ümlaut-🌱", {"name": "not ascii"}),
            record("x" * 500, {"name": "long"}),
        ]
    ],
    "numbers": [
        [
            record("1", {"name": "huge", "count": HUGE, "negative": -HUGE}),
            record("2", {"name": "floats", "tiny": 5e-324, "large": 1.7976931348623157e308, "zero": -0.0}),
            record(
                "3",
                {"name": "not text", "domain": 17, "phone": True, "city": ["a"], "country": {"code": "DE"}},
            ),
        ]
    ],
    "nesting": [
        [
            record("1", {"name": "deep", **nested(DEPTH)}),
            record("2", {"name": "wide", "all": list(range(20_000))}),
        ]
    ],
    "no_ids": [
        [
            record("", {"name": "no id"}, None, malformed="no_id"),
            record("", {"value": [1, 2, 3]}, None, malformed="not_an_object"),
            record("", {"name": "no id"}, None, malformed="no_id"),
            record("1", {"name": "healthy"}),
        ]
    ],
    "deaths": [
        [
            record("1", {"name": "lives"}, OLD),
            record("2", {"name": "merged away"}, OLD),
            record("3", {"name": "winner"}, OLD),
        ],
        [
            record("1", None, NEW, op=Op.DELETE),
            record("2", None, None, op=Op.MERGE, winner_id="3"),
            record("never-seen", None, NEW, op=Op.DELETE),
            record("3", None, None, op=Op.MERGE, winner_id="3"),
        ],
    ],
    "stamps": [
        [
            record("1", {"name": "from the future"}, "2099-01-01T00:00:00.000000Z"),
            record("2", {"name": "before computers"}, "0001-01-01T00:00:00.000000Z"),
        ]
    ],
    "empty_pages": [[], [], [record("1", {"name": "after emptiness"})], []],
}
"""Stream → its pages, the last one being the end of a reading."""

NEVER_ENDS: Final = ("same_cursor", "empty_for_ever")
"""Streams that yield pages without end: the same page with the same cursor, or empty pages with new cursors."""

BREAKS: Final = ("breaks_midway", "skips_midway")
"""Streams that raise after a good page: an exception nobody named, and a `SkipRecord`."""

READ: Final = {stream: sum(len(page) for page in pages) for stream, pages in PAGES.items()}
"""Stream → records it yields in one reading."""

MALFORMED: Final = {
    stream: sum(r.malformed is not None for page in pages for r in page) for stream, pages in PAGES.items()
}
"""Stream → items in it that are no records."""


def _kept(pages: list[list[SourceRecord]]) -> dict[str, str]:
    """Id → name of the newest version of each live record; without stamps the one that came last."""
    newest: dict[str, SourceRecord] = {}
    for one in (one for page in pages for one in page if one.malformed is None and one.op is Op.UPSERT):
        known = newest.get(one.source_id)
        if known is None or (one.version or "") >= (known.version or ""):
            newest[one.source_id] = one
    return {source_id: (one.payload or {})["name"] for source_id, one in newest.items()}


KEPT: Final = {stream: _kept(pages) for stream, pages in PAGES.items()}
"""Stream → id → name in the newest version (deaths not applied, text not cleaned)."""


class Hostile(Connector):
    """Yields whatever a source could. Needs no settings."""

    name: ClassVar[str] = "hostile"
    title: ClassVar[str] = "Hostile source"

    def streams(self) -> tuple[Stream, ...]:
        """Every kind of malice that ends and does not raise, then those that do not."""
        return tuple(Stream(name, mode="full", deletes="never") for name in (*PAGES, *NEVER_ENDS, *BREAKS))

    def check(self) -> CheckResult:
        """Always well."""
        return CheckResult(account="hostile-1")

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """The pages of one stream, always from the beginning."""
        del cursor, full
        special: Mapping[str, Callable[[], Iterator[Page]]] = {
            "same_cursor": _same_cursor,
            "empty_for_ever": _empty_for_ever,
            "breaks_midway": lambda: _breaks(stream, ZeroDivisionError("a bug in a vendor's SDK")),
            "skips_midway": lambda: _breaks(
                stream, SkipRecord(code="unreadable", do="Nothing.", happened="It broke.")
            ),
        }
        return special[stream]() if stream in special else _finite(stream)


def _finite(stream: str) -> Iterator[Page]:
    pages = PAGES[stream]
    for number, records in enumerate(pages, 1):
        yield Page(stream, list(records), {"page": number}, "full", last=number == len(pages))


def _same_cursor() -> Iterator[Page]:
    while True:
        yield Page("same_cursor", [record("1", {"name": "again"})], {"page": 1}, "full")


def _empty_for_ever() -> Iterator[Page]:
    number = 0
    while True:
        number += 1
        yield Page("empty_for_ever", [], {"page": number}, "full")


def _breaks(stream: str, failure: Exception) -> Iterator[Page]:
    yield Page(stream, [record("1", {"name": "before"})], {"page": 1}, "full")
    raise failure

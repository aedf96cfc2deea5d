"""What a connector supplies to be tried by the conformance suite (A13), and how to write it.

A rig in five steps, for a connector called `acme`:

1. Write `tests/connectors/conformance/acme_rig.py`; the suite finds it by this name. Import from here with
   `from tests.connectors.conformance.rig import Rig, Scene`.
2. Define `class AcmeRig(Rig)` and `RIG = AcmeRig()` in it.
3. Write `scene(...)`: a context manager that starts the system's simulator (or writes a file) holding exactly
   `records` records of one stream, and yields a `Scene`: the connector pointed at it, the ids a complete read must
   find, the secrets it was given, and `fault`, which makes the next requests go wrong. Set the page size to
   `PAGE_SIZE` and retry waits to milliseconds: 7 records make several pages and the whole suite takes seconds.
4. A case that cannot apply gets a written reason in `skips`: `{"throttled": "A file on disk has no rate limit."}`.
   The suite shows the reasons; an unknown case name or an empty reason fails.
5. Run `python -m pytest tests/connectors/test_conformance.py -k acme`.

Everything the suite asserts is in terms of `Connector`, `Page` and `connectors.errors`; a rig asserts nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connectors.record import Connector

PAGE_SIZE = 2
"""Records per page the rigs ask for, where the source pages at all."""

FaultKind = Literal["401", "403", "429", "500", "truncate", "repeat_token"]
"""What a rig can be asked to make go wrong.

401: the credentials are refused. 403: the permission for this stream is missing. 429: asked too fast, worth waiting.
500: the server fails. truncate: the answer is cut in the middle although it says it succeeded. repeat_token: the same
page, with the same page token, is served again and again.
"""

CASES: Mapping[str, str] = {
    "streams": "declared streams are valid and have distinct names",
    "pages": "several pages together hold every record once",
    "empty": "an account with nothing in it reads as one empty last page",
    "twice": "reading twice gives the same records",
    "resume": "resuming from the cursor of every page ends with every record",
    "equal_timestamps": "records that share one timestamp are all read",
    "repeated_token": "a page token that repeats raises",
    "unauthorized": "a refused credential says RefreshAuth or FixSetup",
    "forbidden": "a missing permission says SkipStream",
    "throttled": "a rate limit is waited out; one that stays ends as WaitForQuota or RetryLater",
    "server_error": "a failing server is asked again; one that stays down ends as RetryLater",
    "truncated": "a truncated body is asked for again; one that stays is an error, never the end of the data",
    "unknown_fields": "a field nobody declared arrives untouched",
    "secrets": "no secret shows in repr, str, JSON dump or any error",
    "ids": "ids are non-empty text and unique",
    "plain": "payloads and cursors are plain JSON, text intact",
}
"""Every case by name: what a connector must show. Keys of `Rig.skips` come from here."""


@dataclass(frozen=True)
class Scene:
    """One running source with a connector pointed at it.

    connector: configured, with quick retries; cases may call it as often as they like.
    stream: the stream the cases read.
    expected_ids: the `source_id` of every live record of `stream`.
    fault: `fault(kind, times)` makes the next `times` data requests of `stream` go wrong, from the first or (for
        `repeat_token`) from the second request on. Called before reading.
    secrets: texts that must never be shown: tokens, passwords.
    unknown_field: dotted payload path and value of a field that one record holds and no declaration knows.
    """

    connector: Connector
    stream: str
    expected_ids: frozenset[str]
    fault: Callable[[FaultKind, int], None]
    secrets: tuple[str, ...] = ()
    unknown_field: tuple[str, Any] | None = None


class Rig:
    """Starts one connector's source for the suite. See the module's text for how to write one."""

    name: ClassVar[str]
    skips: ClassVar[Mapping[str, str]] = {}

    def scene(
        self, folder: Path, *, records: int, equal_timestamps: bool = False
    ) -> AbstractContextManager[Scene]:
        """A source with `records` live records of one stream, served until the context ends.

        folder: an empty folder the rig may write to. equal_timestamps: all records share one modification time.
        """
        raise NotImplementedError

"""What --debug and the log may show of an error or a value: its kind and its place, no secret and no record's text."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any, Final

LEFT_OUT: Final = "(left out)"
PRIVATE: Final = frozenset(
    {
        "authorization",
        "body",
        "content",
        "cookie",
        "password",
        "payload",
        "sample",
        "secret",
        "subject",
        "text",
        "token",
    }
)
"""Fields of a log line that may hold a secret or somebody's words, whatever they hold this time."""

CREDENTIALS: Final = (
    (re.compile(r"://[^/\s@]*@"), f"://{LEFT_OUT}@"),
    (re.compile(r"([?&]password=)[^&#\s]*", re.IGNORECASE), rf"\1{LEFT_OUT}"),
    (re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE), rf"\1 {LEFT_OUT}"),
)


def discreet(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor, belt and braces: nothing of ours logs a secret, and this sees to it."""
    failure = line.pop("exc_info", None)
    if failure:
        line["raised"] = type(failure).__name__ if isinstance(failure, BaseException) else LEFT_OUT
    for name, value in line.items():
        line[name] = LEFT_OUT if name in PRIVATE and value is not None else shown(value)
    return line


def shown(value: object) -> object:
    """A value without the credentials in it; an exception is its class."""
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, str):
        for pattern, instead in CREDENTIALS:
            value = pattern.sub(instead, value)
    return value


def traceback_lines(error: BaseException) -> Iterator[str]:
    """A traceback with its causes, the first one first; only the hub's own errors show their text."""
    from connectors.errors import SyncError
    from warehouse.errors import WarehouseError

    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from traceback_lines(earlier)
        yield "\nWhich led to:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    text = str(error) if isinstance(error, SyncError | WarehouseError) else "its text may quote a record"
    yield f"{type(error).__name__}: {text}\n"

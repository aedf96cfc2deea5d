"""What a look at one thing came to."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One thing that was looked at. state: ok, warning (works, but look at it) or broken. fix: what to do."""

    topic: str
    state: Literal["ok", "warning", "broken"]
    said: str
    fix: str = ""


def ok(topic: str, said: str) -> Finding:
    """It is well."""
    return Finding(topic, "ok", said)


def warning(topic: str, said: str, fix: str) -> Finding:
    """It works, and will not for ever."""
    return Finding(topic, "warning", said, fix)


def broken(topic: str, said: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(topic, "broken", said, fix)

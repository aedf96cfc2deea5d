"""The bytes and the hash of a payload: what is stored, and what decides whether anything changed."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_BYTES = 16
NOTHING = blake2b(b"", digest_size=HASH_BYTES).digest()


def encode(payload: dict[str, Any]) -> bytes:
    """JSON with sorted keys. Lone surrogates and integers past 64 bits survive as plain `json` escapes.

    Raises ValueError or RecursionError for what no JSON writer can hold.
    """
    try:
        return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(payload, sort_keys=True, allow_nan=False).encode()


def decode(content: bytes) -> dict[str, Any]:
    """The payload back from its bytes."""
    try:
        found: dict[str, Any] = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = json.loads(content)
    return found


def content_hash(content: bytes) -> bytes:
    """16 bytes of blake2b; two contents collide with probability 2^-64 at four billion versions."""
    return blake2b(content, digest_size=HASH_BYTES).digest()


def split_volatile(paths: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Dotted volatile paths, split once per stream."""
    return tuple(tuple(path.split(".")) for path in paths)


def without(payload: dict[str, Any], paths: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """A copy of the payload without the volatile paths; only what lies on a path is copied."""
    stripped = dict(payload)
    for path in paths:
        drop(stripped, path)
    return stripped


def drop(target: dict[str, Any], path: tuple[str, ...]) -> None:
    """Remove one path in place, copying the dicts on the way so that the payload itself stays untouched."""
    for name in path[:-1]:
        inner = target.get(name)
        if not isinstance(inner, dict):
            return
        target[name] = inner = dict(inner)
        target = inner
    target.pop(path[-1], None)

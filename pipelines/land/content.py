"""The bytes and the hash of a payload: what is stored, and what decides whether anything changed."""

from __future__ import annotations

import json
from hashlib import blake2b
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

Volatile: TypeAlias = tuple[tuple[tuple[str, ...], frozenset[str]], ...]
"""Fields left out of the hash: (path of the object they lie in, their names)."""

HASH_BYTES = 16
EMPTY: Final = blake2b(digest_size=HASH_BYTES)
"""Copied for each content, which takes a fifth off making one anew; never written to itself."""
NOTHING = EMPTY.digest()
ENCODED_AT_ONCE: Final = 100
"""Payloads written by one call, whose bytes stand twice until they are parted.

A call each leaves holes between bytes that are kept, which doubles its time on pages of thousands.
"""
BETWEEN: Final = token_hex(16)
"""What parts one from the next: made anew in each process, so that no payload can hold it."""
PARTED: Final = f',"{BETWEEN}",'.encode()


def encode(payload: dict[str, Any]) -> bytes:
    """JSON with sorted keys. Lone surrogates and integers past 64 bits survive as plain `json` escapes.

    Raises ValueError or RecursionError for what no JSON writer can hold.
    """
    try:
        return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(payload, sort_keys=True, allow_nan=False).encode()


def encode_all(payloads: Sequence[Any]) -> list[bytes]:
    """Each as `encode` writes it, many at once. Raises what `encode` does, and where it does for any of them."""
    found: list[bytes] = []
    for start in range(0, len(payloads), ENCODED_AT_ONCE):
        some = payloads[start : start + ENCODED_AT_ONCE]
        parted = [BETWEEN] * (2 * len(some) - 1)
        parted[::2] = some
        try:
            found += orjson.dumps(parted, option=orjson.OPT_SORT_KEYS)[1:-1].split(PARTED)
        except TypeError:
            found += [encode(payload) for payload in some]
    return found


def decode(content: bytes) -> dict[str, Any]:
    """The payload back from its bytes."""
    try:
        found: dict[str, Any] = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = json.loads(content)
    return found


def content_hash(content: bytes) -> bytes:
    """16 bytes of blake2b; two contents collide with probability 2^-64 at four billion versions."""
    hashed = EMPTY.copy()
    hashed.update(content)
    return hashed.digest()


def split_volatile(paths: Sequence[str]) -> Volatile:
    """Dotted volatile paths by the object they lie in, split once per stream."""
    leaves: dict[tuple[str, ...], set[str]] = {}
    for path in paths:
        *parents, leaf = path.split(".")
        leaves.setdefault(tuple(parents), set()).add(leaf)
    return tuple((parents, frozenset(names)) for parents, names in leaves.items())


def without(payload: dict[str, Any], volatile: Volatile) -> dict[str, Any]:
    """The payload without its volatile fields: itself when it has none, else a copy along their paths."""
    for parents, leaves in volatile:
        payload = without_leaves(payload, parents, leaves)
    return payload


def without_leaves(
    holder: dict[str, Any], parents: tuple[str, ...], leaves: frozenset[str]
) -> dict[str, Any]:
    """The object without some fields of the object its parents lead to; the same object when there is none of them."""
    if parents:
        inner = holder.get(parents[0])
        if not isinstance(inner, dict):
            return holder
        kept = without_leaves(inner, parents[1:], leaves)
        return holder if kept is inner else {**holder, parents[0]: kept}
    if leaves.isdisjoint(holder):
        return holder
    return {name: value for name, value in holder.items() if name not in leaves}

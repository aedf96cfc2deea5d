"""What tells in 16 bytes whether a row is another one: written with it, and read back in place of all its columns.

To read a row of 13 columns back costs as much as to write it, key and digest a quarter (docs/develop/performance.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from xxhash import xxh3_128_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

APART: Final = orjson.Fragment(b"\n")
"""What is put before and after each row in JSON, where no text holds a line break of its own: it is written as \\n."""


def digests_of(rows: Sequence[tuple[Any, ...]]) -> list[bytes]:
    """One digest for each row of texts, numbers, booleans and nulls: XXH3, 128 bits, of its values as JSON.

    The same values have the same digest on every machine. Two rows of one key that differ share a digest once in 2^128;
    nobody is kept from building such two on purpose, so it tells what changed, not who may be trusted.
    """
    spaced: list[object] = [APART] * (2 * len(rows) + 1)
    spaced[1::2] = rows
    written = orjson.dumps(spaced).split(b"\n")  # at once: a quarter of what row by row takes
    return list(map(xxh3_128_digest, written[1:-1]))

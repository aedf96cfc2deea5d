"""Where a list goes on, as one opaque word in an address."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

BIGGEST: Final = 2**63 - 1
"""The biggest number a database keeps."""
Number = Annotated[int, Field(ge=0, le=BIGGEST)]
"""A number in an address that names something stored."""


def encode_position(position: Sequence[str]) -> str:
    """Two texts as one word that needs no escaping."""
    return base64.urlsafe_b64encode(json.dumps(list(position)).encode()).decode().rstrip("=")


def decode_position(word: str) -> tuple[str, str] | None:
    """What `encode_position` made; None for nothing and for anything else, which then means the beginning."""
    try:
        found = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if (
        isinstance(found, list)
        and len(found) == len(("sort", "id"))
        and all(isinstance(each, str) and is_storable(each) for each in found)
    ):
        return found[0], found[1]
    return None


def is_storable(text: str) -> bool:
    """Whether a database can take a text: it holds neither NUL nor half of a character."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)

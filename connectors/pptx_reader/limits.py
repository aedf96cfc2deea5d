"""Facts of the deck reader: how much a file may be, and the stable codes that say why one cannot be read."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

READER_VERSION: Final = "pptx-1"
"""Names what made a passage. Raised whenever the same file is read differently than before."""

MEGABYTE: Final = 1 << 20


class Reason(StrEnum):
    """Why a file cannot be read as a deck. Codes are stable; each has a remedy of its own.

    empty: no bytes at all. encrypted: needs a password. damaged: was a deck, but is cut short or has broken parts.
    not_a_deck: something else under a deck's name. old_format: PowerPoint 97-2003. too_large: beyond the limits of
    size, text or memory. suspicious_zip: built to harm whoever unpacks it. doctype_forbidden: a part declares entities.
    too_slow: not read within the time limit. reader_crashed: the child process that read it died.
    """

    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    NOT_A_DECK = "not_a_deck"
    OLD_FORMAT = "old_format"
    TOO_LARGE = "too_large"
    SUSPICIOUS_ZIP = "suspicious_zip"
    DOCTYPE_FORBIDDEN = "doctype_forbidden"
    TOO_SLOW = "too_slow"
    READER_CRASHED = "reader_crashed"


class Limits(NamedTuple):
    """What one file may be and cost. Sizes in bytes, times in seconds.

    ratio: how much smaller than its content a packed entry may be, once its content exceeds `xml_ratio_floor` (parts
        that are read) or `media_ratio_floor` (pictures and the like, which are never unpacked; a blank drawing packs
        667-fold in a real deck).
    memory: the child's address space. seconds: from handing a file over to its answer.
    """

    file_bytes: int = 100 * MEGABYTE
    entries: int = 2_000
    unpacked_bytes: int = 200 * MEGABYTE
    part_bytes: int = 32 * MEGABYTE
    ratio: int = 100
    xml_ratio_floor: int = MEGABYTE
    media_ratio_floor: int = 20 * MEGABYTE
    text_characters: int = 8_000_000
    passages: int = 100_000
    memory: int = 400 * MEGABYTE
    seconds: float = 30.0


class Refused(Exception):
    """This file cannot be read as a deck. detail: what was found, never text of the deck."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep both for the coverage line."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

"""Slides that travel by mail: which attachments are decks, and what the deck reader finds in them."""

from __future__ import annotations

from connectors.imap.parts import Part
from connectors.pptx_reader import READER_VERSION, DeckReaders
from connectors.record import JsonObject

SUFFIXES = (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm")
TYPES = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.openxmlformats-officedocument.presentationml.template",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
    }
)


def is_deck(part: Part) -> bool:
    """Whether an attachment says it is a deck, by type or by name."""
    return part.media_type in TYPES or (part.name or "").lower().endswith(SUFFIXES)


def read_deck(content: bytes, readers: DeckReaders) -> JsonObject:
    """What the record of an attached deck says of it: `deck` as the reader gives it, `unpacked` where it refuses.

    Read in a child process with limits; the attachment's own bytes are kept whatever comes of it.
    """
    read = readers.read(content)
    found: JsonObject = {}
    if read.deck is not None:
        found["deck"] = {"reader": READER_VERSION, **read.deck}
    if read.refused is not None:
        found["unpacked"] = read.refused.value
    return found

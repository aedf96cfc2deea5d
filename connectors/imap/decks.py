"""Slides that travel by mail: which attachments are decks, and what the deck reader finds in them."""

from __future__ import annotations

from connectors.imap.parts import Part
from connectors.record import JsonObject

SUFFIXES = (".pptx", ".pptm", ".ppsx")
TYPES = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    }
)


def is_deck(part: Part) -> bool:
    """Whether an attachment says it is a deck, by type or by name."""
    return part.media_type in TYPES or (part.name or "").lower().endswith(SUFFIXES)


def read_deck(content: bytes) -> JsonObject | None:
    """What the deck reader says of these bytes, as the record keeps it; None where this hub has no deck reader."""
    del content
    return None

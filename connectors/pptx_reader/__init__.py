"""Slide decks (.pptx, .pptm, .ppsx, …) as passages: shared by the deck connector and by mail attachments.

Belongs here: what is in a deck and where, why a file cannot be read, and the child processes that do the reading.
Does not belong here: where a file lies (`connectors/decks`), what a passage means (`mappings/decks.py`).

`DeckReaders` is the way in: it reads untrusted bytes in child processes with limits on memory and time. Nothing here
imports more than lxml and the standard library.
"""

from __future__ import annotations

from connectors.pptx_reader.limits import MEGABYTE, READER_VERSION, Limits, Reason
from connectors.pptx_reader.pool import DeckReaders, ReadDeck

__all__ = ["MEGABYTE", "READER_VERSION", "DeckReaders", "Limits", "ReadDeck", "Reason"]

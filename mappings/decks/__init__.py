"""Slide decks → documents with passages, and what a deck says of the partner it names.

Belongs here: which words on a slide are a value, and whose. Does not belong here: how a deck is taken apart
(`connectors/pptx_reader`), and whose word counts when sources disagree (decks rank below every other source).
"""

from __future__ import annotations

from mappings.decks.document import deck
from mappings.rows import Mapping, StreamMapping

MAPPING = Mapping(
    connector="decks",
    streams={
        "decks": StreamMapping(
            kind=None, extra=deck, version=2, makes=("document", "passage", "organization", "relation")
        )
    },
)

"""Slide decks in a folder, on this machine or in any store fsspec reaches.

Belongs here: which files there are, which of them changed, what one of them says as a source record. Does not belong
here: how a deck is taken apart (`connectors/pptx_reader`), what its values mean (`mappings/decks.py`).
"""

from __future__ import annotations

from connectors.decks.connector import DecksConnector

__all__ = ["DecksConnector"]

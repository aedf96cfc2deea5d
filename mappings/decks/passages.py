"""The passages of a deck as staged rows; for decks in a folder and decks that hang on a mail alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mappings.canonical import record_key
from mappings.clean.text import border_text
from mappings.rows import Context

LONGEST_TEXT: Final = 100_000


def deck_passages(
    slides: Iterable[dict[str, Any]], document: str, context: Context, extractor: str
) -> list[dict[str, Any]]:
    """A row per passage, in reading order. The key names place and text: another text is another passage, for ever."""
    rows = {}
    for said in all_passages(slides):
        text = border_text(str(said["text"]))[:LONGEST_TEXT]
        place = border_text(str(said["place"]))
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        record = passage_record(place, digest, context)
        rows[record] = {
            "record": record,
            "document_record": document,
            "place": place,
            "extractor": extractor,
            "sha256": digest,
            "text": text,
        }
    return [row for row in rows.values() if row["text"].strip()]


def passage_record(place: str, digest: str, context: Context) -> str:
    """The key of a passage of this source record."""
    return record_key(context.source, context.stream, context.source_id, f"{place}~{digest[:12]}")


def citation(said: dict[str, Any], context: Context) -> str:
    """The key of the staged passage that holds this text."""
    text = border_text(str(said["text"]))[:LONGEST_TEXT]
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return passage_record(border_text(str(said["place"])), digest, context)


def all_passages(slides: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every passage that has a place and a text."""
    for slide in slides:
        for said in slide.get("passages") or []:
            if isinstance(said, dict) and said.get("place") and said.get("text"):
                yield said

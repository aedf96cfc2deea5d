"""Attachments as documents, and what stands in them as passages: a mail in a mail, text of `winmail.dat`, slides."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mappings.canonical import record_key
from mappings.clean.text import border_text, clean_line
from mappings.clean.unreadable import Unreadable
from mappings.decks.passages import deck_passages, passage_record
from mappings.mail.bodies import LONGEST_TEXT, message_text
from mappings.mail.decoding import decode_header
from mappings.mail.headers import Headers
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of

EXTRACTOR = "mail/1"
"""Raised whenever the same bytes give other passages."""
SHOWN_FIELDS = ("from", "to", "cc", "date", "subject")
"""The header fields of a mail in a mail that a reader sees."""
UNTITLED = "untitled attachment"
"""What Outlook calls a message inside a message."""
WHOLE = frozenset({None, "whole"})


def attachment(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """One attachment as a document that hangs on its mail, however deep it stood in it."""
    media_type = str(payload.get("type") or "application/octet-stream")
    record = record_key(context.source, context.stream, context.source_id)
    message = str(payload.get("message") or "")
    nested = payload["nested"] if isinstance(payload.get("nested"), dict) else None
    output.rows["document"] = [
        {
            "record": record,
            "title": _title(payload, nested) or f"part {payload.get('section')} ({media_type})",
            "media_type": media_type,
            "size_bytes": payload.get("size") if isinstance(payload.get("size"), int) else None,
            "sha256": payload.get("sha256"),
            "parent_record": record_key(context.source, "messages", message),
            "not_fetched": payload.get("not_fetched"),
            "custom_json": _stood_inside(payload, context, message),
        }
    ]
    section = str(payload.get("section") or "")
    texts = {f"{section}/text": message_text(_parts(payload))}
    if nested is not None:
        texts = {
            f"{section}/header": _shown_header(Headers(str(nested.get("header") or ""))),
            f"{section}/text": message_text(_parts(nested)),
        }
    output.rows["passage"] = [
        *(passage(context, record, place, text) for place, text in texts.items() if text.strip()),
        *_slides(payload, context, record),
    ]
    if payload.get("unpacked") not in WHOLE:
        output.findings.append(Finding("attachment_damaged", "unpacked", sample_of(payload["unpacked"])))


def passage(context: Context, document: str, place: str, text: str) -> dict[str, Any]:
    """One citable piece of a document. Its key follows from place and text: another text is another passage."""
    said = border_text(text)[:LONGEST_TEXT]
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
    return {
        "record": passage_record(place, digest, context),
        "document_record": document,
        "place": place,
        "extractor": EXTRACTOR,
        "sha256": digest,
        "text": said,
    }


def _stood_inside(payload: dict[str, Any], context: Context, message: str) -> str | None:
    """The attachment this one was found in, as a custom field."""
    if not payload.get("inside"):
        return None
    around = record_key(context.source, context.stream, f"{message}/{payload['inside']}")
    return json.dumps({"inside": around}, ensure_ascii=False)


def _slides(payload: dict[str, Any], context: Context, document: str) -> list[dict[str, Any]]:
    """The passages the deck reader found, slide by slide, as those of a deck in a folder."""
    deck = payload["deck"] if isinstance(payload.get("deck"), dict) else {}
    slides = [each for each in deck.get("slides") or [] if isinstance(each, dict)]
    return deck_passages(slides, document, context, str(deck.get("reader") or EXTRACTOR))


def _parts(holder: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in holder.get("body") or [] if isinstance(part, dict)]


def _title(payload: dict[str, Any], nested: dict[str, Any] | None) -> str | None:
    named = _file_name(payload.get("name"))
    if nested is not None and (named is None or named.lower() == UNTITLED):
        return Headers(str(nested.get("header") or "")).text("subject") or named
    return named


def _shown_header(headers: Headers) -> str:
    """The fields a reader sees, one a line, decoded."""
    shown = ((name.capitalize(), headers.text(name)) for name in SHOWN_FIELDS if name in headers)
    return "\n".join(f"{name}: {value}" for name, value in shown if value)


def _file_name(value: object) -> str | None:
    try:
        return clean_line(decode_header(str(value).encode("latin-1").decode("latin-1"))) if value else None
    except (Unreadable, UnicodeError):
        return clean_line(str(value)) if value else None

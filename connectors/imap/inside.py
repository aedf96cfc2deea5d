"""What stands inside an attachment: a mail in a mail, the body and files of `winmail.dat`, the slides of a deck."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from connectors.imap.decks import is_deck, read_deck
from connectors.imap.identity import header_fields
from connectors.imap.parts import MOST_PARTS, PACKED, Part, TooComplex, parts_from_bytes
from connectors.imap.tnef import Unpackable, unpack
from connectors.pptx_reader import DeckReaders
from connectors.record import JsonObject

TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
WINMAIL = "winmail.dat"
MAIL_TYPES = frozenset({"message/rfc822", "message/global"})
MAIL_FILE = ".eml"
NO_TYPE = "application/octet-stream"
DEEPEST_INSIDE = 5
"""Mails in mails in mails: what lies deeper stays in the bytes of the attachment around it."""
HEADER_END = re.compile(rb"\r?\n\r?\n")


class Found(NamedTuple):
    """An attachment, and what its record says beside the facts of the part.

    `inside`: the section of the attachment it was found in. `nested`: the mail it is; `deck`: the slides it holds.
    `unpacked`: how opening it went (`whole`, or why not).
    """

    part: Part
    more: JsonObject


def is_winmail(part: Part) -> bool:
    """Whether Outlook packed a mail's rich text and files into this part."""
    return part.media_type in TNEF_TYPES or (part.name or "").lower() == WINMAIL


def is_mail(part: Part) -> bool:
    """Whether the part is a mail of its own."""
    named = (part.name or "").lower().endswith(MAIL_FILE)
    return part.media_type in MAIL_TYPES or (named and part.media_type == NO_TYPE)


def with_packed_text(parts: list[Part]) -> list[Part]:
    """The parts, and the text out of `winmail.dat` where the mail has no other text to read."""
    if any(part.is_body and (part.content or b"").strip() for part in parts):
        return parts
    found = list(parts)
    for part in parts:
        if is_winmail(part) and part.content is not None:
            found += _packed_texts(part)
    return found


def needs_packed_text(parts: list[Part]) -> list[Part]:
    """The `winmail.dat` of a mail that has no other part to read, by the server's account."""
    return [] if any(part.is_body and part.size for part in parts) else [p for p in parts if is_winmail(p)]


def with_insides(parts: list[Part], readers: DeckReaders) -> Iterator[Found]:
    """The attachments among the parts of a mail, each followed by what stands inside it. At most 500 in all."""
    stack = [(Found(part, {}), 0) for part in reversed(parts) if not part.is_body]
    told = 0
    while stack and told < MOST_PARTS:
        found, depth = stack.pop()
        told += 1
        more, children = _opened(found.part, readers) if depth < DEEPEST_INSIDE else ({}, [])
        yield Found(found.part, found.more | more)
        around = {"inside": found.part.section}
        stack.extend((Found(child, around), depth + 1) for child in reversed(children))


def _opened(part: Part, readers: DeckReaders) -> tuple[JsonObject, list[Part]]:
    if part.content is None:
        return {}, []
    if is_winmail(part):
        return _open_winmail(part)
    if is_mail(part):
        return _open_mail(part)
    return (read_deck(part.content, readers) if is_deck(part) else {}), []


def _open_mail(part: Part) -> tuple[JsonObject, list[Part]]:
    content = part.content or b""
    end = HEADER_END.search(content)
    header = content[: end.end()] if end else content
    if not header_fields(header):
        return {"unpacked": "no_headers"}, []
    try:
        inner = parts_from_bytes(content)
    except TooComplex:
        return {"unpacked": "too_complex", "nested": {"header": header.decode("latin-1"), "body": []}}, []
    placed = with_packed_text([replace(each, section=f"{part.section}.{each.section}") for each in inner])
    nested = {
        "header": header.decode("latin-1"),
        "body": [each.as_text() for each in placed if each.is_body],
        "structure": [each.facts() for each in placed],
    }
    return {"nested": nested}, [each for each in placed if not each.is_body]


def _open_winmail(part: Part) -> tuple[JsonObject, list[Part]]:
    try:
        found = unpack(part.content or b"")
    except Unpackable:
        return {"unpacked": "damaged"}, []
    texts = _packed_texts(part)
    children = [
        Part(
            section=f"{part.section}.tnef.{at}",
            media_type=file.media_type or NO_TYPE,
            charset=None,
            encoding="binary",
            name=file.name,
            disposition="attachment",
            size=len(file.content),
            within="tnef",
            content=file.content,
        )
        for at, file in enumerate(found.files, start=1)
    ]
    packed = {"body": [text.as_text() for text in texts]} if texts else {}
    return packed | {"unpacked": "damaged" if found.damaged else "whole"}, children


def _packed_texts(part: Part) -> list[Part]:
    try:
        bodies = unpack(part.content or b"").bodies
    except Unpackable:
        return []
    return [
        Part(
            section=f"{part.section}.tnef.body{at}",
            media_type=body.media_type,
            charset=body.charset,
            encoding="binary",
            name=None,
            disposition=PACKED,
            size=len(body.content),
            within="alternative.tnef",
            content=body.content,
        )
        for at, body in enumerate(bodies, start=1)
    ]

"""The text of a mail from its parts: plain where there is plain, else what HTML shows."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from mappings.clean.text import border_text, html_text
from mappings.mail.decoding import decode_bytes, mended

LONGEST_TEXT = 1_000_000
"""Characters of one mail's text that are staged; the raw version keeps the whole."""
ENRICHED_TAG = re.compile(r"<[^<>\n]{1,60}>")
QUOTE_BLOCK = re.compile(r"<blockquote\b[^>]*>", re.IGNORECASE)
AROUND = frozenset({"preamble", "epilogue"})

BodyPart = dict[str, Any]


def part_text(part: BodyPart) -> str:
    """The text of one part, its charset rescued where the connector could not decode it without doubt."""
    if isinstance(part.get("text"), str):
        return mended(part["text"], part.get("charset"))
    try:
        content = base64.b64decode(part.get("base64") or "")
    except (binascii.Error, ValueError):
        return ""
    return decode_bytes(content, part.get("charset"))


def message_text(parts: list[BodyPart]) -> str:
    """What a reader sees of the mail, quoted text included; `` when there is nothing to read."""
    readable = [part for part in parts if str(part.get("type", "")).startswith("text/")]
    readable = [part for part in readable if part["type"] != "text/calendar"]
    inside = [part for part in readable if part.get("disposition") not in AROUND]
    texts = [(part, _readable(part)) for part in inside]
    plain_in = {_alternative(part) for part, text in texts if part["type"] != "text/html" and text}
    shown = [
        text
        for part, text in texts
        if text and not (_is_html(part) and _alternative(part) in plain_in - {None})
    ]
    if not shown:
        shown = [text for part in readable if (text := _readable(part))]
    return "\n\n".join(shown)[:LONGEST_TEXT]


def _is_html(part: BodyPart) -> bool:
    return bool(part["type"] == "text/html")


def _alternative(part: BodyPart) -> str | None:
    """The section of the multipart/alternative a part stands in; None outside of any."""
    kinds = str(part.get("within") or "").split(".")
    if "alternative" not in kinds:
        return None
    numbers = str(part.get("section") or "").split(".")
    return "/" + ".".join(numbers[: kinds.index("alternative")])


def _readable(part: BodyPart) -> str:
    text = border_text(part_text(part)[: LONGEST_TEXT * 4])
    if _is_html(part):
        return (html_text(_with_quote_marks(text)) or "").strip()
    if part["type"] == "text/enriched":
        text = ENRICHED_TAG.sub("", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _with_quote_marks(html: str) -> str:
    """HTML whose quoted blocks stay recognizable once it is text."""
    return QUOTE_BLOCK.sub(lambda found: found.group() + "<p>&gt;</p>", html)

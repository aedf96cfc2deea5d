"""The text of a mail from its parts: plain where there is plain, else what HTML shows."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode
from striprtf.striprtf import rtf_to_text

from mappings.clean.text import border_text, html_text
from mappings.mail.decoding import decode_bytes, mended

LONGEST_TEXT = 1_000_000
"""Characters of one mail's text that are staged; the raw version keeps the whole."""
ENRICHED_TAG = re.compile(r"<[^<>\n]{1,60}>")
QUOTES = "blockquote[type=cite], blockquote.gmail_quote, div.yahoo_quoted, blockquote.protonmail_quote"
"""How mail programs mark what they quote. A bare blockquote is a matter of layout."""
PLACE = "\ue000{}\ue001"
PLACED = re.compile("\ue000(\\d+)\ue001")
AROUND = frozenset({"preamble", "epilogue"})
PACKED = "packed"
"""The disposition of a text out of Outlook's `winmail.dat`."""
PACKED_FORMS = ("text/plain", "text/html", "text/rtf")
"""The forms one text comes in there, the best first."""
LONGEST_RTF = 2_000_000

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
    readable = _one_packed([part for part in readable if part["type"] != "text/calendar"])
    inside = [part for part in readable if part.get("disposition") not in AROUND]
    texts = {id(part): _readable(part) for part in inside if not _is_html(part)}
    said_plainly = {_alternative(part) for part in inside if texts.get(id(part))} - {None}
    # Reading HTML is the dearest step of all: where plain text says the same, it is left alone.
    texts |= {
        id(part): _readable(part)
        for part in inside
        if _is_html(part) and _alternative(part) not in said_plainly
    }
    shown = [text for part in inside if (text := texts.get(id(part)))]
    if not shown:
        shown = [text for part in readable if (text := _readable(part))]
    return "\n\n".join(shown)[:LONGEST_TEXT]


def _one_packed(parts: list[BodyPart]) -> list[BodyPart]:
    """Of the forms in which `winmail.dat` repeats one text, the best."""
    packed = [part for part in parts if part.get("disposition") == PACKED]
    best = sorted(packed, key=lambda part: PACKED_FORMS.index(part["type"]))[:1]
    return [part for part in parts if part not in packed] + best


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
    if part["type"] == "text/rtf":
        return _rtf_text(part_text(part)).strip()
    text = border_text(part_text(part)[: LONGEST_TEXT * 4])
    if _is_html(part):
        return _html_with_quote_marks(text).strip()
    if part["type"] == "text/enriched":
        text = ENRICHED_TAG.sub("", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _rtf_text(rtf: str) -> str:
    """What a reader sees of RTF. HTML that Outlook wrapped in it shows as its text."""
    try:
        return border_text(rtf_to_text(rtf[:LONGEST_RTF], errors="replace"))  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 - the library raises whatever damaged RTF leads it to
        return ""


def _html_with_quote_marks(html: str) -> str:
    """The text of HTML, with what its mail program quoted marked by `>` as in plain text."""
    if "<blockquote" not in html.lower() and "yahoo_quoted" not in html:
        return html_text(html) or ""
    tree = LexborHTMLParser(html)
    quoted: list[str] = []
    marked = tree.css(QUOTES)
    known = {node.mem_id for node in marked}
    for node in [node for node in marked if not _inside(node, known)]:
        quoted.append(html_text(node.inner_html or "") or "")
        node.replace_with(PLACE.format(len(quoted) - 1))
    shown = html_text(tree.html or "") or ""
    return PLACED.sub(lambda found: _marked(quoted, int(found.group(1))), shown)


def _inside(node: LexborNode, known: set[int]) -> bool:
    above = node.parent
    while above is not None:
        if above.mem_id in known:
            return True
        above = above.parent
    return False


def _marked(quoted: list[str], number: int) -> str:
    lines = quoted[number].split("\n") if number < len(quoted) else []
    return "\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n"

"""The parts of a message: from the server's BODYSTRUCTURE, or from the bytes of a whole message. Bounded either way."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import unquote_to_bytes

from connectors.record import JsonObject

MOST_PARTS = 500
DEEPEST = 50
MOST_BOUNDARIES = 200
"""More multiparts than this in one message is an attack or garbage; it is kept whole and not taken apart."""

BODY_TYPES = frozenset({"text/plain", "text/html", "text/calendar", "text/enriched", "text/x-amp-html"})
ALWAYS_BODY = frozenset({"text/calendar", "message/delivery-status", "message/disposition-notification"})
PACKED = "packed"
"""The disposition of a text that was taken out of `winmail.dat`."""
AS_SENT = policy.compat32.clone(mangle_from_=False, max_line_length=None, linesep="\r\n")
UNCODED = frozenset({"7bit", "8bit", "binary"})
DISPOSITION_AT = {"text": 9, "message/rfc822": 11}
OTHER_DISPOSITION_AT = 8


class TooComplex(ValueError):
    """A message of more parts or levels than anybody reads."""


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a message. `section` is its IMAP number, `size` counts octets as sent.

    within: the kinds of multipart around it, outermost first (`mixed.alternative`).
    content: the bytes with the transfer encoding undone, where they were fetched.
    """

    section: str
    media_type: str
    charset: str | None
    encoding: str
    name: str | None
    disposition: str | None
    size: int
    content_id: str | None = None
    within: str = ""
    content: bytes | None = None

    @property
    def is_body(self) -> bool:
        """Whether people or calendars read it as the message itself; everything else is an attachment."""
        if self.media_type in ALWAYS_BODY or self.disposition == PACKED:
            return True
        if self.disposition == "attachment" or (self.name and self.disposition != "inline"):
            return False
        return self.media_type in BODY_TYPES

    def facts(self) -> JsonObject:
        """What is known about the part without its content."""
        return {
            "section": self.section,
            "type": self.media_type,
            "charset": self.charset,
            "encoding": self.encoding,
            "name": self.name,
            "disposition": self.disposition,
            "size": self.size,
            "content_id": self.content_id,
            "within": self.within,
        }

    def as_text(self) -> JsonObject:
        """The part as JSON: text where it decodes without doubt, else its bytes in base64."""
        content = self.content or b""
        found: JsonObject = {"section": self.section, "type": self.media_type, "charset": self.charset}
        found |= {"within": self.within, "disposition": self.disposition}
        text = decoded_text(content, self.charset)
        return found | (
            {"text": text} if text is not None else {"base64": base64.b64encode(content).decode()}
        )


def decoded_text(content: bytes, charset: str | None) -> str | None:
    """The bytes as text in their declared charset, or None where that needs a guess."""
    try:
        text = content.decode(charset or "utf-8")
        text.encode("utf-8")
    except (UnicodeError, LookupError, ValueError):
        return None
    return text


def without_transfer_encoding(content: bytes, encoding: str) -> bytes:
    """Undo base64, quoted-printable or uuencode, leniently; unknown encodings pass unchanged."""
    holder = Message(policy.compat32)
    holder["Content-Transfer-Encoding"] = encoding
    holder.set_payload(content.decode("ascii", "surrogateescape"))
    decoded = holder.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else content


# ---- from BODYSTRUCTURE


def parts_from_structure(structure: Any) -> list[Part] | None:
    """The leaves of a parsed BODYSTRUCTURE in order, or None when it makes no sense or is out of all bounds."""
    found: list[Part] = []
    stack: list[tuple[str, Any, str]] = [("", structure, "")]
    try:
        while stack:
            section, node, within = stack.pop()
            if section.count(".") > DEEPEST or len(found) > MOST_PARTS:
                return None
            if isinstance(node[0], list):
                around = f"{within}.{_word(node[1], 'mixed')}".lstrip(".")
                inner = [
                    (f"{section}.{at}".lstrip("."), child, around)
                    for at, child in enumerate(node[0], start=1)
                ]
                stack.extend(reversed(inner))
            else:
                found.append(replace(_structure_leaf(section or "1", node), within=within))
    except (TypeError, IndexError, ValueError, AttributeError):
        return None
    return found or None


def _structure_leaf(section: str, node: Any) -> Part:
    media_type = f"{_word(node[0], 'text')}/{_word(node[1], 'plain')}"
    at = DISPOSITION_AT.get(media_type, DISPOSITION_AT.get(_word(node[0], ""), OTHER_DISPOSITION_AT))
    disposition = node[at] if len(node) > at and isinstance(node[at], tuple) else None
    named = _pairs(disposition[1]) if disposition and len(disposition) > 1 else {}
    params = _pairs(node[2])
    return Part(
        section=section,
        media_type=media_type,
        charset=_text(params.get("charset")),
        encoding=_word(node[5], "7bit"),
        name=file_name(named, "filename") or file_name(params, "name"),
        disposition=_word(disposition[0], "attachment") if disposition else None,
        size=int(node[6] or 0),
        content_id=_text(node[3]),
    )


def _word(value: Any, default: str) -> str:
    return value.decode("latin-1").strip().lower() if isinstance(value, bytes) and value.strip() else default


def _text(value: Any) -> str | None:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return (str(text).strip() or None) if text is not None else None


def _pairs(flat: Any) -> dict[str, Any]:
    if not isinstance(flat, tuple):
        return {}
    return {_word(key, ""): value for key, value in zip(flat[::2], flat[1::2], strict=False)}


def file_name(params: Mapping[str, Any], field: str) -> str | None:
    """A file name from parameters, plain or in the pieces of RFC 2231. RFC 2047 words stay as they were sent."""
    plain = params.get(field)
    if plain is not None:
        return _text(collapse_rfc2231_value(plain) if isinstance(plain, tuple) else plain)
    pieces = sorted(
        (
            (int(found.group(1) or 0), bool(found.group(2)), value)
            for found, value in _numbered(params, field)
        ),
        key=lambda piece: piece[0],
    )
    if not pieces:
        return None
    whole = b"".join(_piece(value, coded=coded) for _, coded, value in pieces)
    charset, quote, rest = whole.partition(b"'")
    _, second, name = rest.partition(b"'")
    known = decoded_text(name, charset.decode("latin-1") or "utf-8") if quote and second else None
    return _text(known if known is not None else whole)


def _numbered(params: Mapping[str, Any], field: str) -> Iterator[tuple[re.Match[str], Any]]:
    for key, value in params.items():
        found = re.fullmatch(re.escape(field) + r"\*(\d{1,3})?(\*)?", key)
        if found and isinstance(value, (bytes, str)):
            yield found, value


def _piece(value: bytes | str, *, coded: bool) -> bytes:
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return unquote_to_bytes(data) if coded or b"%" in data else data


# ---- from the whole message


def parts_from_bytes(raw: bytes) -> list[Part]:
    """The leaves of a message with their contents. Raises `TooComplex` for a MIME bomb."""
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES:
        raise TooComplex("multiparts")
    try:
        tree = BytesParser(policy=policy.compat32).parsebytes(raw)
        return list(_leaves(tree))
    except RecursionError:
        raise TooComplex("levels") from None


def _leaves(tree: Message) -> Iterator[Part]:
    stack: list[tuple[str, Message, str]] = [("", tree, "")]
    seen = 0
    while stack:
        section, node, within = stack.pop()
        seen += 1
        if section.count(".") > DEEPEST or seen > MOST_PARTS:
            raise TooComplex("parts")
        children = node.get_payload()
        if node.get_content_maintype() == "multipart" and isinstance(children, list):
            around = f"{within}.{node.get_content_subtype()}".lstrip(".")
            inner = [
                (f"{section}.{at}".lstrip("."), child, around) for at, child in enumerate(children, start=1)
            ]
            stack.extend(reversed([step for step in inner if isinstance(step[1], Message)]))
            yield from _around(section, node)
        else:
            yield replace(_leaf(section or "1", node), within=within)


def _around(section: str, node: Message) -> Iterator[Part]:
    """Text outside all boundaries: usually empty, sometimes where a broken mail keeps its words."""
    for place, text in (("preamble", node.preamble), ("epilogue", node.epilogue)):
        if text and text.strip():
            content = text.encode("utf-8", "surrogateescape")
            label = f"{section}.{place}".lstrip(".")
            yield Part(label, "text/plain", None, "8bit", None, place, len(content), content=content)


def _leaf(section: str, node: Message) -> Part:
    payload = node.get_payload()
    multipart = node.get_content_maintype() == "multipart"
    disposition = re.match(r"[\w-]+", str(node.get("content-disposition") or "").strip())
    # Only decode=True gives the octets as they were sent; without it, 8-bit text comes out replaced or recoded.
    decoded = node.get_payload(decode=True)
    content = (
        _nested(payload) if isinstance(payload, list) else decoded if isinstance(decoded, bytes) else b""
    )
    encoding = _plain(node.get("content-transfer-encoding")).lower() or "7bit"
    return Part(
        section=section,
        media_type="text/plain" if multipart else node.get_content_type(),
        charset=_charset(node),
        encoding=encoding,
        name=_name(node),
        disposition=disposition.group().lower() if disposition else None,
        size=len(content) if isinstance(payload, list) or encoding in UNCODED else len(str(payload)),
        content_id=_plain(node.get("content-id")) or None,
        content=content,
    )


def _nested(children: list[Any]) -> bytes:
    written = []
    for child in children:
        try:
            written.append(child.as_bytes(policy=AS_SENT))
        except (UnicodeError, LookupError, ValueError, TypeError, KeyError, AttributeError):
            written.append(str(child).encode("utf-8", "replace"))
    return b"\n".join(written)


def _charset(node: Message) -> str | None:
    try:
        value = node.get_param("charset")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    value = collapse_rfc2231_value(value) if isinstance(value, tuple) else value
    return _plain(value) or None


def _name(node: Message) -> str | None:
    for header, field in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            params = dict(node.get_params(header=header, failobj=[]) or [])
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        name = file_name({str(key).lower(): value for key, value in params.items()}, field)
        if name:
            return _plain(name)
    return None


def _plain(value: object) -> str:
    """Header text as JSON can hold it: bytes the parser smuggled through come out as replacement characters."""
    return str(value or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()

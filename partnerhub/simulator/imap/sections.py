"""BODYSTRUCTURE and body sections of a stored message, as a mail server works them out (RFC 3501, 6.4.5, 7.4.2)."""

from __future__ import annotations

import re
from email import policy
from email.message import Message
from email.parser import BytesParser
from functools import lru_cache
from typing import Any

HEADER_END = re.compile(rb"\r?\n\r?\n")
PLAIN = b'("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" %d %d NIL NIL NIL)'
MAX_DEPTH = 40
AS_SENT = policy.compat32.clone(mangle_from_=False, max_line_length=None, linesep="\r\n")
CODED = frozenset({"base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"})


def split_message(raw: bytes) -> tuple[bytes, bytes]:
    """Header block (with its empty line) and body."""
    if raw.startswith((b"\r\n", b"\n")):
        end = 2 if raw.startswith(b"\r\n") else 1
        return raw[:end], raw[end:]
    found = HEADER_END.search(raw)
    return (raw[: found.end()], raw[found.end() :]) if found else (raw, b"")


@lru_cache(maxsize=16)
def parsed(raw: bytes) -> Message | None:
    """The message tree, or None when it is nested beyond what can be parsed. Not to be changed: it is kept."""
    try:
        return BytesParser(policy=policy.compat32).parsebytes(raw)
    except RecursionError:
        return None


def body_structure(raw: bytes) -> bytes:
    """The BODYSTRUCTURE of a message; a hopelessly nested one counts as plain text."""
    tree = parsed(raw)
    text = _structure(tree, 0) if tree is not None else None
    return text or PLAIN % (len(raw), raw.count(b"\n"))


def section(raw: bytes, path: str) -> bytes | None:
    """The bytes of one section (``, `HEADER`, `TEXT`, `1.2`, `1.MIME`, `2.HEADER`), or None where there is none."""
    header, body = split_message(raw)
    if path == "":
        return raw
    if path == "HEADER":
        return header
    if path == "TEXT":
        return body
    fields = re.fullmatch(r"HEADER\.FIELDS(\.NOT)? \((.*)\)", path)
    if fields:
        return _header_fields(header, set(fields.group(2).lower().split()), excluded=bool(fields.group(1)))
    return _part_section(raw, path)


def _header_fields(header: bytes, names: set[str], *, excluded: bool) -> bytes:
    lines = re.findall(rb"[^\n]*\n(?:[ \t][^\n]*\n)*", header)
    wanted = [line for line in lines if (line.split(b":")[0].decode("latin-1").lower() in names) != excluded]
    return b"".join(line for line in wanted if line.strip()) + b"\r\n"


def _part_section(raw: bytes, path: str) -> bytes | None:
    node = parsed(raw)
    pieces = path.split(".")
    kind = pieces.pop() if pieces[-1] in {"MIME", "HEADER", "TEXT"} else ""
    for depth, number in enumerate(pieces):
        if depth and node is not None and node.get_content_type() == "message/rfc822":
            node = _embedded(node)
        node = _child(node, int(number)) if number.isdigit() else None
    if node is None:
        return None
    if kind == "MIME":
        return "".join(f"{name}: {value}\r\n" for name, value in node.raw_items()).encode(
            "ascii", "surrogateescape"
        )
    content = _content(node)
    return content if not kind else section(content, kind)


def _child(node: Message | None, number: int) -> Message | None:
    if node is None:
        return None
    if not node.is_multipart() or node.get_content_maintype() == "message":
        return node if number == 1 else None
    children: list[Message] = node.get_payload()  # type: ignore[assignment]
    return children[number - 1] if 0 < number <= len(children) else None


def _embedded(node: Message) -> Message | None:
    payload = node.get_payload()
    return payload[0] if isinstance(payload, list) and payload and isinstance(payload[0], Message) else None


def _content(node: Message) -> bytes:
    payload = node.get_payload()
    if isinstance(payload, list):
        inner = b"".join(_whole(child) for child in payload if isinstance(child, Message))
        return inner if node.get_content_maintype() == "message" else split_message(_whole(node))[1]
    encoding = str(node.get("content-transfer-encoding") or "").strip().lower()
    # The parser hands out 8-bit text replaced or recoded unless it is asked to decode, which changes coded text.
    octets = None if encoding in CODED else node.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else str(payload).encode("utf-8", "surrogateescape")


def _whole(node: Message) -> bytes:
    try:
        return node.as_bytes(policy=AS_SENT)
    except (UnicodeError, LookupError, TypeError, ValueError, KeyError):
        return str(node).encode("utf-8", "replace")


def _structure(node: Message, depth: int) -> bytes | None:
    if depth > MAX_DEPTH:
        return None
    if node.get_content_maintype() == "multipart" and isinstance(node.get_payload(), list):
        children: list[Message] = node.get_payload()  # type: ignore[assignment]
        inner = [_structure(child, depth + 1) for child in children]
        if any(part is None for part in inner):
            return None
        tail = b" ".join(
            (_string(node.get_content_subtype()), _params(node, "content-type"), _disposition(node))
        )
        return b"(" + b"".join(part or b"" for part in inner) + b" " + tail + b" NIL NIL)"
    return _leaf(node)


def _leaf(node: Message) -> bytes:
    content = _content(node)
    main, sub = node.get_content_maintype(), node.get_content_subtype()
    if main == "multipart":
        main, sub = "text", "plain"
    fields = [
        _string(main),
        _string(sub),
        _leaf_params(node, main),
        _string(node.get("content-id")),
        _string(node.get("content-description")),
        _string(str(node.get("content-transfer-encoding") or "7BIT").strip()),
        b"%d" % len(content),
    ]
    if main == "text":
        fields.append(b"%d" % content.count(b"\n"))
    elif (main, sub) == ("message", "rfc822"):
        inner = _embedded(node)
        envelope = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
        nested = (_structure(inner, MAX_DEPTH - 5) if inner is not None else None) or PLAIN % (0, 0)
        fields += [envelope, nested, b"%d" % content.count(b"\n")]
    return b"(" + b" ".join([*fields, b"NIL", _disposition(node), b"NIL"]) + b")"


def _leaf_params(node: Message, main: str) -> bytes:
    params = _params(node, "content-type")
    if main != "text" or b'"charset"' in params.lower():
        return params
    inner = b"" if params == b"NIL" else params[1:-1] + b" "
    return b"(" + inner + b'"charset" "us-ascii")'


def _params(node: Message, header: str) -> bytes:
    try:
        found = node.get_params(header=header, unquote=True) or []
    except (ValueError, LookupError, TypeError, AttributeError):
        return b"NIL"
    raw: list[tuple[str, Any]] = list(found)
    pairs = [(name, value[2] if isinstance(value, tuple) else value) for name, value in raw[1:]]
    inner = b" ".join(_string(name) + b" " + _string(value) for name, value in pairs if name)
    return b"(" + inner + b")" if inner else b"NIL"


def _disposition(node: Message) -> bytes:
    value = node.get("content-disposition")
    if not value:
        return b"NIL"
    word = re.match(r"[\w-]+", str(value).strip())
    return (
        b"("
        + _string(word.group() if word else "attachment")
        + b" "
        + _params(node, "content-disposition")
        + b")"
    )


def _string(value: object) -> bytes:
    if value is None:
        return b"NIL"
    data = re.sub(rb"[\r\n\x00]+", b" ", str(value).encode("utf-8", "surrogateescape"))
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

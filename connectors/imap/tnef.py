"""Outlook's `winmail.dat` (TNEF, MS-OXTNEF): the body and the files inside it. Bounded, whatever a sender counted.

Read by hand: the one library for it had its last release in 2021 and believes counts of four billion.
"""

from __future__ import annotations

import mimetypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import compressed_rtf  # type: ignore[import-untyped]  # the package ships no types

SIGNATURE = b"\x78\x9f\x3e\x22"
HEADER_BYTES = 6
OBJECT_FRAME = struct.Struct("<BHHI")
CHECKSUM_BYTES = 2

BODY, SUBJECT, CODEPAGE, PROPERTIES = 0x800C, 0x8004, 0x9007, 0x9003
FILE_STARTS, FILE_DATA, FILE_TITLE, FILE_PROPERTIES = 0x9002, 0x800F, 0x8010, 0x9005
ATTACHMENT_LEVEL = 2

TEXT_BODY, HTML_BODY, RTF_BODY, INTERNET_CODEPAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
LONG_NAME, SHORT_NAME, SHOWN_NAME, MIME_TYPE, FILE_BYTES = 0x3707, 0x3704, 0x3001, 0x370E, 0x3701
NAMED_FROM = 0x8000
SEVERAL = 0x1000
OBJECT, UNICODE = 0x000D, 0x001F
SIZES = {0x2: 2, 0xB: 2, 0x3: 4, 0x4: 4, 0xA: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0x14: 8, 0x40: 8, 0x48: 16, 0x1: 0}
VARIABLE = frozenset({0x0, 0xD, 0x1E, 0x1F, 0x102})
INTERFACE_BYTES = 16
EMBEDDED_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")

MOST_OBJECTS = 5_000
MOST_PROPERTIES = 5_000
MOST_VALUES = 1_000
MOST_FILES = 200
CODEPAGES = {20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 65001: "utf-8", 50220: "iso-2022-jp"}
CODEPAGES |= {28590 + part: f"iso-8859-{part}" for part in range(1, 16)} | {936: "gb18030", 54936: "gb18030"}
WESTERN = 1252
LONGEST_RTF = 16 * 1024 * 1024


class Unpackable(ValueError):
    """The bytes are no TNEF, or damaged so early that nothing can be had from them."""


class Body(NamedTuple):
    """One form of the message's text. charset: None where `content` is UTF-8."""

    media_type: str
    charset: str | None
    content: bytes


@dataclass(slots=True)
class PackedFile:
    """One file inside. A message inside a message is TNEF again (`application/ms-tnef`)."""

    name: str | None = None
    media_type: str | None = None
    content: bytes = b""


@dataclass(slots=True)
class Unpacked:
    """What was inside. damaged: the bytes end early or contradict themselves; what was read until then is here."""

    bodies: list[Body] = field(default_factory=list)
    files: list[PackedFile] = field(default_factory=list)
    damaged: bool = False


class Property(NamedTuple):
    """One MAPI property: number, type, value. Text in UTF-16 comes with its own codec, the rest as bytes."""

    number: int
    kind: int
    value: bytes


def unpack(data: bytes) -> Unpacked:
    """Everything of a TNEF stream that people would see. Raises `Unpackable`."""
    if not data.startswith(SIGNATURE):
        raise Unpackable("signature")
    found = Unpacked()
    codec = codec_of(WESTERN)
    plain = b""
    for level, name, content in objects(data, found):
        if name == FILE_STARTS and len(found.files) < MOST_FILES:
            found.files.append(PackedFile())
        elif level == ATTACHMENT_LEVEL and found.files:
            _add_to_file(found.files[-1], name, content, codec)
        elif name == CODEPAGE and len(content) >= 4:  # noqa: PLR2004 - an unsigned integer of 32 bits
            codec = codec_of(struct.unpack_from("<I", content)[0])
        elif name == BODY:
            plain = content.rstrip(b"\x00")
        elif name == PROPERTIES:
            found.bodies += _bodies(list(properties(content)), codec)
    if plain and not any(body.media_type == "text/plain" for body in found.bodies):
        found.bodies.insert(0, Body("text/plain", codec, plain))
    return found


def objects(data: bytes, found: Unpacked) -> Iterator[tuple[int, int, bytes]]:
    """Level, name and content of the objects of a stream; sets `damaged` where it does not end where it says."""
    at = HEADER_BYTES
    for _ in range(MOST_OBJECTS):
        if at + OBJECT_FRAME.size > len(data):
            found.damaged = found.damaged or at < len(data)
            return
        level, name, _, length = OBJECT_FRAME.unpack_from(data, at)
        at += OBJECT_FRAME.size
        found.damaged = found.damaged or at + length > len(data)
        yield level, name, data[at : at + length]
        at += length + CHECKSUM_BYTES
    found.damaged = True


def properties(data: bytes) -> Iterator[Property]:
    """MAPI properties with one value each; of several values the first. Ends where the bytes make no sense."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, MOST_PROPERTIES)):
            kind, number = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4, named=number >= NAMED_FROM)
            value, at = _value(data, at, kind)
            yield Property(number, kind & ~SEVERAL, value)
    except (struct.error, KeyError, OverflowError):
        return


def _after_name(data: bytes, at: int, *, named: bool) -> int:
    """Where a property's value begins: behind the set it belongs to and its name, which nobody needs."""
    if not named:
        return at
    (kind,) = struct.unpack_from("<I", data, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + _padded(length))


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    several, kind = kind & SEVERAL, kind & ~SEVERAL
    count = 1
    if several or kind in VARIABLE:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    if count > MOST_VALUES:
        raise KeyError(kind)
    first = b""
    if kind not in VARIABLE:
        size = SIZES[kind]
        return data[at : at + size], at + _padded(size * count)
    for number in range(count):
        (length,) = struct.unpack_from("<I", data, at)
        first = data[at + 4 : at + 4 + length] if number == 0 else first
        at += 4 + _padded(length)
    return first, at


def _padded(length: int) -> int:
    return length + -length % 4


def _bodies(found: list[Property], codec: str | None) -> list[Body]:
    by_number = {each.number: each for each in found}
    internet = by_number.get(INTERNET_CODEPAGE)
    declared = codec_of(int.from_bytes(internet.value[:4], "little")) if internet else codec
    bodies = []
    if (html := by_number.get(HTML_BODY)) and html.value:
        charset, content = _text(html, declared)
        bodies.append(Body("text/html", charset, content))
    if (text := by_number.get(TEXT_BODY)) and text.value:
        charset, content = _text(text, codec)
        bodies.insert(0, Body("text/plain", charset, content))
    if (packed := by_number.get(RTF_BODY)) and (rtf := _rtf(packed.value)):
        bodies.append(Body("text/rtf", "latin-1", rtf))
    return [body for body in bodies if body.content.strip()]


def _text(found: Property, codec: str | None) -> tuple[str | None, bytes]:
    if found.kind == UNICODE:
        return None, found.value.decode("utf-16-le", "replace").rstrip("\x00").encode("utf-8", "replace")
    return codec, found.value.rstrip(b"\x00")


def _rtf(packed: bytes) -> bytes:
    """Compressed RTF (MS-OXRTFCP) as RTF; empty when it is damaged or says it is larger than any mail."""
    if len(packed) < 16 or int.from_bytes(packed[4:8], "little") > LONGEST_RTF:  # noqa: PLR2004 - its header
        return b""
    size = int.from_bytes(packed[:4], "little") + 4
    try:
        return bytes(compressed_rtf.decompress(packed[:size])).rstrip(b"\x00")
    except Exception:  # noqa: BLE001 - the library raises bare Exception for what it cannot read
        return b""


def _add_to_file(file: PackedFile, name: int, content: bytes, codec: str | None) -> None:
    if name == FILE_DATA:
        file.content = content
    elif name == FILE_TITLE:
        file.name = file.name or _line(content, codec)
    elif name == FILE_PROPERTIES:
        _add_properties(file, list(properties(content)), codec)


def _add_properties(file: PackedFile, found: list[Property], codec: str | None) -> None:
    by_number = {each.number: each for each in found}
    for number in (SHOWN_NAME, SHORT_NAME, LONG_NAME):
        if (each := by_number.get(number)) and (name := _shown(each, codec)):
            file.name = name if number == LONG_NAME else file.name or name
    if each := by_number.get(MIME_TYPE):
        file.media_type = (_shown(each, codec) or "").lower() or None
    if (each := by_number.get(FILE_BYTES)) and each.value:
        file.content = each.value[INTERFACE_BYTES:] if each.kind == OBJECT else each.value
        if each.kind == OBJECT and each.value.startswith(EMBEDDED_MESSAGE):
            file.media_type = "application/ms-tnef"
    if file.media_type is None and file.name:
        file.media_type = mimetypes.guess_type(file.name)[0]


def _shown(found: Property, codec: str | None) -> str | None:
    charset, content = _text(found, codec)
    return _line(content, charset or "utf-8")


def _line(content: bytes, codec: str | None) -> str | None:
    text = content.rstrip(b"\x00").decode(codec or "cp1252", "replace")
    return " ".join(text.split()) or None


def codec_of(codepage: int) -> str:
    """The codec of a Windows codepage number; Western where nobody knows it."""
    name = CODEPAGES.get(codepage, f"cp{codepage}")
    try:
        "".encode(name)
    except LookupError:
        return f"cp{WESTERN}"
    return name

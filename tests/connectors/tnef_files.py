"""TNEF streams made for tests, piece by piece as Outlook lays them out."""

from __future__ import annotations

import struct

RENDERED, PROPERTIES, CODEPAGE, DATA, TITLE = 0x9002, 0x9003, 0x9007, 0x800F, 0x8010


def piece(level: int, name: int, content: bytes) -> bytes:
    """One object: level, name, length, content, checksum."""
    return (
        struct.pack("<BHHI", level, name, 6, len(content))
        + content
        + struct.pack("<H", sum(content) & 0xFFFF)
    )


def text_property(number: int, text: str) -> bytes:
    """A MAPI text property in UTF-16."""
    value = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HHII", 0x1F, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def winmail(body: str | None = None, files: dict[str, bytes] | None = None) -> bytes:
    """A whole `winmail.dat` with an HTML body and files."""
    stream = b"\x78\x9f\x3e\x22\x01\x00" + piece(1, CODEPAGE, struct.pack("<II", 1252, 0))
    if body is not None:
        stream += piece(1, PROPERTIES, struct.pack("<I", 1) + text_property(0x1013, body))
    for name, content in (files or {}).items():
        stream += piece(2, RENDERED, bytes(14)) + piece(2, TITLE, name.encode("cp1252") + b"\0")
        stream += piece(2, DATA, content)
    return stream

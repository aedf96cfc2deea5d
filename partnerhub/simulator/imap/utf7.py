"""Folder names on the wire: modified UTF-7 (RFC 3501, 5.1.3)."""

from __future__ import annotations

import base64
import re

OUTSIDE_ASCII = re.compile(r"[^\x20-\x7e]+")
SHIFTED = re.compile(rb"&([^-]*)-")


def encode(name: str) -> bytes:
    """A folder name as it is sent."""
    shifted = OUTSIDE_ASCII.sub(lambda found: "&" + _base64(found.group()) + "-", name.replace("&", "&-"))
    return shifted.encode("ascii")


def decode(wire: bytes) -> str:
    """A folder name as people see it."""
    return SHIFTED.sub(lambda found: _text(found.group(1)), wire).decode("utf-8", "replace")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")


def _text(coded: bytes) -> bytes:
    if not coded:
        return b"&"
    padded = coded.replace(b",", b"/") + b"=" * (-len(coded) % 4)
    return base64.b64decode(padded).decode("utf-16-be", "replace").encode()

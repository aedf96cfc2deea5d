"""Bytes of mail as text, whatever the sender claimed: unknown charsets, wrong ones, encoded words. Never raises."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from quopri import decodestring

from charset_normalizer import from_bytes

ENCODED_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]+\?[bBqQ]\?)")
ENOUGH_TO_GUESS = 24
"""Bytes below which guessing a charset is worse than assuming the common one."""
LONGEST_SAMPLE = 64 * 1024
LATIN = frozenset({"iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252", "us-ascii", "ascii", ""})
ALIASES = {
    "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unknown": "",
    "unknown-8bit": "",
    "default": "",
    "8bit": "",
    "x-sjis": "shift_jis",
    "gb2312": "gb18030",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "hz-gb-2312": "hz",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
"""What mail programs write, and the codec they mean (a superset where the name is used loosely)."""


WINDOWS_PAGE = re.compile(r"(?:x-)?(?:windows|win|cp|ibm|ms|dos)[-_]?(\d{3,4})")
"""`windows-1251` under its other names."""
SHIFTED = ("\x1b$", "\x1b(J", "\x1b(I")
"""How Japanese in seven bits begins; no other text holds these escapes."""
JAPANESE = "iso2022_jp_ext"


def decode_bytes(content: bytes, charset: str | None = None) -> str:
    """The bytes as text: UTF-8 where they are, else as declared, else as they most likely are."""
    declared = known_codec(charset)
    seven_bit = declared.startswith(("iso-2022", "iso2022", "utf-7", "hz"))
    if not seven_bit and content.isascii() and any(mark.encode() in content for mark in SHIFTED):
        declared, seven_bit = JAPANESE, True
    if seven_bit and content.isascii() and _strictly(content, declared) is None:
        return _without_surrogates(content.decode(declared, "replace"))
    for codec in (
        ([declared] if seven_bit else []) + ["utf-8"] + ([declared] if declared and not seven_bit else [])
    ):
        text = _strictly(content, codec)
        if text is not None:
            return text
    if len(content) >= ENOUGH_TO_GUESS:
        guess = from_bytes(content[:LONGEST_SAMPLE]).best()
        if guess is not None and (text := _strictly(content, guess.encoding)) is not None:
            return text
    return _without_surrogates(_with_replacements(content, declared))


def mended(text: str, charset: str | None) -> str:
    """Text that decoded as Latin although it was UTF-8 (`GrÃ¼ÃŸe`), or as ASCII although it was Japanese, as meant."""
    if any(mark in text for mark in SHIFTED) and text.isascii():
        return decode_bytes(text.encode(), JAPANESE)
    if text.isascii() or known_codec(charset) not in LATIN | {"cp1252", "iso8859-1"}:
        return text
    try:
        return text.encode(known_codec(charset) or "latin-1").decode("utf-8")
    except (UnicodeError, LookupError):
        return text


@lru_cache(maxsize=512)
def known_codec(charset: str | None) -> str:
    """The name of a text codec for a declared charset, or `` when nobody knows it."""
    name = (charset or "").strip().strip("\"'").lower()
    page = WINDOWS_PAGE.fullmatch(name)
    name = ALIASES.get(name, f"cp{page.group(1)}" if page else name)
    try:
        "".encode(name)
    except (LookupError, UnicodeError, ValueError):
        return ""
    # These turn text into other text or escapes; no mail means them.
    return "" if name.startswith(("idna", "punycode", "unicode", "raw", "undefined", "mbcs", "oem")) else name


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        text = content.decode(codec)
        text.encode("utf-8")
    except (UnicodeError, LookupError, ValueError):
        return None
    return text


def _with_replacements(content: bytes, declared: str) -> str:
    """The last resort: the declared charset with gaps where it mostly fits, else Western Latin, which hardly gaps."""
    gapped = content.decode(declared or "utf-8", "replace")
    fits = any(character > "\x7f" and character != "\ufffd" for character in gapped)
    return gapped if fits else content.decode("cp1252", "replace")


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def decode_header(value: str) -> str:
    """A header value for people: unfolded, encoded words (RFC 2047) read leniently, raw 8-bit text rescued.

    value: the raw value, one character a byte (Latin-1).
    """
    line = re.sub(r"\r?\n[ \t]*", " ", value).strip()
    if "=?" not in line:
        return _raw_text(line)
    line = BETWEEN_WORDS.sub(r"\1\2", BETWEEN_WORDS.sub(r"\1\2", line))
    written: list[str] = []
    pending: list[tuple[str, bytes]] = []
    at = 0
    for word in ENCODED_WORD.finditer(line):
        if line[at : word.start()]:
            written += [_flush(pending), _raw_text(line[at : word.start()])]
            pending = []
        pending.append((word.group(1).lower(), _word_bytes(word.group(2), word.group(3))))
        at = word.end()
    return "".join([*written, _flush(pending), _raw_text(line[at:])])


def _flush(words: list[tuple[str, bytes]]) -> str:
    """Neighboring words, those of one charset joined first: some programs cut characters in two."""
    text = ""
    while words:
        charset, content = words[0]
        count = 1
        while count < len(words) and words[count][0] == charset:
            content += words[count][1]
            count += 1
        text += decode_bytes(content, charset)
        words = words[count:]
    return text


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("latin-1", "replace")
    if encoding in "qQ":
        return decodestring(data, header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data


def _raw_text(text: str) -> str:
    return text if text.isascii() else decode_bytes(text.encode("latin-1", "replace"))

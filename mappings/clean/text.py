"""Text as both databases can hold it: the raw→staged border, crossed once by every value.

SQLite and PostgreSQL disagree about NUL and lone surrogates, people about composed letters; after this page they agree.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from functools import lru_cache
from typing import Any

import inscriptis  # type: ignore[import-untyped]  # the package ships no types
import nh3
from inscriptis.css_profiles import STRICT_CSS_PROFILE  # type: ignore[import-untyped]
from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser

from mappings.clean.unreadable import Unreadable

CACHED_VALUES = 65_536
DEEPEST_JSON = 20
MOST_TAGS = 20_000
"""Beyond it HTML is no longer read as a tree: depth costs its square, 20 000 open tags a second."""

LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
SURROGATES = re.compile("[\ud800-\udfff]")
# Embedding and override controls can make a text read other than it is stored; plain direction marks may stay.
BIDI_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Joiners (U+200C, U+200D) carry meaning inside Persian or Indic words and emoji, so only these go everywhere.
INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
EDGES = "\u200c\u200d"
SPACES = re.compile(r"\s+")
BLANK_LINES = re.compile(r"\n{3,}")
HTML_TAG = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9]*(?:[\s/][^<>]*)?|![^<>]*)>")
TAG_NAME = re.compile(r"<(/?)([a-zA-Z]+)")
SILENT_TAGS = frozenset({"script", "style"})
HTML_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
KEPT_ATTRIBUTES = {"*": {"style"}}
KEPT_STYLES = {"display"}
"""All that decides what a reader sees."""
HTML_SETTINGS = ParserConfig(css=STRICT_CSS_PROFILE, display_links=False, display_images=False)


def border_text(text: str) -> str:
    """The text without what a database refuses or a reader cannot see: controls but newline and tab, NFC.

    A lone surrogate becomes U+FFFD, so that a damaged text stays visibly damaged instead of becoming another one.
    """
    if text.isascii() and text.isprintable():
        return text
    # Nothing that is printable has to go, and asking the whole text at once is ten times as fast as looking for it.
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = CONTROLS.sub("", LINE_ENDS.sub("\n", text))
        text = BIDI_TRICKS.sub("", SURROGATES.sub("\ufffd", text))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def as_text(value: object) -> str:
    """A JSON scalar as text: numbers as written, booleans as `true`/`false`, None as empty.

    Raises `Unreadable` for lists and objects: no text is guessed from them.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return "" if math.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    raise Unreadable("not_a_text")


def clean_text(value: object) -> str | None:
    """Text of any number of lines, trimmed. None for empty."""
    return border_text(as_text(value)).strip() or None


def clean_line(value: object) -> str | None:
    """Text of one line: white space collapsed, invisible characters gone. None for empty.

    Raises `Unreadable("nothing_visible")` when something was there but nothing of it can be seen.
    """
    text = value if isinstance(value, str) else as_text(value)
    if text.isascii() and text.isprintable():
        return (" ".join(text.split()) if "  " in text else text.strip()) or None
    return _line(text)


@lru_cache(maxsize=CACHED_VALUES)
def _line(text: str) -> str | None:
    line, before = text, None
    # Taking an invisible character away can bring two letters together that compose, so repeat until stable.
    while line != before:
        before = line
        line = SPACES.sub(" ", INVISIBLE.sub("", border_text(line))).strip(" " + EDGES)
    if line:
        return line
    if text.strip():
        raise Unreadable("nothing_visible")
    return None


def clean_identifier(value: object) -> str | None:
    """An id as text: trimmed, never lower-cased, never through a float."""
    if isinstance(value, float):
        raise Unreadable("identifier_is_a_float")
    return clean_line(value)


def clean_lower(value: object) -> str | None:
    """A code word in lower case."""
    line = clean_line(value)
    return clean_line(line.lower()) if line else None


def html_text(value: object) -> str | None:
    """What a reader sees of an HTML note: tables and lists stay readable, hidden text, scripts and links' targets go.

    Plain text passes unchanged. Not idempotent for text that shows markup (`&lt;b&gt;`), as no reader of HTML is.
    """
    text = border_text(as_text(value))
    if not HTML_TAG.search(text) and not HTML_ENTITY.search(text):
        return text.strip() or None
    shown = clean_text(_rendered(text) if text.count("<") <= MOST_TAGS else _between_tags(text))
    return BLANK_LINES.sub("\n\n", shown) if shown else None


def _rendered(markup: str) -> str:
    """Inscriptis' reading; it answers nothing for very deep markup, where selectolax still finds the text."""
    safe = nh3.clean(markup, attributes=KEPT_ATTRIBUTES, filter_style_properties=KEPT_STYLES)
    try:
        shown = inscriptis.get_text(safe, HTML_SETTINGS)
    except (ValueError, RecursionError, AttributeError):
        shown = ""
    if shown.strip():
        return "\n".join(line.rstrip() for line in shown.splitlines())
    body = LexborHTMLParser(safe).body
    return body.text(separator="\n", strip=True) if body is not None else ""


def _between_tags(text: str) -> str:
    """The text between tags, scripts and styles apart: for markup so large that reading it as a tree takes minutes."""
    said: list[str] = []
    silent, end = "", 0
    for tag in HTML_TAG.finditer(text):
        if not silent:
            said.append(html.unescape(text[end : tag.start()]))
        end = tag.end()
        name = TAG_NAME.match(tag[0])
        if name and name[2].lower() in SILENT_TAGS:
            silent = name[2].lower() if not name[1] else "" if name[2].lower() == silent else silent
    said.append("" if silent else html.unescape(text[end:]))
    return "\n".join(part for part in (" ".join(one.split()) for one in said) if part)


def clean_json(value: Any, depth: int = 0) -> Any:
    """A JSON value with every text in it fit for both databases, nulls and empty texts in objects left out.

    Deeper than 20 levels is replaced by `"…"`; the raw version keeps the whole. NaN becomes null.
    """
    if isinstance(value, str):
        return border_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, (dict, list)):
        return value
    if depth >= DEEPEST_JSON:
        return "…"
    if isinstance(value, list):
        return [clean_json(item, depth + 1) for item in value]
    cleaned = ((border_text(str(key)), clean_json(item, depth + 1)) for key, item in value.items())
    return {key: item for key, item in cleaned if item is not None and item != ""}

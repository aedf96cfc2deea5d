"""Whole numbers, yes and no, and lists as sources write them."""

from __future__ import annotations

import json
import re

from mappings.clean.text import as_text, clean_line
from mappings.clean.unreadable import Unreadable

LONGEST_NUMBER = 40
LARGEST_INTEGER = 2**63 - 1
SURELY_FITS = 18
YES = frozenset({"true", "yes", "y", "1", "ja", "oui", "si", "sí", "x"})
NO = frozenset({"false", "no", "n", "0", "nein", "non"})
WHOLE = re.compile(r"[+-]?\d{1,3}(?:([ ,.'\u00a0\u202f])\d{3})(?:\1\d{3})*|[+-]?\d+(?:[.,]0+)?", re.ASCII)
LIST_MARKS = re.compile(r"[;|\n]")
LIST_COMMAS = re.compile(r"[;|,\n]")


def clean_integer(value: object) -> int | None:
    """A whole number; `1,200`, `1.200` and `1200.0` are 1200. Raises `Unreadable` for anything with a fraction."""
    if isinstance(value, bool):
        raise Unreadable("unreadable_number")
    if isinstance(value, int):
        number = value
    else:
        line = clean_line(value)
        if line is None:
            return None
        if line.isascii() and line.isdigit() and len(line) <= SURELY_FITS:
            return int(line)
        found = WHOLE.fullmatch(line)
        if not found or len(line) > LONGEST_NUMBER:
            raise Unreadable("unreadable_number")
        number = int(line.replace(found[1], "") if found[1] else re.split(r"[.,]", line)[0])
    if abs(number) > LARGEST_INTEGER:
        raise Unreadable("number_too_large")
    return number


def clean_boolean(value: object) -> bool | None:
    """Yes or no in common spellings. None for empty."""
    if isinstance(value, bool):
        return value
    word = (clean_line(value) or "").lower()
    if not word:
        return None
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unreadable("unreadable_boolean")


def split_list(value: object, *, commas: bool = False) -> list[str]:
    """The entries of a list or of a text with `;`, `|` or line breaks (with `commas`, also commas), each once."""
    marks = LIST_COMMAS if commas else LIST_MARKS
    if isinstance(value, str) and not marks.search(value):
        line = clean_line(value)
        return [line] if line else []
    parts = value if isinstance(value, list) else marks.split(as_text(value))
    lines = (clean_line(part) for part in parts)
    return list(dict.fromkeys(line for line in lines if line))


def clean_list(value: object) -> str | None:
    """A multi-valued field as JSON text: a list of distinct lines in the source's order. None for empty."""
    if isinstance(value, str) and value.startswith("["):
        try:
            loaded = json.loads(value)
        except ValueError:
            loaded = value
        value = loaded if isinstance(loaded, list) else value
    entries = split_list(value, commas=True)
    return json.dumps(entries, ensure_ascii=False) if entries else None

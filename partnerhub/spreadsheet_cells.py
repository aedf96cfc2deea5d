"""Cells as a spreadsheet program may read them from a CSV file."""

from __future__ import annotations

from typing import Final

NO_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet program takes a cell for a formula."""


def harmless(text: str) -> str:
    """A cell that no spreadsheet program runs as a formula."""
    return f"'{text}" if text.startswith(NO_FORMULA) else text

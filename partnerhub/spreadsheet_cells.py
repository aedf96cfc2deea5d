"""Cells as a spreadsheet program may read them from a CSV file."""

from __future__ import annotations

import re
from typing import Final

FORMULA: Final = r"^\s*[=+\-@＝＋－＠]|^[\t\r]"  # the wide ones are run, too
"""How a text begins that a spreadsheet program takes for a formula; spaces before it are overlooked."""
PLAIN: Final = r"^[+-]?[0-9][0-9.,]*$|^\+[0-9][0-9 ]*(;ext=[0-9]+)?$"
"""What begins like one and is none: numbers, and telephone numbers as the hub writes them."""


def harmless(text: str) -> str:
    """A cell that no spreadsheet program runs as a formula. Numbers below zero and telephone numbers stay."""
    return f"'{text}" if re.search(FORMULA, text) and not re.search(PLAIN, text) else text

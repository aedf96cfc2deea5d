"""How a generated part writes tables and sentences in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table; bars in cells are escaped."""
    lines = [header, tuple("---" for _ in header), *rows]
    return [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    ]


def first_paragraph(text: str | None) -> str:
    """The sentence that says what something is."""
    return " ".join((text or "").split("\n\n", maxsplit=1)[0].split())


def paragraphs(text: str | None) -> list[str]:
    """What a row is, and whatever else its docstring says, paragraph by paragraph with a blank line after each."""
    found = [" ".join(one.split()) for one in (text or "").split("\n\n")]
    return [line for one in found if one for line in (one, "")]

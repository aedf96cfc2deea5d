"""Text as an Atlassian document (ADF), the shape in which Jira holds descriptions and comments."""

from __future__ import annotations

import re
from typing import Any, Final

BULLET: Final = "- "
ADDRESS: Final = re.compile(r"(https?://\S+)")


def document_of(text: str) -> dict[str, Any] | None:
    """Paragraphs at blank lines, lists of lines that begin with `- `, addresses as links; None for no text."""
    if not text.strip():
        return None
    content: list[dict[str, Any]] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.split("\n")
        if all(line.startswith(BULLET) for line in lines):
            items = [{"type": "listItem", "content": [paragraph([line[2:]])]} for line in lines]
            content.append({"type": "bulletList", "content": items})
        else:
            content.append(paragraph(lines))
    return {"type": "doc", "version": 1, "content": content}


def paragraph(lines: list[str]) -> dict[str, Any]:
    """One paragraph, its lines apart."""
    content: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        content += [{"type": "hardBreak"}] if number else []
        for piece in ADDRESS.split(line):
            if piece:
                content.append(inline(piece))
    return {"type": "paragraph", "content": content}


def inline(piece: str) -> dict[str, Any]:
    """A run of text; an address carries its link as a mark."""
    if ADDRESS.fullmatch(piece):
        return {"type": "text", "text": piece, "marks": [{"type": "link", "attrs": {"href": piece}}]}
    return {"type": "text", "text": piece}

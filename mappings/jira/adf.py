"""Atlassian documents (ADF) as plain text: what a reader sees, in order, with lists, tables and links readable.

A node nobody here knows gives the text inside it, so that a new kind of node loses its looks and not its words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

Node = dict[str, Any]

DEEPEST: Final = 100
"""Levels of nesting beyond which only the bare texts are kept."""
MOST_NODES: Final = 200_000
INDENT: Final = "  "
INLINE: Final = frozenset(
    {
        "text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "placeholder", "mediaInline",
        "inlineExtension",
    }
)  # fmt: skip


def document_text(value: object) -> str | None:
    """The text of a document; of plain text itself. None for nothing to read."""
    if isinstance(value, str):
        return value.strip() or None
    if not isinstance(value, dict):
        return None
    lines = _block(value, 0)
    text = "\n".join(line.rstrip() for line in lines).strip()
    return text or None


def is_document(value: object) -> bool:
    """Whether a value is a document."""
    return isinstance(value, dict) and value.get("type") == "doc"


def _nodes(node: Node) -> list[Node]:
    content = node.get("content")
    return [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []


def _attributes(node: Node) -> dict[str, Any]:
    found = node.get("attrs")
    return found if isinstance(found, dict) else {}


# Blocks: lists of lines --------------------------------------------------------------------------------------------


def _block(node: Node, depth: int) -> list[str]:
    """The lines of one node."""
    if depth > DEEPEST:
        return [bare_text(node)]
    kind = str(node.get("type"))
    if kind in INLINE:
        return _inline(node).split("\n")
    if kind in BLOCKS:
        return BLOCKS[kind](node, depth)
    return _children(node, depth)


def _children(node: Node, depth: int) -> list[str]:
    """The lines of what is inside: runs of inline nodes as one text, blocks apart from each other by an empty line."""
    lines: list[str] = []
    run = ""
    for child in _nodes(node):
        if str(child.get("type")) in INLINE:
            run += _inline(child)
            continue
        if run:
            lines += run.split("\n")
            run = ""
        found = _block(child, depth + 1)
        if lines and found and _stands_apart(child):
            lines.append("")
        lines += found
    if run:
        lines += run.split("\n")
    return lines


def _stands_apart(node: Node) -> bool:
    return str(node.get("type")) not in {
        "listItem",
        "taskItem",
        "decisionItem",
        "tableRow",
        "bulletList",
        "orderedList",
    }


def _list(marker: Callable[[int, Node], str]) -> Callable[[Node, int], list[str]]:
    """A list whose items begin with a marker; what an item holds further stands under its text."""

    def lines_of(node: Node, depth: int) -> list[str]:
        lines: list[str] = []
        for number, item in enumerate(_nodes(node)):
            sign = marker(number + _start(node), item)
            inside = [line for line in _children(item, depth + 1) if line] or [""]
            lines.append(f"{sign} {inside[0]}".rstrip())
            lines += [INDENT + line for line in inside[1:]]
        return lines

    return lines_of


def _dash(number: int, item: Node) -> str:
    del number, item
    return "-"


def _number(number: int, item: Node) -> str:
    del item
    return f"{number}."


def _box(number: int, item: Node) -> str:
    del number
    return "[x]" if _attributes(item).get("state") == "DONE" else "[ ]"


def _arrow(number: int, item: Node) -> str:
    del number, item
    return "->"


def _start(node: Node) -> int:
    first = _attributes(node).get("order")
    return first if isinstance(first, int) and not isinstance(first, bool) else 1


def _table(node: Node, depth: int) -> list[str]:
    """A line for each row, cells apart by bars."""
    rows = []
    for row in _nodes(node):
        cells = [" ".join(line for line in _children(cell, depth + 2) if line) for cell in _nodes(row)]
        rows.append(" | ".join(cells))
    return rows


def _quote(node: Node, depth: int) -> list[str]:
    return [f"> {line}".rstrip() for line in _children(node, depth + 1)]


def _titled(node: Node, depth: int) -> list[str]:
    """An expandable section: its title, then what it hides."""
    title = str(_attributes(node).get("title") or "").strip()
    return ([title] if title else []) + _children(node, depth + 1)


def _card(node: Node, depth: int) -> list[str]:
    del depth
    return [_inline({**node, "type": "inlineCard"})]


def _media(node: Node, depth: int) -> list[str]:
    """A picture or file by its description, where somebody gave one."""
    del depth
    described = str(_attributes(node).get("alt") or "").strip()
    return [f"[{described}]"] if described else []


def _rule(node: Node, depth: int) -> list[str]:
    del node, depth
    return ["---"]


def _extension(node: Node, depth: int) -> list[str]:
    """A macro: what is in it, else the text it shows where it cannot run."""
    return _children(node, depth + 1) or [str(_attributes(node).get("text") or "")]


BLOCKS: Final[dict[str, Callable[[Node, int], list[str]]]] = {
    "bulletList": _list(_dash),
    "orderedList": _list(_number),
    "taskList": _list(_box),
    "decisionList": _list(_arrow),
    "table": _table,
    "blockquote": _quote,
    "expand": _titled,
    "nestedExpand": _titled,
    "blockCard": _card,
    "embedCard": _card,
    "media": _media,
    "rule": _rule,
    "extension": _extension,
    "bodiedExtension": _extension,
}
"""Kinds of blocks that are more than the text inside them. The others (paragraphs, headings, panels, code) are not."""


# Inline: text ------------------------------------------------------------------------------------------------------


def _inline(node: Node) -> str:
    """The text of one inline node."""
    attributes = _attributes(node)
    match node.get("type"):
        case "text":
            return _marked(node)
        case "hardBreak":
            return "\n"
        case "mention":
            name = str(attributes.get("text") or "somebody")
            return name if name.startswith("@") else f"@{name}"
        case "emoji":
            return str(attributes.get("text") or attributes.get("shortName") or "")
        case "date":
            return _day(attributes.get("timestamp"))
        case "inlineCard":
            data = attributes.get("data")
            return str(attributes.get("url") or (data.get("url") if isinstance(data, dict) else "") or "")
        case "mediaInline":
            return "".join(_media(node, 0))
    return str(attributes.get("text") or "")


def _marked(node: Node) -> str:
    """A run of text; a link that the text does not show itself stands behind it."""
    text = str(node.get("text") or "")
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else ():
        if isinstance(mark, dict) and mark.get("type") == "link":
            target = str(_attributes(mark).get("href") or "")
            if target and target.removeprefix("mailto:") not in text:
                return f"{text} ({target})"
    return text


def _day(stamp: object) -> str:
    """A date node: milliseconds since 1970, as text, meaning the day."""
    try:
        return datetime.fromtimestamp(int(str(stamp)) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def bare_text(node: Node) -> str:
    """Every text inside a node, apart by spaces, however deep; reads without recursion."""
    found: list[str] = []
    waiting: list[Node] = [node]
    read = 0
    while waiting and read < MOST_NODES:
        one = waiting.pop()
        read += 1
        if isinstance(one.get("text"), str):
            found.append(one["text"])
        waiting.extend(reversed(_nodes(one)))
    return " ".join(found)

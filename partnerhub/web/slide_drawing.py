"""A slide as a drawing: boxes where its shapes stand, their text as far as it fits, what was quoted marked.

It shows where a fact stands on its slide, not how the slide looks: one font, no colors of its own, pictures and charts
as gray boxes. Everything in it is data for a template that escapes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from warehouse.queries.slides import Quoted, Said, Shape, Slide

LARGEST: Final = {"title": 46.0}
USUAL, SMALLEST = 27.0, 13.0
SHRINKS: Final = 0.88
WIDE: Final = 0.54
"""How wide a letter is by its size, on the average."""
LEADING: Final = 1.22
INSET: Final = 8.0
MOST_LINES, MOST_CELLS, MOST_SHAPES = 40, 200, 120
GRAY: Final = {
    "picture": "Picture",
    "media": "Film or sound",
    "chart": "Chart",
    "diagram": "Diagram",
    "object": "Object",
}
"""Shapes that are drawn as a gray box, and what is written on one without words of its own."""


class Line(NamedTuple):
    """One line of text; y is its base line."""

    x: float
    y: float
    size: float
    text: str


class Part(NamedTuple):
    """A rectangle with the text in it. kind: title, text, cell, or what a gray box stands for; marks: of a quote."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]
    is_quoted: bool = False
    marks: tuple[tuple[float, float, float, float], ...] = ()


class Drawing(NamedTuple):
    """All of it, in the order in which it is painted."""

    width: int
    height: int
    parts: tuple[Part, ...]


def drawing_of(slide: Slide) -> Drawing | None:
    """The drawing of a slide; None where its record does not say where anything stands."""
    if not slide.shapes:
        return None
    parts = [part for shape in slide.shapes[:MOST_SHAPES] for part in parts_of(shape, slide)]
    return Drawing(*slide.size, tuple(parts))


def parts_of(shape: Shape, slide: Slide) -> Iterator[Part]:
    """One shape with what is said in it."""
    texts = [
        each for each in slide.texts if shape.holds(each.place) and each.kind not in {"notes", "comment"}
    ]
    quotes = [each for each in slide.quoted if shape.holds(each.place)]
    if shape.kind == "table":
        yield from cells_of(shape, texts, quotes)
    else:
        yield box_with(shape, texts, quotes)


def box_with(shape: Shape, texts: Sequence[Said], quotes: Sequence[Quoted]) -> Part:
    """A text box, or a gray one with its title."""
    words = [each.text for each in texts] or ([GRAY[shape.kind]] if shape.kind in GRAY else [])
    if shape.kind in GRAY and shape.kind != "diagram":
        words = words[:1]
    x, y, width, height = (float(each) for each in shape.box)
    lines = fitted("\n".join(words), (x, y, width, height), LARGEST.get(shape.kind, USUAL))
    values = [each.value.casefold() for each in quotes]
    marks = tuple(
        (x + INSET / 2, line.y - line.size, max(width - INSET, 0.0), line.size * LEADING)
        for line in lines
        if any(value in line.text.casefold() for value in values)
    )
    return Part(shape.kind, x, y, width, height, lines, bool(quotes), marks)


def cells_of(shape: Shape, texts: Sequence[Said], quotes: Sequence[Quoted]) -> Iterator[Part]:
    """A table as its cells."""
    cells = [each for each in texts if each.row and each.column][:MOST_CELLS]
    x, y, width, height = shape.box
    rows = max((each.row for each in cells), default=1)
    count = max(max((each.column for each in cells), default=1), len(shape.columns))
    widths = [max(each, 0) for each in shape.columns] if len(shape.columns) == count else [1] * count
    total = sum(widths) or 1
    edges = [x + width * sum(widths[:number]) / total for number in range(count + 1)]
    tall = height / rows if height else USUAL * LEADING
    said = {(each.row, each.column): each for each in cells}
    quoted = {each.place for each in quotes}
    for row in range(1, rows + 1):
        for column in range(1, count + 1):
            cell = said.get((row, column))
            box = (edges[column - 1], y + tall * (row - 1), edges[column] - edges[column - 1], tall)
            lines = fitted(cell.text if cell else "", box, USUAL)
            yield Part("cell", *box, lines, cell is not None and cell.place in quoted)


def fitted(text: str, box: tuple[float, float, float, float], size: float) -> tuple[Line, ...]:
    """A text in its box: as large as it fits, cut short where even the smallest does not."""
    x, y, width, height = box
    room = max(width - 2 * INSET, SMALLEST)
    tall = max(height, size * LEADING)
    lines = wrapped(text, room, size)
    while len(lines) * size * LEADING > tall and size > SMALLEST:
        size = max(size * SHRINKS, SMALLEST)
        lines = wrapped(text, room, size)
    most = min(max(int(tall / (size * LEADING)), 1), MOST_LINES)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return tuple(
        Line(x + INSET, y + size * (1 + LEADING * number), size, line) for number, line in enumerate(lines)
    )


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The lines of a text, broken at blanks; a word that is too long is cut."""
    most = max(int(room / (size * WIDE)), 1)
    return [
        line
        for paragraph in text.splitlines()
        if paragraph.strip()
        for line in broken(paragraph.split(), most)
    ]


def broken(words: Iterable[str], most: int) -> list[str]:
    """Words in lines of so many letters."""
    lines: list[str] = []
    for word in words:
        short = word if len(word) <= most else f"{word[: max(most - 1, 1)]}…"
        if lines and len(lines[-1]) + 1 + len(short) <= most:
            lines[-1] += f" {short}"
        else:
            lines.append(short)
    return lines[:MOST_LINES]

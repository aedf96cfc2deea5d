"""A table that fits the terminal: closer columns first, then broken texts; a paragraph a row where that is not enough.

What rich does with too narrow a terminal is to cut numbers and to leave out columns, which misleads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Column

LEAST_TEXT: Final = 10
"""Characters of a word that are shown in one line at least; longer words may be broken."""


class Fitting(Table):
    """A table of texts. The last columns to be broken are those made with `no_wrap`: numbers, times and names."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As it is where there is room; else as the module says."""
        natural = [widest(column) for column in self.columns]
        apart = sum(self.padding) * (len(self.columns) - 1)
        if sum(natural) + apart + self._extra_width <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        self.padding = (0, 0)
        room = options.max_width - self._extra_width
        for breakable in (loose_columns(self), text_columns(self)):
            if widths := broken(self, natural, breakable, room):
                for column, width in zip(self.columns, widths, strict=True):
                    column.width, column.no_wrap = width, column.no_wrap and column not in breakable
                yield from super().__rich_console__(console, options)
                return
        yield from lines_of(self)


def lines(cell: object) -> list[str]:
    """The lines of one cell."""
    return (cell.plain if isinstance(cell, Text) else str(cell)).split("\n")


def widest(column: Column) -> int:
    """Characters of the longest line of a column, its header included."""
    return max(Text(line).cell_len for cell in (column.header, *column._cells) for line in lines(cell))  # noqa: SLF001 - rich's own rows


def loose_columns(table: Table) -> list[Column]:
    """The columns whose text may be broken at any time."""
    return [column for column in table.columns if not column.no_wrap]


def text_columns(table: Table) -> list[Column]:
    """Every column that holds no numbers."""
    return [column for column in table.columns if column.justify != "right"]


def broken(table: Table, natural: list[int], breakable: list[Column], room: int) -> list[int] | None:
    """Widths that fill the room exactly, the widest columns giving way first; None where that leaves too little."""
    least = [
        min(width, least_width(column)) if column in breakable else width
        for column, width in zip(table.columns, natural, strict=True)
    ]
    if sum(least) > room:
        return None
    widths = list(natural)
    while sum(widths) > room:
        spare = [width - low for width, low in zip(widths, least, strict=True)]
        widest_one = max((place for place, left in enumerate(spare) if left), key=lambda place: widths[place])
        widths[widest_one] -= 1
    return widths


def least_width(column: Column) -> int:
    """Characters a column needs at least: its header's, and its longest word's unless that is very long."""
    words = [word for cell in column._cells for line in lines(cell) for word in line.split()]  # noqa: SLF001 - rich's own rows
    longest = max((Text(word).cell_len for word in words), default=0)
    return max(Text(str(column.header)).cell_len, min(longest, LEAST_TEXT))


def lines_of(table: Table) -> RenderResult:
    """Each row as a paragraph: its first column, then every other value there is behind its name."""
    names = [str(column.header) for column in table.columns]
    yield Text("")
    for cells in zip(*(column._cells for column in table.columns), strict=True):  # noqa: SLF001 - rich's own rows
        first, *others = (" ".join(lines(cell)).strip() for cell in cells)
        told = (f"{name} {text}".strip() for name, text in zip(names[1:], others, strict=True) if text)
        yield Text(first, style="bold").append(f"  {' · '.join(told)}", style="not bold")
    yield Text("")

"""Answers on the screen or as JSON. What comes from a source is printed as text: no markup, no control characters."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from partnerhub import counting
from partnerhub.cli.copyable import copyable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

counted = counting.counted
PIPED_WIDTH: Final = 160
FULL_SECONDS_FROM: Final = 10
STATE_MARKS: Final = {"complete": "✓"}
WORD: Final = re.compile(r"\s*(?:[→✓!] )?(?:[^\s`]*`[^`]*`[^\s`]*|\S+)")
"""A word with the blanks before it; backticks and all between them are one, and so is a mark with what follows it."""
NAMES: Final = frozenset({"source", "stream"})
CONTROLS: Final = {
    **dict.fromkeys((code for code in (*range(32), *range(127, 160)) if code != ord("\n")), " "),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), ""),
}
"""Escape sequences and bidirectional overrides: a partner's name must not steer a terminal."""


def printable(value: object) -> str:
    """A value as text that cannot steer a terminal, with commands that can be copied; nothing for None."""
    return "" if value is None else copyable(str(value).translate(CONTROLS))


def console() -> Console:
    """Standard output; wide when it is not a terminal, so that no table is folded in a file."""
    from partnerhub.cli.screen import Screen

    return Screen(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)


def error_console() -> Console:
    """Standard error."""
    from partnerhub.cli.screen import Screen

    return Screen(stderr=True, highlight=False)


def print_json(data: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")
    sys.stdout.flush()


def answer(data: object, show: Callable[[Console], None], *, as_json: bool) -> None:
    """The answer of a command: the data as JSON, or what `show` prints."""
    if as_json:
        print_json(data)
    else:
        show(console())


def prose(to: Console, text: str | Text, *, indent: int = 0, style: str = "") -> None:
    """A line of text that may be long: broken between words on a terminal, whole in a file.

    A command in backticks is never broken: longer than the terminal, it runs on, and is copied as one line.
    """
    from rich.padding import Padding
    from rich.text import Text

    start = Text(" " * indent)
    if isinstance(text, Text):
        if to.is_terminal:
            to.print(Padding(text, (0, 0, 0, indent)))
        else:
            to.print(start + text, soft_wrap=True)
        return
    whole = printable(text)
    for line in folded(whole, to.width - indent) if to.is_terminal else [whole]:
        to.print(start + Text(line, style=style), soft_wrap=True)


def folded(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` characters, broken between words; what stands in backticks is one word."""
    from rich.cells import cell_len

    lines: list[str] = []
    for whole in text.split("\n"):
        lines.append("")
        for word in WORD.findall(whole):
            fits = cell_len(lines[-1]) + cell_len(word) <= width
            if fits or not lines[-1]:
                lines[-1] += word
            else:
                lines.append(word.lstrip())
    return lines


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table:
    """A light table; a column whose name begins with `#` holds numbers and is set flush right.

    Numbers, times (`… (UTC)`) and names of sources and streams are not broken over two lines while others can be. On a
    narrow terminal nothing is cut: columns stand closer, texts are broken, and at last each row is a paragraph.
    """
    from rich import box
    from rich.text import Text

    from partnerhub.cli.fitting import Fitting

    made = Fitting(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.startswith("#") else "left"
        whole = column.startswith("#") or column.endswith("(UTC)") or column in NAMES
        made.add_column(column.removeprefix("#"), justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row))
    return made


def with_dim(text: str, dim: str) -> Text:
    """A cell of two lines, the second one in the background: what people call a thing, and its key."""
    from rich.text import Text

    return Text(printable(text)).append(f"\n{printable(dim)}", style="dim")


def shown(value: object) -> str:
    """A cell: numbers with thousands apart, nothing for None."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(map(printable, value))
    return printable(value)


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < FULL_SECONDS_FROM:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def state_words(state: str) -> str:
    """A stream's state in a table: a mark where all is well, words where somebody should look."""
    return STATE_MARKS.get(state, state.replace("_", " "))


def day(text: Any) -> str:
    """The day of a stored UTC time: `2026-10-01`."""
    return str(text)[:10] if text else ""


def moment(text: Any) -> str:
    """A stored UTC time to the minute: `2026-10-01 09:00`."""
    return str(text)[:16].replace("T", " ") if text else ""

"""A running sync on the screen: one live line per stream on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from partnerhub.cli.output import duration, error_console, printable

if TYPE_CHECKING:
    from rich.table import Table

    from pipelines.progress import Progress, ProgressEvent

PLAIN_LINE_EVERY: Final = 10.0
MARKS: Final = {
    "running": "·",
    "complete": "✓",
    "incomplete": "…",
    "skipped": "–",
    "needs_person": "!",
    "failed": "✗",
}
STYLES: Final = {"complete": "green", "failed": "red", "needs_person": "yellow", "incomplete": "yellow"}
PULL: Final = frozenset({"", "pull"})
MEASURABLE: Final = 0.5
WIDTHS: Final = (32, 7, 11, 13, 0, 8, 7)
"""The least width of each column; what is longer takes more."""
NAME, PAGE, READ, CHANGED, QUARANTINED, RATE, LEFT = range(len(WIDTHS))
SHORT_NAME: Final = 22
DISPENSABLE: Final = (PAGE, CHANGED, QUARANTINED)
"""What a narrow screen does without, in this order. How many, how fast and how long stay on every one."""


def unwatched(event: ProgressEvent) -> None:
    """Show nothing: the answer will be JSON."""
    del event


@contextmanager
def watching(*, as_json: bool) -> Iterator[Progress]:
    """A watcher for the time of one sync. It may be called from several threads; everything goes to stderr."""
    if as_json:
        yield unwatched
    elif sys.stderr.isatty():
        with live_lines() as watcher:
            yield watcher
    else:
        yield PlainLines()


class PlainLines:
    """A line when a stream begins to show something, every ten seconds, and when it ends."""

    def __init__(self) -> None:
        """Nothing was shown yet."""
        self.lock = threading.Lock()
        self.shown: dict[str, tuple[str, float]] = {}

    def __call__(self, event: ProgressEvent) -> None:
        """Print the event when it is worth a line."""
        key, now = key_of(event), time.monotonic()
        with self.lock:
            state, since = self.shown.get(key, ("", 0.0))
            if (state == event.state and now - since < PLAIN_LINE_EVERY) or is_silent(event):
                return
            self.shown[key] = (event.state, now)
            sys.stderr.write("  ".join(part for part in line_of(event) if part) + "\n")


@contextmanager
def live_lines() -> Iterator[Progress]:
    """Lines that change while a stream runs; when it ends its line stays above, so that no screen is too small."""
    from rich.live import Live

    running: dict[str, ProgressEvent] = {}
    lock = threading.Lock()
    with Live(console=error_console(), refresh_per_second=8) as live:

        def watch(event: ProgressEvent) -> None:
            with lock:
                follow(running, event)
                if event.state != "running" and not is_silent(event):
                    live.console.print(drawn([event], live.console.width))
                live.update(drawn(list(running.values()), live.console.width))

        yield watch


def follow(running: dict[str, ProgressEvent], event: ProgressEvent) -> None:
    """Keep what runs now: every stream while it is pulled, then one line for the step that works on all of them."""
    if event.step not in PULL:
        running.clear()
    if event.state == "running":
        running[key_of(event)] = event
    else:
        running.pop(key_of(event), None)


def is_silent(event: ProgressEvent) -> bool:
    """Whether a stream ended with nothing to say: complete, and nothing was read."""
    return event.state == "complete" and bool(event.stream) and event.read == 0


def drawn(events: list[ProgressEvent], screen: int) -> Table:
    """Lines in columns that stay where they are from one line to the next, on a screen of so many characters."""
    from rich.table import Table
    from rich.text import Text

    rows = [[Text(part) for part in line_of(event)] for event in events]
    widths = fitting([[cell.cell_len for cell in row] for row in rows], screen)
    grid = Table.grid(padding=(0, 1))
    for width in widths.values():
        grid.add_column(width=width, no_wrap=True)
    for event, row in zip(events, rows, strict=True):
        row[NAME].stylize(STYLES.get(event.state, ""))
        grid.add_row(*(row[column] for column in widths))
    return grid


def fitting(lengths: list[list[int]], screen: int) -> dict[int, int]:
    """Which columns a screen has room for, and how wide: the name gives way first, then what can be done without."""
    widths = {column: max(least, *(row[column] for row in lengths), 0) for column, least in enumerate(WIDTHS)}
    for column in DISPENSABLE:
        if room_for_name(widths, screen) >= min(SHORT_NAME, widths[NAME]):
            break
        del widths[column]
    widths[NAME] = max(1, min(widths[NAME], room_for_name(widths, screen)))
    return widths


def room_for_name(widths: dict[int, int], screen: int) -> int:
    """What the other columns leave, with a space between any two."""
    return screen - sum(width + 1 for column, width in widths.items() if column != NAME) - 1


def key_of(event: ProgressEvent) -> str:
    """What a line is about: a stream while it is pulled, later a step as a whole."""
    return f"{event.source}/{event.stream}" if event.step in PULL else event.step


def name_of(event: ProgressEvent) -> str:
    """`hubspot companies`; `stage hubspot companies` once it is worked on; or a later step alone."""
    place = f"{event.source} {event.stream}".strip()
    return printable(place if event.step in PULL else f"{event.step} {place}".strip())


def line_of(event: ProgressEvent) -> tuple[str, ...]:
    """mark, name, page, read, changed, quarantined, rate, time left: empty where there is nothing to say."""
    return (
        f"{MARKS.get(event.state, '·')} {name_of(event)}",
        f"page {event.pages:,}" if event.pages else "",
        seen(event) or event.state.replace("_", " "),
        f"{event.landed:,} changed" if event.pages else "",
        f"{event.quarantined:,} quarantined" if event.quarantined else "",
        rate(event),
        time_left(event),
    )


def seen(event: ProgressEvent) -> str:
    """How many records were read, or staged; empty before there is anything to count."""
    done = "read" if event.step in PULL else "done"
    return f"{event.read:,} {done}" if event.pages or event.read else ""


def rate(event: ProgressEvent) -> str:
    """Records per second, once it means something."""
    return f"{event.read / event.seconds:,.0f}/s" if event.read and event.seconds > MEASURABLE else ""


def time_left(event: ProgressEvent) -> str:
    """An estimate from what the source says it holds; how long it took once it is over."""
    if event.state != "running":
        return duration(event.seconds) if event.seconds else ""
    if not event.expected or not event.read or event.seconds <= MEASURABLE or event.expected <= event.read:
        return ""
    return f"~{duration((event.expected - event.read) * event.seconds / event.read)} left"

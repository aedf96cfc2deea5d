"""A running sync on the screen: one live line per stream on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from partnerhub.cli.output import duration, error_console, printable
from pipelines.progress import ANSWERED, WAITING

if TYPE_CHECKING:
    from rich.console import Group
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
OF_WAITS: Final = frozenset({WAITING, ANSWERED})
WORTH_A_LINE: Final = timedelta(seconds=2)
"""Shorter waits are over before a line that stays can be read."""
QUIET: Final = 10.0
"""Seconds without a page after which a stream's silence is told."""
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
        if event.state in OF_WAITS:
            self.tell_wait(event)
            return
        key, now = key_of(event), time.monotonic()
        with self.lock:
            state, since = self.shown.get(key, ("", 0.0))
            if (state == event.state and now - since < PLAIN_LINE_EVERY) or is_silent(event):
                return
            self.shown[key] = (event.state, now)
            sys.stderr.write("  ".join(part for part in line_of(event) if part) + "\n")

    def tell_wait(self, event: ProgressEvent) -> None:
        """A line for a wait that lasts."""
        if event.wait and event.wait.until - datetime.now(UTC) > WORTH_A_LINE:
            sys.stderr.write(f"{wait_words(event, datetime.now(UTC))}\n")


@contextmanager
def live_lines() -> Iterator[Progress]:
    """Lines that change while a stream runs; when it ends its line stays above, so that no screen is too small."""
    from rich.live import Live

    console = error_console()
    now = Lines(console.width)
    with Live(now, console=console, refresh_per_second=8) as live:

        def watch(event: ProgressEvent) -> None:
            with now.lock:
                now.width = live.console.width
                now.follow(event)
            if event.state not in OF_WAITS | {"running"} and not is_silent(event):
                live.console.print(drawn([event], live.console.width))

        yield watch


@dataclass(slots=True)
class Lines:
    """What is shown of the moment, drawn anew several times a second.

    running: what runs by `key_of`, with the second (monotonic) it was last heard of. waits: by the same key.
    """

    width: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    running: dict[str, tuple[ProgressEvent, float]] = field(default_factory=dict)
    waits: dict[str, ProgressEvent] = field(default_factory=dict)

    def follow(self, event: ProgressEvent) -> None:
        """Keep what runs: every stream while it is pulled, then one line for the step that works on all of them."""
        key = key_of(event)
        if event.state == WAITING:
            self.waits[key] = event
            return
        if event.step not in PULL:
            self.running.clear()
            self.waits.clear()
        if event.state in OF_WAITS or event.state != "running":
            self.waits.pop(key, None)
        if event.state == "running":
            self.running[key] = (event, time.monotonic())
        elif event.state != ANSWERED:
            self.running.pop(key, None)

    def __rich__(self) -> Group:
        """The lines, and beneath them for what and until when is waited."""
        from rich.console import Group
        from rich.text import Text

        with self.lock:
            events = [event for event, _ in self.running.values()]
            said = [*self.told_waits(datetime.now(UTC)), *self.told_silence(time.monotonic())]
        beneath = [Text(f"  {each}", style="yellow", no_wrap=True, overflow="ellipsis") for each in said]
        return Group(*([drawn(events, self.width)] if events else ()), *beneath)

    def told_waits(self, now: datetime) -> list[str]:
        """A line for each wait."""
        return [wait_words(event, now) for event in self.waits.values()]

    def told_silence(self, now: float) -> list[str]:
        """A line for each stream of which nothing was heard for long, and nothing said why."""
        return [
            f"{name_of(event)} has brought nothing for {duration(now - heard)}"
            for key, (event, heard) in self.running.items()
            if event.step in PULL and now - heard > QUIET and key not in self.waits
        ]


def wait_words(event: ProgressEvent, now: datetime) -> str:
    """For whom a stream waits and until when, or since when it was asked again; then what the last try came to."""
    wait = event.wait
    if wait is None:
        return ""
    over, at = now >= wait.until, f"{wait.until:%H:%M:%S} UTC"
    does = f"waits for {wait.vendor}'s answer since {at}" if over else f"waits for {wait.vendor} until {at}"
    return printable(f"{name_of(event)} {does} (try {wait.tried + 1}): {wait.happened}")


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

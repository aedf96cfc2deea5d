"""What landing and staging pay for their safety net: the same program with the net and with it replaced by nothing.

    python -m benchmarks.safety_net [--records 100000] [--rounds 25]

The net: leases renewed with every page, failpoints at every commit, retries of a lost transaction, guards on endless
and unreadable pages, the check for changed fields, the counts of every page and against the source. No setting turns it
off: this benchmark replaces the functions, and puts them back, in its own process.

Both variants run in one process, in short sessions by turns over the same pages, which were read beforehand: a session
with the net and one without follow each other within a second, so that whatever else the machine does meets both. What
reading costs is measured before and added to both. Staging is compared by chunks, with and without a look at the kinds
of values. Told are the medians of the rounds' ratios and their quartiles.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr, SecretStr

from benchmarks import whole_path
from benchmarks.company_server import PROPERTIES
from benchmarks.salesforce_path import serving
from connectors.hubspot import HubSpot
from connectors.record import CheckResult, CursorState, Page
from pipelines.land.session import LandSession, LandSettings
from pipelines.leases import Held
from warehouse.database import Connection, Database

GOAL = 0.15
NET_ON, BARE = VARIANTS = ("net", "bare")
PARTS = ("first", "everything once more, nothing changed")


@contextmanager
def bare_transaction(connection: Connection) -> Iterator[Connection]:
    """A transaction without failpoints and fence."""
    connection.execute("BEGIN IMMEDIATE")
    connection.in_transaction = True
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.take_back()
        raise
    finally:
        connection.in_transaction = False


def nothing(*_given: Any, **_named: Any) -> None:
    """Do nothing."""


def as_they_come(pages: Iterable[Any], **_named: Any) -> Iterable[Any]:
    """The pages, unguarded."""
    return pages


NET: dict[str, Callable[..., Any]] = {
    "pipelines.land.session:acquire": lambda _connection, name: Held(name, 0),
    "pipelines.land.session:release": nothing,
    "pipelines.land.page:renew": nothing,
    "pipelines.land.writer:renew": nothing,
    "pipelines.land.runs:renew": nothing,
    "pipelines.land.writer:done_again": lambda transaction: transaction(),
    "warehouse.database:Connection.transaction": bare_transaction,
    "pipelines.land.session:guarded": as_they_come,
    "pipelines.land.session:asked": nothing,
    "pipelines.land.outlook:Outlook.after": nothing,
    "pipelines.land.page:add_counts": nothing,
    "pipelines.land.page:move_live": nothing,
    "pipelines.land.page:report_malformed": nothing,
    "pipelines.land.page:without_their_content": lambda *_: frozenset(),
    "pipelines.land.runs:held_live": lambda *_given, **_named: 0,
    "pipelines.land.writer:SourceWriter.tell": nothing,
}
"""What the net consists of, where landing looks it up, and what stands there without it."""


@contextmanager
def without_the_net() -> Iterator[None]:
    """Every part of it replaced for the length of a block; a name that is no longer there ends the benchmark."""
    held = []
    for place, instead in NET.items():
        module, _, path = place.partition(":")
        *owners, name = path.split(".")
        owner: Any = importlib.import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        held.append((owner, name, getattr(owner, name)))  # raises AttributeError
        setattr(owner, name, instead)
    try:
        yield
    finally:
        for owner, name, former in held:
            setattr(owner, name, former)


class Played(HubSpot):
    """HubSpot, of whose companies some pages were read before."""

    _played: list[Page] = PrivateAttr(default_factory=list)

    def check(self) -> CheckResult:
        """An account."""
        return CheckResult("1")

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """The pages."""
        del stream, cursor, full
        yield from self._played

    def count(self, stream: str) -> int:
        """No more than the hub holds."""
        del stream
        return 1

    def described_fields(self, stream: str) -> dict[str, str]:
        """The fields of the benchmark's companies."""
        del stream
        return {name: name.title() for name in PROPERTIES}


def read_beforehand(port: int) -> tuple[list[Page], float]:
    """All pages, and the CPU seconds that reading them took."""
    connector = whole_path.connector(port)
    began = time.process_time()
    pages = list(connector.pull("companies", None, full=True))
    return [page for page in pages if page.records], time.process_time() - began


def landed(url: str, pages: list[Page]) -> float:
    """CPU seconds of a session that lands these pages."""
    source = Played(source="hubspot", token=SecretStr("benchmark"))
    source._played = pages  # noqa: SLF001  # the class above
    settings = LandSettings(run_id="run", streams={"hubspot": frozenset({"companies"})})
    began = time.process_time()
    with LandSession(Database(url), [source], settings) as session:
        for result in session.wait("hubspot"):
            assert result.state == "complete", result.error
    return time.process_time() - began


def empty() -> dict[str, list[float]]:
    """Variant → nothing measured yet."""
    return {variant: [] for variant in VARIANTS}


def landed_in_turns(folder: str, port: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Part → variant → CPU seconds of each round, reading included."""
    from warehouse.schema import migrate

    urls = {variant: f"sqlite:///{folder}/{variant}.db" for variant in VARIANTS}
    for url in urls.values():
        migrate(url)
    pages, reading = read_beforehand(port)
    each, found = len(pages) // rounds, {part: empty() for part in PARTS}
    for part in PARTS:
        for number in range(rounds):
            some = pages[number * each : (number + 1) * each]
            for variant in VARIANTS if number % 2 else VARIANTS[::-1]:
                spent = landed_as(variant, urls[variant], some)
                found[part][variant].append(spent + reading / rounds)
    return found


def landed_as(variant: str, url: str, pages: list[Page]) -> float:
    """CPU seconds of one session with the net, or without."""
    if variant == NET_ON:
        return landed(url, pages)
    with without_the_net():
        return landed(url, pages)


def staged_in_turns(url: str) -> dict[str, list[float]]:
    """Variant → CPU seconds of each chunk read, cleaned, validated and keyed, with and without a look at kinds."""
    from pipelines.stage.rules import SourceRules, StageSettings, stream_rules
    from pipelines.stage.shapes import Shapes, shapes_of
    from pipelines.stage.transform import Place, transform
    from pipelines.stage.waiting import next_waiting

    settings, last, number = StageSettings({"hubspot": SourceRules("hubspot")}), "", 0
    rules = stream_rules(settings, "hubspot", "companies")
    assert rules
    found = empty()
    with Database(url).session() as connection:
        names = ("hubspot", "companies")
        looked_at = {
            NET_ON: shapes_of(connection, names, rules.mapping, "2026-11-22", learning=True),
            BARE: Shapes(),
        }
        while chunk := next_waiting(connection, *names, rules.fingerprint, last):
            for variant in VARIANTS if number % 2 else VARIANTS[::-1]:
                place = Place(*names, rules, settings, shapes=looked_at[variant])
                began = time.process_time()
                transform(connection, place, chunk)
                found[variant].append(time.process_time() - began)
            last, number = chunk[-1].source_id, number + 1
    return found


def main() -> None:
    """Measure in turns and print."""
    from pipelines.collecting import collect_seldom

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=25)
    given = parser.parse_args()
    collect_seldom()
    with (
        serving("benchmarks.company_server", given.records) as port,
        tempfile.TemporaryDirectory() as folder,
    ):
        turns = landed_in_turns(folder, int(port), given.rounds)
        staged = staged_in_turns(f"sqlite:///{Path(folder) / 'net.db'}")
    print(f"\n{given.records:,} companies in {given.rounds} rounds\n")
    print("| part | µs CPU with | without | the net adds, median | quartiles |\n|---|---|---|---|---|")
    for name, spent in turns.items():
        print_row(f"land, {name}", spent, given.records / given.rounds)
    print_row("stage, kinds of values", staged, given.records / max(1, len(staged[NET_ON])))
    print(f"\ngoal: under {GOAL:.0%}")


def print_row(name: str, spent: dict[str, list[float]], records: float) -> None:
    """Medians: microseconds per record of both, and what the net adds within its own round."""
    cells = [f"{statistics.median(spent[variant]) / records * 1e6:.1f}" for variant in VARIANTS]
    adds = [net / bare - 1 for net, bare in zip(spent[NET_ON], spent[BARE], strict=True)]
    lower, middle, upper = statistics.quantiles(adds, n=4)
    print(f"| {name} | {' | '.join(cells)} | {middle:+.1%} | {lower:+.1%} to {upper:+.1%} |")


if __name__ == "__main__":
    main()

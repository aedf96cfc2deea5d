"""What landing pays for its safety net: the same program with the net and with it replaced by nothing.

    python -m benchmarks.safety_net [--records 100000] [--runs 5]

The net: leases renewed with every page, failpoints at every commit, retries of a lost transaction, guards on endless
and unreadable pages, the check for changed fields, the counts of every page and against the source. No setting turns it
off: this benchmark replaces the functions in a process of its own. Both variants land a first time and then everything
once more with nothing changed, in turns, each in a fresh process; floors stand before and after each turn.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import whole_path
from benchmarks.parts import measure, report
from benchmarks.salesforce_path import serving
from pipelines.leases import Held
from warehouse.database import Connection

GOAL = 0.15
BENCHMARK = "benchmarks.safety_net"
PARTS = ("first", "resend")


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
    "pipelines.land.page:report_malformed": nothing,
    "pipelines.land.page:without_their_content": lambda *_: frozenset(),
    "pipelines.land.runs:live_records": lambda *_: 0,
    "pipelines.land.writer:SourceWriter.tell": nothing,
}
"""What the net consists of, where landing looks it up, and what stands there without it."""


def take_away_the_net() -> None:
    """Replace every part of it; a name that is no longer there ends the benchmark."""
    for place, instead in NET.items():
        module, _, path = place.partition(":")
        *owners, name = path.split(".")
        owner = importlib.import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        getattr(owner, name)  # raises AttributeError
        setattr(owner, name, instead)


def work(part: str, port: int, url: str) -> None:
    """Land: with the net, or without."""
    if part.startswith("bare"):
        take_away_the_net()
    whole_path.land(port, url)


def one_turn(port: str, folder: Path, order: tuple[str, ...]) -> dict[str, float]:
    """CPU seconds of each variant's two landings, and of a floor before, between and after."""
    from warehouse.schema import migrate

    found, floors = {}, [measure("benchmarks.whole_path", "floor", port, "")["cpu"]]
    for variant in order:
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            url = f"sqlite:///{fresh}/hub.db"
            migrate(url)
            for part in PARTS:
                found[f"{variant} {part}"] = measure(BENCHMARK, f"{variant} {part}", port, url)["cpu"]
        floors.append(measure("benchmarks.whole_path", "floor", port, "")["cpu"])
    return found | {"floor": statistics.median(floors)}


def main() -> None:
    """Measure in turns and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        part, port, url = given.child
        report(lambda: work(part, int(port), url), whole_path.IMPORTS)
        return
    with (
        serving("benchmarks.company_server", given.records) as port,
        tempfile.TemporaryDirectory() as folder,
    ):
        orders = [("net", "bare"), ("bare", "net")]
        turns = [one_turn(port, Path(folder), orders[number % 2]) for number in range(given.runs)]
    print_table(turns, given.records)


def print_table(turns: list[dict[str, float]], records: int) -> None:
    """Medians: microseconds per record, times the floor, and what the net adds within its own turn."""
    print(f"\n{records:,} companies landed, {len(turns)} turns, medians\n")
    print(
        "| landing | µs CPU with | × floor | µs CPU without | × floor | the net adds |\n|---|---|---|---|---|---|"
    )
    for part in PARTS:
        cells = [part]
        for variant in ("net", "bare"):
            each = [turn[f"{variant} {part}"] for turn in turns]
            times = [spent / turn["floor"] for spent, turn in zip(each, turns, strict=True)]
            cells += [f"{statistics.median(each) / records * 1e6:.1f}", f"{statistics.median(times):.2f}"]
        adds = [turn[f"net {part}"] / turn[f"bare {part}"] - 1 for turn in turns]
        print(
            f"| {' | '.join(cells)} | {statistics.median(adds):+.1%} ({min(adds):+.1%} to {max(adds):+.1%}) |"
        )
    floor = statistics.median(turn["floor"] for turn in turns) / records * 1e6
    print(f"\nfloor {floor:.1f} µs; goal: under {GOAL:.0%}")


if __name__ == "__main__":
    main()

"""SIGKILL at random instants, and what came of it: `python -m tests.crash.random_kills --kills 200 [--seed N]`.

Every kill falls on a fresh warehouse, in turn on SQLite and PostgreSQL (only SQLite where no PostgreSQL is found). The
seed draws one of the commits of a run and a moment in the work before it: its processor time, which a busy machine
stretches less than its hours. So a stretch is hit as often as it commits. Then the oracles judge what is left, one more
sync runs, and they judge again. Exits 1 when anything was wrong.
`--report FILE` is written after each; stopped, the same command with `--go-on` makes the kills that are missing.
`--at-once N` kills on N processors, each with a company of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import secrets
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.crash.company import company_in
from tests.crash.matrix import KILLED, NUMBERS, Matrix, postgres_from, sqlite_from
from tests.crash.syncing import passages, start, sync
from tests.postgres_server import PostgresUnavailable, postgres_server
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.crash.company import Company
    from tests.crash.matrix import Fresh

HUNDRED: Final = 100
LOOK_SECONDS: Final = 0.002
PROCESS_CLOCK: Final = 2
"""What Linux adds to a process's number for the clock of its processor time, in its lowest three bits."""
PHASES: Final = {
    "before the run had begun": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM sync_run WHERE run_id = 'killed')",
    "after the run had ended": "SELECT 1 FROM sync_run WHERE run_id = 'killed' AND state <> 'running'",
    "before the first page": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM raw_record)",
    "while records landed": "SELECT 1 FROM stream_run WHERE run_id = 'killed' AND state = 'running'",
    "between landing and publication": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM organization)",
    "after the first publication": "SELECT 1",
}
"""Where a kill fell, by what it left: the first that answers."""


PAGE: Final = """\
# Killed at random

Written by `make soak`. A sync of the small company (HubSpot, two mailboxes, the partner list; three pages a stream and
more) is killed by SIGKILL at a random instant before one of its commits, each as likely as the others. What is left is
judged, one more sync runs, and every [promise](develop/promises.md) is asked for: nothing lost, nothing twice, no
cursor ahead of its data, the same rows as in a hub that was never killed, and nothing left to write for the sync after
that.

{kills} kills, seed {seed}, on {day}, in {minutes} minutes. One undisturbed sync: {seconds}.
To repeat: `python -m tests.crash.random_kills --kills {kills} --seed {seed}`.

| the kill fell | {names} |
|---|{rule}
{rows}

{outcome}
"""
TOLD: Final = re.compile(
    r"^(?P<kills>\d+) kills, seed (?P<seed>\d+), on .+, in (?P<minutes>\d+) minutes\.", re.MULTILINE
)
CELLS: Final = re.compile(r"^\| (?P<head>[a-z ]+) \| (?P<cells>.+) \|$", re.MULTILINE)
WRONG: Final = re.compile(r"^- (?P<name>\w+): (?P<words>.+)$", re.MULTILINE)


@dataclass(slots=True)
class Tally:
    """What came of the kills of one database. seconds: how long one undisturbed sync took."""

    seconds: float = 0.0
    fell: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Soak:
    """The kills of one seed so far: how many, in how many minutes, and database → what came of them."""

    seed: int
    kills: int = 0
    minutes: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)


class Outcome(NamedTuple):
    """What came of one kill. database: its kind. seconds: how long an undisturbed sync of that kind took."""

    database: str
    phase: str
    wrong: list[str]
    seconds: float


def main(arguments: list[str] | None = None) -> int:
    """Kill, tell, and write the report if one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.random_kills")
    parser.add_argument("--kills", type=int, default=2 * HUNDRED)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--report", type=lambda path: Path(path).resolve())
    parser.add_argument(
        "--go-on", action="store_true", help="with the seed and after the kills of that report"
    )
    parser.add_argument("--at-once", type=int, default=1)
    given = parser.parse_args(arguments)
    soak = read_report(given.report.read_text(encoding="utf-8")) if given.go_on else Soak(given.seed)
    sys.stdout.write(f"seed {soak.seed}, {soak.kills} kills so far\n")

    def tell() -> None:
        if given.report:
            given.report.write_text(report(soak), encoding="utf-8")

    kill_all(soak, given.kills, given.at_once, tell)
    sys.stdout.write(f"\n{report(soak)}")
    return int(any(tally.wrong for tally in soak.tallies.values()))


def kill_all(soak: Soak, kills: int, at_once: int, tell: Callable[[], None]) -> None:
    """The kills that are missing, in turn on each kind of database; tells after each."""
    dice = random.Random(soak.seed)
    moments = islice(enumerate(dice.random() for _ in range(kills)), soak.kills, None)
    before, began = soak.minutes, time.monotonic()
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, fresh, initializer=Killer.begin) as killers:
        for outcome in killers.map(Killer.kill_one, moments):
            tally = soak.tallies.setdefault(outcome.database, Tally())
            tally.seconds = outcome.seconds
            tally.fell[outcome.phase] += 1
            tally.wrong += outcome.wrong
            soak.kills += 1
            soak.minutes = before + (time.monotonic() - began) / 60
            sys.stdout.write("!" if outcome.wrong else ".")
            sys.stdout.flush()
            tell()


class Killer:
    """One process that kills: its company, and each kind of database."""

    found: dict[str, RandomKills]

    @classmethod
    def begin(cls) -> None:
        """Have everything that a kill needs, until the process ends."""
        opened = ExitStack()
        Finalize(None, opened.close, exitpriority=HUNDRED)
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="kills"))
        company = opened.enter_context(company_in(Path(folder)))
        cls.found = {name: RandomKills(company, *made) for name, made in kinds(company, opened)}

    @classmethod
    def kill_one(cls, numbered: tuple[int, float]) -> Outcome:
        """The kill of a number at a share of a run's work."""
        number, at = numbered
        name = list(cls.found)[number % len(cls.found)]
        return Outcome(name, *cls.found[name].kill(at), cls.found[name].seconds)


def kinds(company: Company, opened: ExitStack) -> Iterator[tuple[str, tuple[Fresh, str]]]:
    """Each kind of database there is: its name, fresh ones, and one to compare with, until `opened` closes."""
    empty = company.folder / "empty.db"
    migrate(f"sqlite:///{empty}")
    on_sqlite = sqlite_from(empty)
    yield "SQLite", (on_sqlite, opened.enter_context(on_sqlite("reference")))
    try:
        server = opened.enter_context(postgres_server())
    except PostgresUnavailable as reason:
        sys.stdout.write(f"PostgreSQL is left out: {reason}\n")
        return
    migrate(server.create("migrated"))
    opened.callback(server.drop, "migrated")
    on_postgres = postgres_from(server, "migrated")
    yield "PostgreSQL", (on_postgres, opened.enter_context(on_postgres("reference")))


class RandomKills(Matrix):
    """Kills of one kind of database.

    moments: the processor time of an undisturbed run at each edge of a commit. seconds: how long that run took.
    """

    def __init__(self, company: Company, fresh: Fresh, reference: str) -> None:
        """As a matrix; then one run is measured."""
        super().__init__(company, fresh, reference)
        with self.fresh("measured") as url:
            self.company.config(url, "measured")
            began = time.monotonic()
            self.moments = passages(self.company.folder / "measured.yaml", "measured").moments
            self.seconds = time.monotonic() - began

    def kill(self, at: float) -> tuple[str, list[str]]:
        """Kill one sync on its way; returns where that fell, and what is wrong then and after the next."""
        name = f"random{next(NUMBERS)}"
        with self.fresh(name) as url:
            config = self.company.config(url, name)
            process = start(self.company.folder / f"{name}.yaml", "killed")
            killed_after(process, moment_of(at, self.moments))
            phase = phase_of(url)
            wrong = [*self.left_behind(url), *self.mended(url, lambda run_id: sync(config, run_id))]
            if process.exitcode not in (0, KILLED):
                wrong.append(f"the sync ended with {process.exitcode} before it was killed")
            return phase, [f"killed at {at:.4f} of its way, {phase}: {one}" for one in wrong]


def moment_of(at: float, moments: list[float]) -> float:
    """When a point between 0 and 1 of a run is, where every commit takes as much room as the others."""
    nth, within = divmod(at * len(moments), 1)
    before, after = [0.0, *moments][int(nth) : int(nth) + 2]
    return before + within * (after - before)


def killed_after(process: Any, seconds: float) -> None:
    """Kill a process once it has worked for so long, or let it end before."""
    worked = 0.0
    with suppress(OSError):  # it has ended
        while worked < seconds and process.is_alive():
            worked = time.clock_gettime((~process.pid << 3) | PROCESS_CLOCK)
            time.sleep(LOOK_SECONDS)
    process.kill()
    process.join()


def phase_of(url: str) -> str:
    """Where a kill fell."""
    with Database(url).session() as connection:
        return next(phase for phase, query in PHASES.items() if connection.one(query))


def report(soak: Soak) -> str:
    """What happened, as the page of the documentation."""
    wrong = [f"- {name}: {words}" for name, tally in soak.tallies.items() for words in tally.wrong]
    rows = [
        f"| {phase} | " + " | ".join(str(tally.fell[phase]) for tally in soak.tallies.values()) + " |"
        for phase in PHASES
    ]
    outcome = "\n".join(wrong) if wrong else "Nothing was wrong after any of them."
    seconds = ", ".join(f"{tally.seconds:.1f} s on {name}" for name, tally in soak.tallies.items())
    return PAGE.format(
        kills=soak.kills,
        seed=soak.seed,
        day=f"{datetime.now(UTC):%d %B %Y}",
        minutes=f"{soak.minutes:.0f}",
        seconds=seconds,
        names=" | ".join(soak.tallies),
        rule="---:|" * len(soak.tallies),
        rows="\n".join(rows),
        outcome=outcome,
    )


def read_report(text: str) -> Soak:
    """What `report` wrote, to be gone on with. Raises ValueError for another text."""
    told = TOLD.search(text)
    if told is None:
        raise ValueError("That is no report of kills.")
    soak = Soak(int(told["seed"]), int(told["kills"]), float(told["minutes"]))
    (_, *names), *rows = [(row["head"], *row["cells"].split(" | ")) for row in CELLS.finditer(text)]
    for column, name in enumerate(names, 1):
        soak.tallies[name] = Tally(fell=Counter({row[0]: int(row[column]) for row in rows}))
    for wrong in WRONG.finditer(text):
        soak.tallies[wrong["name"]].wrong.append(wrong["words"])
    return soak


if __name__ == "__main__":
    sys.exit(main())

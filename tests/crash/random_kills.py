"""SIGKILL at random instants, and what came of it: `python -m tests.crash.random_kills --kills 200 [--seed N]`.

Every kill falls on a fresh warehouse, in turn on SQLite and PostgreSQL (only SQLite where no PostgreSQL is found), at a
moment drawn from the seed over the length of a whole sync. Then the oracles judge what is left, one more sync runs, and
they judge again. Exits 1 when anything was wrong.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.crash.company import company_in
from tests.crash.matrix import NUMBERS, Matrix, postgres_from, sqlite_from
from tests.crash.syncing import start, sync
from tests.postgres_server import PostgresUnavailable, postgres_server
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.crash.company import Company
    from tests.crash.matrix import Fresh

HUNDRED: Final = 100
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
more) is killed by SIGKILL at a random instant. What is left is judged, one more sync runs, and every
[promise](develop/promises.md) is asked for: nothing lost, nothing twice, no cursor ahead of its data, the same rows as
in a hub that was never killed, and nothing left to write for the sync after that.

{kills} kills, seed {seed}, on {day}, in {minutes} minutes. One undisturbed sync: {seconds}.
To repeat: `python -m tests.crash.random_kills --kills {kills} --seed {seed}`.

| the kill fell | {names} |
|---|{rule}
{rows}

{outcome}
"""


@dataclass(slots=True)
class Tally:
    """What came of the kills of one database. seconds: how long one undisturbed sync took."""

    seconds: float
    fell: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Kill, tell, and write the report if one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.random_kills")
    parser.add_argument("--kills", type=int, default=2 * HUNDRED)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--report", type=Path)
    given = parser.parse_args(arguments)
    sys.stdout.write(f"seed {given.seed}\n")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills") as folder, company_in(Path(folder)) as company:
        tallies = killed(company, given.kills, random.Random(given.seed))
    text = report(tallies, given.seed, given.kills, (time.monotonic() - began) / 60)
    sys.stdout.write(f"\n{text}")
    if given.report:
        given.report.write_text(text, encoding="utf-8")
    return int(any(tally.wrong for tally in tallies.values()))


def killed(company: Company, kills: int, dice: random.Random) -> dict[str, Tally]:
    """So many kills, in turn on each kind of database; database → what came of them."""
    with ExitStack() as opened:
        found = {name: RandomKills(company, *made) for name, made in kinds(company, opened)}
        tallies = {name: Tally(matrix.seconds()) for name, matrix in found.items()}
        for number in range(kills):
            name = list(found)[number % len(found)]
            found[name].kill(dice.random(), tallies[name])
            sys.stdout.write("!" if tallies[name].wrong else ".")
            sys.stdout.flush()
    return tallies


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
    """Kills of one kind of database."""

    def seconds(self) -> float:
        """How long one whole sync takes that is not disturbed; the reference has warmed everything up."""
        with self.fresh("measured") as url:
            self.company.config(url, "measured")
            began = time.monotonic()
            start(self.company.folder / "measured.yaml", "measured").join()
            return time.monotonic() - began

    def kill(self, at: float, tally: Tally) -> None:
        """Kill one sync at a share of its length, and judge what is left and what the next one makes of it."""
        name = f"random{next(NUMBERS)}"
        with self.fresh(name) as url:
            config = self.company.config(url, name)
            process = start(self.company.folder / f"{name}.yaml", "killed")
            time.sleep(at * tally.seconds)
            process.kill()
            process.join()
            phase = phase_of(url)
            tally.fell[phase] += 1
            wrong = [*self.left_behind(url), *self.mended(url, lambda run_id: sync(config, run_id))]
            tally.wrong += [f"killed after {at * tally.seconds:.3f} s, {phase}: {one}" for one in wrong]


def phase_of(url: str) -> str:
    """Where a kill fell."""
    with Database(url).session() as connection:
        return next(phase for phase, query in PHASES.items() if connection.one(query))


def report(tallies: dict[str, Tally], seed: int, kills: int, minutes: float) -> str:
    """What happened, as the page of the documentation."""
    wrong = [f"- {name}: {words}" for name, tally in tallies.items() for words in tally.wrong]
    rows = [
        f"| {phase} | " + " | ".join(str(tally.fell[phase]) for tally in tallies.values()) + " |"
        for phase in PHASES
    ]
    outcome = "\n".join(wrong) if wrong else "Nothing was wrong after any of them."
    seconds = ", ".join(f"{tally.seconds:.1f} s on {name}" for name, tally in tallies.items())
    return PAGE.format(
        kills=kills,
        seed=seed,
        day=f"{datetime.now(UTC):%d %B %Y}",
        minutes=f"{minutes:.0f}",
        seconds=seconds,
        names=" | ".join(tallies),
        rule="---:|" * len(tallies),
        rows="\n".join(rows),
        outcome=outcome,
    )


if __name__ == "__main__":
    sys.exit(main())

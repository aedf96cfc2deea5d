"""Finding among many partners: how long the entries take to make, and how long answers take, the search and the list.

    python -m benchmarks.search [--partners 100000] [--touchpoints 10] [--database sqlite:///file.db] [--at-most 0.150]

Fills an empty warehouse with generated partners, people and subjects (or takes one it filled before), then asks a mix
of what people type. Ends with exit code 1 when the search's p95 takes longer than `--at-most` seconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Final
from uuid import UUID

from benchmarks.organizations import FORMS, ONSETS, TRADES, VOWELS
from pipelines.golden import work
from pipelines.golden.search import make_all
from warehouse import bulk
from warehouse.database import Connection, Database
from warehouse.queries.list_choices import choices
from warehouse.queries.partner_list import Wanted, count_wanted, list_page
from warehouse.queries.partner_orders import SORTS
from warehouse.queries.search import search
from warehouse.schema import migrate
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GIVEN: Final = (
    "Ana",
    "Jörg",
    "Marta",
    "Chidi",
    "Yuki",
    "Lena",
    "Piotr",
    "Inès",
    "Tom",
    "Aisha",
    "Nils",
    "Vera",
)
SUBJECTS: Final = (
    "Pricing for the {0} rollout", "Quarterly review with {0}", "Re: contract {1}", "Invoice {1} is overdue",
    "Training dates in May", "Meeting notes {0}", "Support case {1}: login fails", "Renewal of {0}",
)  # fmt: skip
BATCH: Final = 5_000
LISTS: Final = {
    "all": Wanted(),
    "gold in France": Wanted(tier=("Gold",), country=("FR",)),
    "a word": Wanted(text="energy"),
    "quiet": Wanted(quiet_days=90, quiet_since="2026-06-01T00:00:00.000000Z"),
    "needs somebody": Wanted(attention=True),
}
TIERS: Final = ("Gold", "Silver", "Bronze", None)


def word(random: Random) -> str:
    """A made-up word of three syllables."""
    return "".join(random.choice(ONSETS) + random.choice(VOWELS) for _ in range(3))


def name_of(number: int) -> str:
    """The name of a generated partner."""
    random = Random(number)
    return f"{word(random).title()} {random.choice(TRADES)} {random.choice(FORMS)}"


def fill(connection: Connection, partners: int, touchpoints: int) -> None:
    """Write the published tables a search is made from; each batch commits."""
    for start in range(0, partners, BATCH):
        rows: dict[tuple[str, tuple[str, ...]], list[tuple[object, ...]]] = {}
        for number in range(start, min(start + BATCH, partners)):
            for table, columns, row in rows_of(number, touchpoints):
                rows.setdefault((table, columns), []).append(row)
        with connection.transaction():
            for (table, columns), some in rows.items():
                bulk.insert(connection, table, columns, some)


def rows_of(number: int, touchpoints: int) -> Iterator[tuple[str, tuple[str, ...], tuple[object, ...]]]:
    """All rows of one partner: itself, its record and keys, two people, touchpoints."""
    random = Random(number)
    name, organization_id = name_of(number), str(UUID(int=number + 1))
    first = name.split()[0].lower()
    domain = f"{first}{number}.example"
    record = f"crm/companies/{number}"
    at = f"2026-01-{number % 28 + 1:02}T09:00:00.000000Z"
    yield (
        "organization",
        (
            "organization_id", "name", "domain", "phone", "city", "country", "tier", "status", "owner", "rules",
            "record_count",
        ),
        (organization_id, name, domain, f"+4930{number:08}", "Berlin", random.choice(("DE", "FR", "US")),
         random.choice(TIERS), "active", random.choice(GIVEN), "r", 1),
    )  # fmt: skip
    yield "partnership", ("organization_id", "program", "rule"), (organization_id, "default", "r")
    yield (
        "organization_link",
        ("record", "started_at", "organization_id", "method", "run_id"),
        (record, at, organization_id, "founding", "r"),
    )
    for kind, value in (("domain", domain), ("phone", f"+4930{number:08}"), ("name", name)):
        yield (
            "key",
            ("record", "kind", "scheme", "normalized", "original", "entity", "source"),
            (record, kind, "", value, value, "organization", "crm"),
        )
    for place in range(2):
        person_id, given, family = (
            str(UUID(int=(number << 4) + place + 1)),
            random.choice(GIVEN),
            word(random),
        )
        email = f"{given.lower()}.{family}@{domain}"
        yield "person", ("person_id", "name", "email"), (person_id, f"{given} {family.title()}", email)
        yield (
            "person_organization",
            ("person_id", "organization_id", "role", "record"),
            (person_id, organization_id, "", record),
        )
    for place in range(touchpoints):
        fact_id = str(UUID(int=(number << 12) + place + 1))
        month, day = random.randint(1, 12), random.randint(1, 28)
        happened_at = f"20{random.randint(20, 26)}-{month:02}-{day:02}T09:00:00.000000Z"
        title = random.choice(SUBJECTS).format(name.split()[0], random.randint(1_000, 99_999))
        shared = (happened_at, fact_id, "touchpoint", "email")
        yield (
            "fact",
            ("happened_at", "fact_id", "entity", "kind", "title", "record", "attached"),
            (*shared, title, f"mail/messages/{number}-{place}", "attached"),
        )
        yield (
            "timeline",
            ("happened_at", "fact_id", "entity", "kind", "organization_id", "method", "anchor"),
            (*shared, organization_id, "domain", f"domain:{domain}"),
        )


def typed(random: Random, partners: int) -> str:
    """What somebody might type: names, parts, slips, addresses, numbers, ids, common and rare words."""
    number = random.randrange(partners)
    name = name_of(number)
    first = name.split()[0]
    at = random.randrange(1, len(first) - 1)
    ways = (
        name, first, first[:4], f"{first} {name.split()[1]}", first[:at] + first[at + 1] + first[at] + first[at + 2 :],
        first[:at] + first[at + 1 :], f"{first.lower()}{number}.example", f"+4930{number:08}",
        str(UUID(int=number + 1)), f"crm/companies/{number}", f"pricing {first}", "quarterly review",
        "invoice overdue", name.split()[1], f"{random.choice(GIVEN)} {first[:5]}", "gmbh", "zzqqxx",
    )  # fmt: skip
    return random.choice(ways)


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and seconds of CPU it takes."""
    begun, worked = perf_counter(), process_time()
    ask()
    return perf_counter() - begun, process_time() - worked


def quantiles(seconds: list[float]) -> str:
    """The middle, the slowest of twenty, and the slowest, in milliseconds."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"p50 {statistics.median(seconds) * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms, max {max(seconds) * 1e3:.1f} ms"


def main() -> int:
    """Fill, make, ask, and say how long that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=100_000)
    parser.add_argument("--touchpoints", type=int, default=10, help="per partner")
    parser.add_argument("--database", help="a URL; a temporary SQLite file without one")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--at-most", type=float, default=0.150, help="seconds")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'warehouse.db'}"
        migrate(url)
        with Database(url).session() as connection:
            return measure(connection, given)


def measure(connection: Connection, given: argparse.Namespace) -> int:
    """The figures of one warehouse."""
    if not connection.one("SELECT 1 FROM organization LIMIT 1"):
        fill(connection, given.partners, given.touchpoints)
        if connection.dialect == "postgresql":
            connection.execute("ANALYZE")
    with connection.transaction():
        work.prepare(connection)
        seconds, worked = timed(lambda: make_all(connection))
    if connection.dialect == "postgresql":
        connection.execute("VACUUM ANALYZE search_entry")
    count = connection.one("SELECT count(*) FROM search_entry")
    sys.stdout.write(
        f"{count[0] if count else 0:,} entries made in {seconds:.1f} s ({worked:.1f} s of CPU)\n"
    )
    random = Random(7)
    asked = list(dict.fromkeys(typed(random, given.partners) for _ in range(given.questions)))
    for each in asked[:20]:
        search(OPERATOR, connection, each)
    taken = {each: timed(partial(search, OPERATOR, connection, each)) for each in asked}
    report("search", taken)
    lists = {
        f"{name} {sort}": timed(partial(list_page, OPERATOR, connection, replace(wanted, sort=sort)))
        for name, wanted in LISTS.items()
        for sort in SORTS
    }
    report("list", lists)
    counted = {name: timed(partial(count_wanted, OPERATOR, connection, each)) for name, each in LISTS.items()}
    report("count", counted | {"choices": timed(partial(choices, OPERATOR, connection))})
    return int(statistics.quantiles([clock for clock, _ in taken.values()], n=20)[-1] > given.at_most)


def report(what: str, taken: dict[str, tuple[float, float]]) -> None:
    """Print how long answers took, and which took longest."""
    sys.stdout.write(f"{what}: {quantiles([clock for clock, _ in taken.values()])}\n")
    sys.stdout.write(f"{what}, CPU: {quantiles([worked for _, worked in taken.values()])}\n")
    slowest = sorted(taken, key=lambda each: taken[each][1])[-5:]
    sys.stdout.write(f"slowest: {', '.join(f'{each} ({taken[each][1] * 1e3:.0f} ms)' for each in slowest)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

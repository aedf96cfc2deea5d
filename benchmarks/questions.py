"""The stewards' queue at size: how long its first page, one question and keeping it up take.

    python -m benchmarks.questions [QUESTIONS]

Fills a SQLite warehouse in a temporary folder with twice as many organizations as questions (200,000), all doubtful in
pairs, and prints milliseconds of CPU.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from pipelines.golden import work
from pipelines.golden.questions import publish_questions
from warehouse import bulk
from warehouse.database import Connection, Database
from warehouse.queries.pairs import between
from warehouse.queries.review import count_questions, question_named, questions
from warehouse.schema import migrate

QUESTIONS = 200_000
AT = "2026-10-01T00:00:00.000000Z"
LATER = "2026-10-01T00:01:00.000000Z"


def fill(connection: Connection, count: int) -> None:
    """Organizations in doubtful pairs, one fact on every second of them."""
    random.seed(1)
    ids = [(f"{number:036d}", f"crm/companies/{number:07d}", f"Firm {number}") for number in range(2 * count)]

    def add(name: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        bulk.insert(connection, name, columns.split(), rows)

    golden = [(each, name, 1, "r") for each, _, name in ids]
    add("organization", "organization_id name record_count rules", golden)
    links = [(record, AT, each, "founding", "r") for each, record, _ in ids]
    add("organization_link", "record started_at organization_id method run_id", links)
    facts = [(each, AT, f"f{each}", "touchpoint", "note", "crm_id", record) for each, record, _ in ids[::2]]
    add("timeline", "organization_id happened_at fact_id entity kind method anchor", facts)
    pairs = [
        (one[1], other[1], "organization", random.uniform(-5, 3), "review", "[]", "r", "r", AT)
        for one, other in zip(ids[::2], ids[1::2], strict=True)
    ]
    add("match_edge", "left_record right_record entity score band why_json rules run_id recorded_at", pairs)


def told(what: str, command: Callable[[], Any]) -> Any:
    """Run a command three times and print the milliseconds of CPU of each."""
    spent, outcome = [], None
    for _ in range(3):
        began = process_time()
        outcome = command()
        spent.append(f"{(process_time() - began) * 1000:.1f}")
    print(f"{what:24} {' '.join(spent)} ms")
    return outcome


def main(count: int) -> None:
    """Measure."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'warehouse.db'}"
        migrate(url)
        with Database(url).session() as connection:
            with connection.transaction():
                fill(connection, count)
                work.prepare(connection)
                began = process_time()
                publish_questions(connection, AT, everything=True)
            print(f"{count:,} questions made whole in {process_time() - began:.1f} s")
            (first,) = told("the next question", lambda: questions(connection, limit=1))
            told("its evidence", lambda: between(connection, *((each,) for each in first.pair)))
            told("a page of 20", lambda: questions(connection, limit=20))
            told("one by its id", lambda: question_named(connection, first.id))
            told("how many wait", lambda: count_questions(connection))
            with connection.transaction():
                work.prepare(connection)
                work.add_keys(connection, "work_organization", [first.left.id])
                told(
                    "kept up after an answer", lambda: publish_questions(connection, LATER, everything=False)
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS)

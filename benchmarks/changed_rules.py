"""A field is mapped that one company in a hundred has: CPU of every step of the sync that follows.

    python -m benchmarks.changed_rules [--records 100000]

Three times the whole `partnerhub sync`, each in a fresh process, on SQLite: the first, one after the field was mapped,
and one after it was mapped otherwise, before which the digests of staged rows are taken away. That last one is what
a changed rule costs where nothing tells what it left as it was: every record is written, compared and published again.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.first_load import hub_in, load
from benchmarks.salesforce_path import serving
from benchmarks.second_sync import LEAST, NAMES
from benchmarks.synced_child import EVERYTHING

MAPPED: Final = "    fields: {{{field}: partner_grade}}\n"
"""Where the configuration ends with its one source."""


def synced(folder: Path) -> dict[str, dict[str, float]]:
    """One sync: what each of its steps cost."""
    done = load(folder, EVERYTHING)
    assert done.told["code"] == 0, (folder / "said.txt").read_text()
    found: dict[str, dict[str, float]] = done.told["steps"]
    return found


def mapped_as(folder: Path, port: str, field: str) -> None:
    """Write the configuration in which the companies' grade is one field of ours."""
    written = hub_in(folder, port) / "partnerhub.yaml"
    written.write_text(written.read_text() + MAPPED.format(field=field))


def forget_digests(folder: Path) -> None:
    """Leave staged rows as they were before they had any."""
    from warehouse.database import Database

    with Database(f"sqlite:///{folder / 'hub.db'}").session() as connection, connection.transaction():
        connection.execute("UPDATE staged_organization SET digest = NULL")


def measure(folder: Path, port: str) -> list[dict[str, Any]]:
    """The three syncs."""
    found = [synced(hub_in(folder, port))]
    mapped_as(folder, port, "tier")
    found.append(synced(folder))
    mapped_as(folder, port, "stage")
    forget_digests(folder)
    return [*found, synced(folder)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        serving("benchmarks.changing_server", given.records) as port,
    ):
        syncs = measure(Path(name) / "hub", port)
    print(f"\n{given.records:,} companies, CPU s\n")
    print("| step | first | a field mapped | without digests |\n|---|---|---|---|")
    for step, called in NAMES.items():
        costs = [sync.get(step, {"cpu": 0.0})["cpu"] for sync in syncs]
        if max(costs) >= LEAST:
            print(f"| {called} | {' | '.join(f'{cost:.2f}' for cost in costs)} |")


if __name__ == "__main__":
    main()

"""Labelled tables of generated companies: `python -m benchmarks.labelled_worlds FOLDER SEED...`.

Each seed gives FOLDER/<seed>/records.csv and truth.csv, as `pipelines.resolve.learn` takes them: what a CRM and a
partner sheet say about the same organizations, with the slips and gaps of the simulated people who typed it.
"""

from __future__ import annotations

import argparse
import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from partnerhub.simulator.world.generate import generate_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnerhub.simulator.world.model import World

NOW = datetime(2026, 10, 1, tzinfo=UTC)
PARTNERS = 300
COLUMNS = (
    "source", "source_id", "name", "website", "email_domain", "phone", "street", "city", "postcode", "country",
)  # fmt: skip


def labelled_rows(world: World) -> Iterator[tuple[dict[str, object], str]]:
    """What each record says, and the organization it means."""
    for company in world.companies.values():
        said = {column: getattr(company, column, None) for column in COLUMNS}
        said |= {"source": "crm", "source_id": company.id, "website": company.domain}
        yield said, company.org_id
    for row in world.sheet:
        said = {key.casefold(): value for key, value in row.values.items()}
        said |= {
            "source": "sheet",
            "source_id": row.id,
            "name": said["company"],
            "email_domain": said["e-mail"],
        }
        yield said, row.org_id


def write_world(seed: int, folder: Path) -> int:
    """Write the two files of one world; returns the number of records."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(labelled_rows(generate_world(seed, PARTNERS, NOW)))
    with (folder / "records.csv").open("w", newline="", encoding="utf-8") as file:
        records = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        records.writeheader()
        records.writerows(said for said, _ in rows)
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        truth = csv.writer(file)
        truth.writerow(("source", "source_id", "cluster_id"))
        truth.writerows((said["source"], said["source_id"], org) for said, org in rows)
    return len(rows)


def main() -> None:
    """Write a world per seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labelled_worlds", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("seeds", type=int, nargs="+")
    asked = parser.parse_args()
    for seed in asked.seeds:
        print(seed, write_world(seed, asked.folder / str(seed)), "records")


if __name__ == "__main__":
    main()

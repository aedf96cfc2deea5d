"""A batch of 1,000 changes against a resolved warehouse: what it costs beside the full run, and whether they agree.

    python -m benchmarks.incremental [--records 100000] [--changes 1000] [--seed 1] [--folder /tmp/x] [--no-scratch]

Generated organizations of several sources are staged by the hub's own stagers. `full` proposes, assigns and publishes
all of them; `batch` does the same after a third of the changes came new, a third was edited and a third deleted.
Every part runs in a fresh process; CPU is its user and system time less its start-up. At the end everything is
resolved from scratch over the same staged records in a second warehouse, and the partitions are compared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import combinations, islice
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.organizations import SOURCES, Held, as_written, company, held, organization, records_of
from benchmarks.parts import cpu, measure, report

NOW = "2026-10-0{}T00:00:00.000000Z"
LATE = "late"
"""The source of records that come in with the changes."""
CHUNK = 2_000
MOVED = 0.2
"""Share of the edited records that become another organization."""
LEDGER = (
    "identity_event",
    "organization_link",
    "redirect",
    "match_edge",
    "identity_review",
    "pending",
    "hub_state",
)
PARTS = ("propose", "assign", "publish")


def stage(url: str, given: Iterable[tuple[Held, str]], *, before: bool) -> int:
    """Stage records by the hub's own stager. given: with `upsert` or `delete`. before: they may stand already."""
    from pipelines.land.content import encode
    from pipelines.stage.rules import SourceRules, StageSettings, stream_rules
    from pipelines.stage.transform import Place, transform
    from pipelines.stage.waiting import Waiting
    from pipelines.stage.write import write_chunk
    from warehouse.database import Database

    settings, count = StageSettings({source: SourceRules("hubspot") for source in (*SOURCES, LATE)}), 0
    rules = {name: found for name in settings.sources if (found := stream_rules(settings, name, "companies"))}
    with Database(url).session() as connection:
        waiting_here = iter(given)
        while chunk := list(islice(waiting_here, CHUNK * len(SOURCES))):
            by_source = defaultdict(list)
            for one, op in chunk:
                payload = encode(company(one.said))
                by_source[one.source].append(
                    Waiting(one.source_id, 1, op, None, payload, None, None, NOW.format(1), before)
                )
            for source, waiting in sorted(by_source.items()):
                place = Place(source, "companies", rules[source], settings)
                done = transform(connection, place, waiting)
                assert not done.problems, done.problems[:3]
                with connection.transaction():
                    write_chunk(connection, place, done.done)
                count += len(waiting)
    return count


def changes(seed: int, records: int, count: int) -> Iterator[tuple[Held, str]]:
    """A third new records, half of organizations that are known; a third edited; a third deleted."""
    draw, last = Random(f"{seed}/changes"), max(one.organization for one in held(seed, records))
    known = draw.sample(range(last), count)
    for n, number in enumerate(known):
        mine = records_of(seed, number, records)
        one = mine[draw.randrange(len(mine))]
        fresh = Random(f"{seed}/changed/{n}")
        if n % 3 == 0:
            meant = number if n % 2 else last + 1 + n
            truth = organization(Random(f"{seed}/{meant}"), meant, records)
            yield Held(LATE, str(n), meant, as_written(fresh, truth)), "upsert"
        elif n % 3 == 1:
            meant = last + 1 + n if fresh.random() < MOVED else number
            truth = organization(Random(f"{seed}/{meant}"), meant, records)
            yield one._replace(organization=meant, said=as_written(fresh, truth)), "upsert"
        else:
            yield one, "delete"


def resolve(url: str, day: int) -> None:
    """Propose, assign and publish what waits; tells what each of the three cost."""
    from pipelines.golden.publish import Identity, publish
    from pipelines.golden.settings import PublishSettings
    from pipelines.resolve import assign_organizations, assign_persons, propose
    from warehouse.database import Database

    spent: dict[str, float] = dict.fromkeys(PARTS, 0.0)

    @contextmanager
    def timed(part: str) -> Iterator[None]:
        began = cpu()
        yield
        spent[part] += cpu() - began

    def assign(*given: Any) -> Any:
        with timed("assign"):
            return assign_organizations(*given)

    with timed("propose"):
        counts = propose(Database(url), "run", NOW.format(day))
    with timed("publish"):
        publish(
            Database(url),
            PublishSettings(),
            "run",
            NOW.format(day),
            identity=Identity(assign, assign_persons),
        )
    spent["publish"] -= spent["assign"]
    told = {name: round(seconds, 2) for name, seconds in spent.items()}
    Path(f"{url.removeprefix('sqlite:///')}.{day}.json").write_text(
        json.dumps(told | {"waiting": counts.waiting, "compared": counts.compared, "written": counts.written})
    )


def full(_place: str, url: str) -> None:
    """Everything for the first time."""
    resolve(url, 1)


def batch(_place: str, url: str) -> None:
    """The changes."""
    resolve(url, 2)


def scratch(_place: str, url: str) -> None:
    """Everything for the first time, over the records after the changes."""
    resolve(url, 3)


def staged(place: str, url: str) -> None:
    """Stage the records of the base."""
    seed, records, _ = map(int, place.split("/"))
    stage(url, ((one, "upsert") for one in held(seed, records)), before=False)


def changed(place: str, url: str) -> None:
    """Stage the changes."""
    seed, records, count = map(int, place.split("/"))
    stage(url, changes(seed, records, count), before=True)


WORK: dict[str, Callable[[str, str], None]] = {
    each.__name__: each for each in (staged, full, changed, batch, scratch)
}


def forget_everything(url: str) -> None:
    """Make a copy of a warehouse one in which nothing was ever resolved; only what is staged stays."""
    from pipelines.rebuild.tables import derived_tables
    from warehouse.database import Database
    from warehouse.tables import layer_of

    golden = (name for name in derived_tables() if layer_of(name) == "golden")
    with Database(url).session() as connection, connection.transaction():
        for name in (*LEDGER, *golden, "organization_version", "partnership", "change_log"):
            connection.execute(f"DELETE FROM {name}")
        connection.execute("DELETE FROM key WHERE kind = 'block'")
        connection.execute("INSERT INTO pending SELECT record, 'organization' FROM staged_organization")


def links(url: str) -> dict[str, str]:
    """Living record → id."""
    from warehouse.database import Database

    with Database(url).session() as connection:
        return dict(
            connection.query(
                "SELECT l.record, l.organization_id FROM organization_link l"
                " JOIN staged_organization s ON s.record = l.record WHERE l.ended_at IS NULL AND s.deleted_at IS NULL"
            )
        )


def pairs_of(ids: dict[str, str]) -> set[tuple[str, str]]:
    """Every two records of one id."""
    groups = defaultdict(list)
    for record, entity_id in ids.items():
        groups[entity_id].append(record)
    return {pair for records in groups.values() for pair in combinations(sorted(records), 2)}


def differences(mine: dict[str, str], theirs: dict[str, str]) -> dict[str, int]:
    """How two partitions of the same records differ, in pairs of records."""
    one, other = pairs_of(mine), pairs_of(theirs)
    return {
        "records": len(mine),
        "pairs together in both": len(one & other),
        "only after the batch": len(one - other),
        "only from scratch": len(other - one),
    }


def main() -> None:
    """Parse the command line; `--child` is how the parts run themselves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="kept; a staged or resolved base found there is used again"
    )
    parser.add_argument(
        "--no-scratch", action="store_true", help="do not resolve the final records from scratch"
    )
    parser.add_argument("--child", nargs=3, metavar=("PART", "PLACE", "URL"))
    options = parser.parse_args()
    if options.child:
        part, place, url = options.child
        report(lambda: WORK[part](place, url), ["pipelines.resolve", "pipelines.golden.publish", "splink"])
        return
    with tempfile.TemporaryDirectory() as temporary:
        compare(options, options.folder or Path(temporary))


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Every part in turn, and what came out."""
    from warehouse.schema import migrate

    folder.mkdir(parents=True, exist_ok=True)
    place = f"{options.seed}/{options.records}/{options.changes}"
    base, after, fresh = (folder / f"{name}.db" for name in ("base", "after", "fresh"))
    cost: dict[str, float] = {}

    def run(part: str, path: Path) -> None:
        began = time.monotonic()
        spent = measure("benchmarks.incremental", part, place, f"sqlite:///{path}")
        print(
            f"{part:8} {spent['cpu']:9.2f} s CPU {time.monotonic() - began:9.2f} s {spent['peak']:8.0f} MB"
            f"  {told(path, part)}",
            flush=True,
        )
        cost[part] = spent["cpu"]

    if not base.exists():
        migrate(f"sqlite:///{base}")
        run("staged", base)
        run("full", base)
        (folder / "cost.json").write_text(json.dumps(cost))
    cost |= json.loads((folder / "cost.json").read_text())
    shutil.copyfile(base, after)
    run("changed", after)
    run("batch", after)
    print(f"batch / full: {cost['batch'] / cost['full']:.2%} of the CPU")
    if not options.no_scratch:
        shutil.copyfile(after, fresh)
        forget_everything(f"sqlite:///{fresh}")
        run("scratch", fresh)
        print(json.dumps(differences(links(f"sqlite:///{after}"), links(f"sqlite:///{fresh}")), indent=1))


def told(path: Path, part: str) -> str:
    """What a resolving part said it spent where."""
    day = {"full": 1, "batch": 2, "scratch": 3}.get(part)
    return Path(f"{path}.{day}.json").read_text() if day else ""


if __name__ == "__main__":
    main()

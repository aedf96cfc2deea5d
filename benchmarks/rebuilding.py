"""The rebuild proof and a change preview against the first sync of the same hub: seconds, CPU and their ratio.

    python -m benchmarks.rebuilding [--partners 400 | --companies 30000]

The demo's company with all its tools, or so many companies of one CRM; the vendors run in a process of their own. Two
changes are previewed: a threshold of matching, by which every pair is scored anew, and one field of one source.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from benchmarks.first_load import hub_in
from benchmarks.parts import cpu
from benchmarks.salesforce_path import serving
from benchmarks.vendors import vendors
from partnerhub.config import load_config
from pipelines.preview.run import preview, read_change
from pipelines.rebuild.verify import verify
from pipelines.sync import run_sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

THRESHOLD: Final = "matching.auto=0.6"
FIELD: Final = "sources.hubspot.fields.description=website"


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a piece of work gives, its seconds on the clock and of CPU."""
    began, before = monotonic(), cpu()
    done = work()
    return done, monotonic() - began, cpu() - before


@contextmanager
def hub(folder: Path, given: argparse.Namespace) -> Iterator[Path]:
    """The configuration of a hub whose sources answer for the length of a block."""
    if given.companies:
        with serving("benchmarks.changing_server", given.companies) as port:
            yield hub_in(folder, port) / "partnerhub.yaml"
        return
    with vendors(folder, given.partners) as config_file:
        yield config_file


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=400)
    parser.add_argument("--companies", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, hub(Path(name), given) as config_file:
        config = load_config(config_file)
        synced, *first = timed(lambda: run_sync(config))
        proof, *proven = timed(lambda: verify(config))
        changes = [read_change(config, None, [each]) for each in (THRESHOLD, FIELD)]
        tried = [timed(partial(preview, config, each, shown=10))[1:] for each in changes]
    if synced.state != "complete" or not proof.equal:
        raise SystemExit(f"{synced.state}, {[table.name for table in proof.tables if not table.equal]}")
    print(
        f"\n{proof.raw_records:,} raw versions, {sum(table.rows_hub for table in proof.tables):,} rows compared\n"
    )
    print("| | seconds | CPU seconds | of the first sync |\n|---|---|---|---|")
    for name, (seconds, spent) in zip(
        ("first sync", "rebuild --verify", f"preview --set {THRESHOLD}", f"preview --set {FIELD}"),
        (first, proven, *tried),
        strict=True,
    ):
        print(f"| {name} | {seconds:.1f} | {spent:.1f} | {spent / first[1]:.2f} |")
    print(f"\nThe proof, seconds: {proof.seconds}")


if __name__ == "__main__":
    main()

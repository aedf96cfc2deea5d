"""Landing three slow sources at once against the slowest of them alone: the wall clock, and CPU beside it.

    python -m benchmarks.latency [--partners 40] [--latency 0.1] [--at-most 1.3]

Every answer of every vendor takes the given latency more. Ends with exit code 1 when the sync of all takes longer
than `--at-most` times the slowest alone.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from benchmarks.vendors import vendors
from partnerhub.config import HubConfig, load_config
from pipelines.land.session import LandSession, LandSettings
from warehouse.database import Database
from warehouse.schema import migrate

CRM = "hubspot"
MAILBOXES = 2


class Landing(NamedTuple):
    """One landing: seconds on the clock, seconds of CPU, records read."""

    wall: float
    cpu: float
    read: int


def land(config: HubConfig, sources: Sequence[str], warehouse: Path) -> Landing:
    """Land some sources into a new warehouse, to their end."""
    url = f"sqlite:///{warehouse}"
    migrate(url)
    connectors = [config.connector(source) for source in sources]
    began, cpu = monotonic(), cpu_seconds()
    settings = LandSettings("benchmark", own_domains=config.own_domains)
    with LandSession(Database(url), connectors, settings) as session:
        results = [result for source in sources for result in session.wait(source)]
    failed = [result for result in results if result.state != "complete"]
    if failed:
        raise SystemExit(f"{failed[0].source} {failed[0].stream}: {failed[0].error}")
    return Landing(monotonic() - began, cpu_seconds() - cpu, sum(result.read for result in results))


def cpu_seconds() -> float:
    """User and system time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(partners: int, latency: float) -> dict[str, Landing]:
    """Each source alone, then all of them together."""
    with tempfile.TemporaryDirectory() as name, vendors(Path(name), partners, latency) as config_file:
        config = load_config(config_file)
        mailboxes = [source for source in config.sources if config.sources[source].connector == "imap"]
        sources = [CRM, *mailboxes[:MAILBOXES]]
        found = {source: land(config, [source], Path(name) / f"{source}.db") for source in sources}
        found["all three"] = land(config, sources, Path(name) / "all.db")
    return found


def main() -> int:
    """Measure, print a Markdown table, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=40)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--at-most", type=float, default=1.3)
    given = parser.parse_args()
    found = measure(given.partners, given.latency)
    slowest = max(landing.wall for name, landing in found.items() if name != "all three")
    print(f"\n{given.latency * 1000:.0f} ms more in every answer, {given.partners} partners\n")
    print("| landed | records | seconds | × slowest alone | CPU seconds |\n|---|---|---|---|---|")
    for name, landing in found.items():
        print(
            f"| {name} | {landing.read} | {landing.wall:.1f} | {landing.wall / slowest:.2f} | {landing.cpu:.1f} |"
        )
    return int(found["all three"].wall > given.at_most * slowest)


if __name__ == "__main__":
    sys.exit(main())

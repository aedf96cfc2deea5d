"""A first load of very many companies by `partnerhub sync`: memory by quarters, rate, and going on after SIGKILL.

    python -m benchmarks.first_load [--records 1000000] [--steps landed | everything] [--folder DIR] [--no-kill]

Loads once undisturbed, and once more into a new warehouse with SIGKILL in the middle of landing and in the middle of
staging. Requests are counted by the server, resident memory is read from outside four times a second. By default the
steps behind staging answer at once; `everything` runs them all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.changing_server import asked_of
from benchmarks.salesforce_path import serving
from benchmarks.synced_child import EVERYTHING

MEMORY_UNDER = 400
SAMPLE_SECONDS = 0.25
CONFIGURATION = """\
warehouse: {url}
sources:
  hubspot:
    connector: hubspot
    token: benchmark
    base_url: http://127.0.0.1:{port}
    requests_per_second: 0
    searches_per_second: 0
    streams: [companies]
"""
FIRST = "first.json"
"""What a first load cost, beside its warehouse: `benchmarks.second_sync --loaded` goes on from there."""
QUARTERS = 4
MEASURED_STEPS = ("pull", "stage")


@dataclass
class Load:
    """One process that syncs: what it told, and what it held in memory where. samples: step, records, megabytes."""

    process: subprocess.Popen[str]
    step: str = "start"
    records: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    samples: list[tuple[str, int, float]] = field(default_factory=list)

    def listen(self) -> None:
        """Thread body: follow what the child says."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("at "):
                _, self.step, read = line.split()
                self.records = int(read)
            elif line.startswith("{"):
                self.told = json.loads(line)

    def watch(self, kill_at: tuple[str, int] | None) -> None:
        """Sample memory until the child ends; kill it once it is that far in a step."""
        while self.process.poll() is None:
            self.samples.append((self.step, self.records, resident(self.process.pid)))
            if kill_at and self.step == kill_at[0] and self.records >= kill_at[1]:
                self.process.kill()
                kill_at = None
            time.sleep(SAMPLE_SECONDS)

    def quarters(self, step: str, records: int) -> list[float]:
        """The most memory within each quarter of a step's records."""
        most = [0.0] * QUARTERS
        for at, read, megabytes in self.samples:
            if at == step:
                quarter = min(QUARTERS - 1, read * QUARTERS // max(1, records))
                most[quarter] = max(most[quarter], megabytes)
        return most

    @property
    def peak(self) -> float:
        """The most memory of the whole process, as seen from outside."""
        return max((megabytes for _, _, megabytes in self.samples), default=0.0)


def resident(pid: int) -> float:
    """Megabytes of a process that lie in memory; 0 once it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


def load(folder: Path, steps: str, kill_at: tuple[str, int] | None = None) -> Load:
    """One sync to its end, or to its death. What the command says goes to `said.txt` in the folder."""
    with (folder / "said.txt").open("a", encoding="utf-8") as said:
        command = [sys.executable, "-m", "benchmarks.synced_child", str(folder), steps]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process:
            running = Load(process)
            listener = threading.Thread(target=running.listen)
            listener.start()
            running.watch(kill_at)
            listener.join()
    return running


def hub_in(folder: Path, port: str) -> Path:
    """A folder with a configuration that reads the server into the warehouse that stands or will stand beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'hub.db'}"
    (folder / "partnerhub.yaml").write_text(CONFIGURATION.format(url=url, port=port), encoding="utf-8")
    return folder


def rows(folder: Path) -> dict[str, int]:
    """How many rows stand where, and how many records of the source do not stand there exactly once."""
    from warehouse.database import Database

    with Database(f"sqlite:///{folder / 'hub.db'}").session() as connection:
        found = {
            name: connection.query(f"SELECT count(*) FROM {name}")[0][0]
            for name in ("raw_record", "raw_current", "staged_organization")
        }
        waits = connection.query("SELECT count(*) FROM raw_current WHERE staged_raw_id <> raw_id")
        return found | {"waiting": waits[0][0]}


def requests(port: str) -> int:
    """How many the server has counted so far."""
    return asked_of(port, "requests")["requests"]


def undisturbed(folder: Path, port: str, given: argparse.Namespace) -> int:
    """Load once and print what it took; returns its requests."""
    before = requests(port)
    done = load(hub_in(folder, port), given.steps)
    sent = requests(port) - before
    noted = {"steps": done.told["steps"], "requests": sent, "peak": done.peak}
    (folder / FIRST).write_text(json.dumps(noted), encoding="utf-8")
    print(f"\n{given.records:,} companies, first load, undisturbed: {sent:,} requests, {rows(folder)}")
    print("\n| step | wall s | CPU s | records a second | µs CPU per record |\n|---|---|---|---|---|")
    for name, spent in done.told["steps"].items():
        wall, spent_cpu = spent["wall"], spent["cpu"]
        rate, each = given.records / max(wall, 1e-9), spent_cpu / given.records * 1e6
        print(f"| {name} | {wall:.1f} | {spent_cpu:.1f} | {rate:,.0f} | {each:.1f} |")
    print_memory({"undisturbed": done}, given.records)
    return sent


def killed(folder: Path, port: str, given: argparse.Namespace, expected: int) -> None:
    """Load once more, with a kill in the middle of landing and one in the middle of staging."""
    hub_in(folder, port)
    before, loads = requests(port), {}
    for name, kill_at in (
        ("killed landing", ("pull", given.records // 2)),
        ("killed staging", ("stage", given.records // 2)),
        ("last", None),
    ):
        loads[name] = load(folder, given.steps, kill_at)
        ended = loads[name].told.get("code", loads[name].process.returncode)
        print(f"\n{name}: ended with {ended}, {requests(port) - before:,} requests so far, {rows(folder)}")
    sent = requests(port) - before
    print(f"requests: {sent:,}, undisturbed {expected:,}: {sent - expected:+,} over three processes")
    print_memory(loads, given.records)


def print_memory(loads: dict[str, Load], records: int) -> None:
    """A table of the most memory by quarters."""
    print("\n| MB resident | step | 1st quarter | 2nd | 3rd | 4th | peak of the process |")
    print("|---|---|---|---|---|---|---|")
    for name, done in loads.items():
        for step in MEASURED_STEPS:
            parts = " | ".join(f"{most:.0f}" if most else "" for most in done.quarters(step, records))
            print(f"| {name} | {step} | {parts} | {done.peak:.0f} |")
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--steps", default="landed", help=f"behind staging: landed (none) or {EVERYTHING}")
    parser.add_argument("--folder", type=Path, help="must be new; kept")
    parser.add_argument("--no-kill", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as temporary,
        serving("benchmarks.changing_server", given.records) as port,
    ):
        folder = given.folder or Path(temporary)
        sent = undisturbed(folder / "undisturbed", port, given)
        print("\n" + "\n".join((folder / "undisturbed" / "said.txt").read_text().splitlines()[:12]))
        if not given.no_kill:
            killed(folder / "killed", port, given, sent)


if __name__ == "__main__":
    main()

"""The simulated vendors in a process of their own, so that what they cost is not counted as the hub's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SEED = 1
NOW = datetime(2026, 10, 1, tzinfo=UTC)


@contextmanager
def vendors(folder: Path, partners: int, latency_seconds: float = 0.0) -> Iterator[Path]:
    """Serve a world for the length of a block; gives the `partnerhub.yaml` that reads it."""
    command = [sys.executable, "-m", "benchmarks.vendors", str(folder), str(partners), str(latency_seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield Path(process.stdout.readline().strip())
        finally:
            process.stdin.close()
            process.wait()


def serve(folder: Path, partners: int, latency_seconds: float) -> None:
    """Serve until standard input closes; prints the path of the configuration once everything listens."""
    from partnerhub.simulator.runner import Simulator
    from partnerhub.simulator.world.generate import generate_world

    with Simulator(generate_world(SEED, partners, NOW), folder, latency_seconds=latency_seconds) as simulator:
        print(simulator.write_config(), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))

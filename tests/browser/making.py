"""A hub to look at: the simulator's vendors, read by one real sync (`python -m tests.browser.making FOLDER demo`).

A process of its own: a sync brings Dagster, and Dagster's warnings are none of what these tests are about.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

from tests.browser.hostile import plant
from tests.conftest import REPOSITORY

SECONDS = 240
PARTNERS = {"hostile": 8, "demo": 40}
"""Kind of world → how many partners are drawn; the cast of the story comes on top."""


def made(folder: Path, kind: str) -> Path:
    """Make a hub in an empty folder and return its `partnerhub.yaml`."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.browser.making", str(folder), kind],
        capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=SECONDS,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(folder)},
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    return folder / "partnerhub.yaml"


def make(folder: Path, kind: str) -> int:
    """Simulate, sync once; the exit code of the sync."""
    from partnerhub.config import load_config
    from partnerhub.simulator.runner import Simulator
    from partnerhub.simulator.world.generate import generate_world
    from partnerhub.simulator.world.story import place_story
    from pipelines.sync import run_sync

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    world = generate_world(1, PARTNERS[kind], now)
    drawn = set(world.orgs)
    place_story(world)
    if kind == "hostile":
        plant(world, set(world.orgs) - drawn)
    with Simulator(world, folder) as vendors, chdir(folder):
        report = run_sync(load_config(vendors.write_config()))
    sys.stdout.write(f"{report}\n")
    return report.exit_code


if __name__ == "__main__":
    raise SystemExit(make(Path(sys.argv[1]), sys.argv[2]))

"""Planted bugs: each breaks one promise on purpose, in a copy of the tree; the test that proves it must go red.

Run on demand, as `make planted` (`ARGS="lost twice"` for some). One line a bug; exits 1 when a test stayed green.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.planted.bug import Bug
from tests.planted.bugs_of_access import BUGS_OF_ACCESS
from tests.planted.bugs_of_changes import BUGS_OF_CHANGES
from tests.planted.bugs_of_crashes import BUGS_OF_CRASHES
from tests.planted.bugs_of_drift import BUGS_OF_DRIFT
from tests.planted.bugs_of_faults import BUGS_OF_FAULTS
from tests.planted.bugs_of_marts import BUGS_OF_MARTS
from tests.planted.bugs_of_moving import BUGS_OF_MOVING
from tests.planted.bugs_of_pages import BUGS_OF_PAGES
from tests.planted.bugs_of_rebuilds import BUGS_OF_REBUILDS
from tests.planted.bugs_of_records import BUGS_OF_RECORDS
from tests.planted.bugs_of_sight import BUGS_OF_SIGHT
from tests.planted.bugs_of_staging import BUGS_OF_STAGING
from tests.planted.bugs_of_stewards import BUGS_OF_STEWARDS
from tests.planted.bugs_of_syncs import BUGS_OF_SYNCS
from tests.planted.bugs_of_then import BUGS_OF_THEN
from tests.planted.bugs_of_watching import BUGS_OF_WATCHING

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED: Final = (
    "connectors",
    "mappings",
    "pipelines",
    "warehouse",
    "partnerhub",
    "tests",
    "pyproject.toml",
    "dagster.yaml",
)
NO_TESTS_RAN: Final = 5


BUGS: Final = (
    BUGS_OF_SYNCS
    + BUGS_OF_RECORDS
    + BUGS_OF_STEWARDS
    + BUGS_OF_ACCESS
    + BUGS_OF_FAULTS
    + BUGS_OF_CRASHES
    + BUGS_OF_WATCHING
    + BUGS_OF_DRIFT
    + BUGS_OF_PAGES
    + BUGS_OF_SIGHT
    + BUGS_OF_MARTS
    + BUGS_OF_CHANGES
    + BUGS_OF_MOVING
    + BUGS_OF_REBUILDS
    + BUGS_OF_STAGING
    + BUGS_OF_THEN
)


def main(names: list[str]) -> int:
    """Try the named bugs, or all."""
    stayed_green = 0
    for bug in BUGS:
        if names and bug.name not in names:
            continue
        said = tried(bug)
        stayed_green += not said.startswith("red")
        sys.stdout.write(f"{bug.promise:>2}  {bug.name:<22} {said:<12} {bug.test}\n")
        sys.stdout.flush()
    return 1 if stayed_green else 0


def tried(bug: Bug) -> str:
    """`red` when the test fails with the bug; else what happened instead."""
    with tempfile.TemporaryDirectory(prefix="planted") as folder:
        copy = copied(Path(folder))
        path = copy / bug.file
        text = path.read_text(encoding="utf-8")
        if text.count(bug.old) != 1:
            return f"found {text.count(bug.old)}x"
        path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", bug.test]
        try:
            ran = subprocess.run(
                command,
                cwd=copy,
                env=os.environ | {"PYTHONPATH": str(copy)},
                capture_output=True,
                text=True,
                check=False,
                timeout=bug.patience_seconds,
            )
        except subprocess.TimeoutExpired:
            return "red (hangs)"
    if ran.returncode == 1:
        return "red"
    if ran.returncode >= NO_TESTS_RAN - 1:
        return "no test"
    return "STAYED GREEN" if " passed" in ran.stdout else "SKIPPED"


def copied(folder: Path) -> Path:
    """The tree without what can be made again."""
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / name)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

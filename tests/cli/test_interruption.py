"""Ctrl-C in the middle of a sync: ends at once, and the next sync begins at once and loses nothing."""

import os
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import subprocess_command
from tests.conftest import REPOSITORY

ROWS = 3_000
PROGRAM = "import sys; from partnerhub.cli.app import main; main(sys.argv[1:])"


@pytest.mark.slow
@pytest.mark.fault("F68")
def test_an_interrupted_sync_ends_with_130_and_the_next_one_lands_everything(tmp_path):
    lines = [f"Organization {number},organization{number}.example" for number in range(ROWS)]
    (tmp_path / "list.csv").write_text("\n".join(["name,website", *lines]))
    (tmp_path / "partnerhub.yaml").write_text("sources: {list: {connector: sheets, path: list.csv}}\n")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "sync"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        next(line for line in process.stderr if "list rows" in line)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "resumes" in said
    assert subprocess_command(tmp_path, "sync", "--json").code == 0
    status = subprocess_command(tmp_path, "status", "--json").json["streams"][0]
    assert (status["state"], status["in_hub"]) == ("complete", ROWS)

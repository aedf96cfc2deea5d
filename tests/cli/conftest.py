"""Running the command line in this process, and a small hub that was synced by it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from partnerhub.cli.app import main
from partnerhub.cli.copyable import CALLED
from tests.conftest import REPOSITORY
from warehouse.schema import migrate

PARTNERS = """\
Company,Website,City,Country,Tier
Acme GmbH,acme.example,Berlin,DE,Gold
ACME Gesellschaft mbH,https://www.acme.example/,Berlin,Germany,
Bellago S.r.l.,bellago.example,Milano,IT,Silver
"[red]Evil\x1b[31m Ltd",evil.example,London,GB,
"""


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Hub(NamedTuple):
    """A folder with partnerhub.yaml, a warehouse, and how importing the partner list went."""

    folder: Path
    imported: Said


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Run a command as a person would, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(CALLED, "start", CALLED.start)

    def run_command(*arguments: object) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Said(int(end.value.code or 0), out, err)

    return run_command


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """A folder with a configuration and an empty warehouse, to stand in."""
    (tmp_path / "partnerhub.yaml").write_text("sources: {list: {connector: sheets, path: list.csv}}\n")
    migrate(f"sqlite:///{tmp_path}/warehouse.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def subprocess_command(folder: Path, *arguments: str) -> Said:
    """Run a command in a process of its own: for what runs the engine."""
    program = "import sys; from partnerhub.cli.app import main; main(sys.argv[1:])"
    said = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": str(folder), "COLUMNS": "200"},
        timeout=120,
    )
    return Said(said.returncode, said.stdout, said.stderr)


@pytest.fixture(scope="session")
def hub(tmp_path_factory) -> Hub:
    """A hub whose one source is a partner list, brought in by `partnerhub import`."""
    folder = tmp_path_factory.mktemp("hub")
    assert subprocess_command(folder, "init").code == 0
    (folder / "partners.csv").write_text(PARTNERS, encoding="utf-8")
    imported = subprocess_command(folder, "import", "partners.csv", "--partners", "--json")
    return Hub(folder, imported)


@pytest.fixture
def ask(run, hub, monkeypatch):
    """Run a command against the synced hub."""
    monkeypatch.setenv("PARTNERHUB_CONFIG", str(hub.folder / "partnerhub.yaml"))
    return run

"""`partnerhub up`: what it says, and that it is gone as soon as its programs are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pipelines.supervision.alone import alone
from pipelines.supervision.supervisor import Supervisor

CONFIG = """
warehouse: sqlite:///warehouse.db
sources:
  partners: {connector: sheets, path: partners.csv, schedule: "0 6 * * *"}
"""


def test_up_leaves_at_once_when_its_programs_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    (tmp_path / "partnerhub.yaml").write_text(CONFIG)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    left: list[int] = []

    def gone(code: int) -> None:
        left.append(code)
        raise SystemExit(code)

    monkeypatch.setattr("partnerhub.cli.interruption.os._exit", gone)
    monkeypatch.setattr(Supervisor, "run", lambda self: self.stop())
    said = run("up", "--no-pages")
    assert left == [0]
    assert "1 source by schedule: partners." in said.out
    assert "Stopped; what was at work goes on with the next start." in said.out


def test_a_second_one_over_the_same_folder_is_refused_and_told_which_process_is_at_work(
    tmp_path: Path, run: Any
) -> None:
    (tmp_path / "partnerhub.yaml").write_text(CONFIG)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with alone(tmp_path):
        said = run("up", "--no-pages")
    assert (said.code, f"`kill {os.getpid()}`" in said.err) == (75, True)
    assert not (tmp_path / "warehouse.db").exists()


def test_the_folder_is_free_again_after_the_first_one(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").touch()
    for _ in range(2):
        with alone(tmp_path):
            pass

"""`partnerhub up`: what it says, and that it is gone as soon as its programs are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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

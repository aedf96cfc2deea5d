"""The log goes to the stderr of the moment, and a stderr that nobody reads ends nothing."""

from __future__ import annotations

import sys

import pytest

from partnerhub.cli.log_stream import LogStream


def test_lines_go_to_the_stderr_of_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    stream = LogStream()
    stream.write("sync failed\n")
    assert capsys.readouterr().err == "sync failed\n"


@pytest.mark.fault("F71")
def test_a_closed_stderr_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    with (tmp_path / "log").open("w") as gone:
        monkeypatch.setattr(sys, "stderr", gone)
    stream = LogStream()
    assert stream.write("sync failed\n") == len("sync failed\n")
    stream.flush()

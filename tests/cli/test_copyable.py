"""Commands in messages work when they are copied."""

from __future__ import annotations

import shlex
import sys

import pytest

from partnerhub.cli import copyable
from partnerhub.cli.copyable import called_with
from partnerhub.cli.output import console
from partnerhub.cli.simulating import show_served


@pytest.fixture(autouse=True)
def usual():
    yield
    copyable.CALLED.start = copyable.NAME


def commands_in(text):
    """What stands in backticks, as a shell takes it apart."""
    return [shlex.split(part) for part in text.split("`")[1::2]]


def test_a_command_that_is_told_names_the_configuration_this_one_was_given(run, tmp_path):
    config = tmp_path / "my hub.yaml"
    assert run("--config", config, "init").code == 0
    said = run("--config", config, "runs")
    (next_one,) = commands_in(said.out)
    assert next_one == ["partnerhub", "--config", str(config), "sync"]
    assert "no source" in run(*next_one[1:]).err


def test_a_failure_names_it_too(run, tmp_path):
    assert run("--config", tmp_path / "other.yaml", "init").code == 0
    refused = run("--config", "other.yaml", "init")
    assert "`partnerhub --config other.yaml init`" in refused.err
    assert "`partnerhub --config other.yaml runs ls`" in run("-c", "other.yaml", "runs", "show", "x").err


def test_where_no_configuration_was_named_none_is_told(run):
    assert run("init").code == 0
    assert commands_in(run("runs").out) == [["partnerhub", "sync"]]


def test_json_keeps_commands_as_they_are_documented(run, tmp_path):
    assert run("--config", tmp_path / "other.yaml", "init").code == 0
    said = run("--config", tmp_path / "other.yaml", "runs", "show", "x", "--json").json
    assert "`partnerhub runs ls`" in said["error"]["do"]


def test_a_simulator_of_another_folder_is_steered_by_the_command_it_tells(run, capfd, tmp_path):
    show_served(console(), {"config": str(tmp_path / "a world" / "partnerhub.yaml")})
    break_it = commands_in(capfd.readouterr().out)[-1]
    refused = run(*break_it[1:])
    assert "No simulator runs over this folder" in refused.err
    assert commands_in(refused.err)[0][-2:] == ["--dir", str(tmp_path / "a world")]


@pytest.mark.parametrize(
    ("called", "start"),
    [
        ("partnerhub", "partnerhub"),
        ("{here}/.venv/bin/partnerhub", ".venv/bin/partnerhub"),
        ("/opt/a hub/bin/partnerhub", "'/opt/a hub/bin/partnerhub'"),
        ("/usr/lib/python3/pytest", "partnerhub"),
    ],
)
def test_commands_begin_as_the_program_was_called(monkeypatch, tmp_path, called, start):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [called.format(here=tmp_path)])
    called_with(None)
    assert copyable.copyable("→ `partnerhub sync`, see `partnerhub sync --help`") == (
        f"→ `{start} sync`, see `partnerhub sync --help`"
    )


def test_who_finds_it_on_the_path_is_told_its_name(monkeypatch, tmp_path):
    program = tmp_path / "partnerhub"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert copyable.program() == "partnerhub"

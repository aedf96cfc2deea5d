"""What is typed and nothing is called: refused with the nearest name, where silence would look like all is well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub that read one partner list."""
    from partnerhub.config import load_config
    from pipelines.sync import run_sync

    made = tmp_path_factory.mktemp("hub")
    (made / "partners.csv").write_text("Company,Website\nKestrel Ltd,kestrel.example\n")
    (made / "partnerhub.yaml").write_text("sources:\n  partners: {connector: sheets, path: partners.csv}\n")
    assert run_sync(load_config(made / "partnerhub.yaml")).state == "complete"
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs", "ls", "partnes"),
        ("errors", "partnes"),
        ("drift", "ls", "partnes"),
        ("drift", "accept", "partnes", "rows.Tier"),
        ("quarantine", "ls", "partnes"),
        ("quarantine", "replay", "partnes/rows"),
        ("cursor", "get", "partnes"),
        ("cursor", "rewind", "partnes/rows", "--beginning"),
        ("cursor", "set", "partners/row", "null"),
        ("cursor", "get", "partners/row"),
        ("quarantine", "ls", "partners/row"),
    ],
    ids=" ".join,
)
def test_a_name_with_a_mistake_is_refused_with_the_nearest_one(
    run: Any, folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    said = run(*arguments, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "usage")
    assert (
        "Write `partners`." in said.json["error"]["happened"]
        or "Write `rows`." in said.json["error"]["happened"]
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("quarantine", "ls", "--since", "yesterday"), "Write a day or a UTC time"),
        (("pause", "partners", "--until", "2020-01-01"), "2020-01-01 00:00 UTC has passed."),
        (("pause", "partners", "--until", "soon"), "or how long: 90m"),
    ],
    ids=["no day", "past", "no time"],
)
def test_a_moment_that_cannot_be_meant_is_refused(
    run: Any, folder: Path, arguments: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    said = run(*arguments, "--json")
    assert (said.code, told in said.json["error"]["happened"]) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("quarantine", "discard", "partners", "--reason", "x"), "partnerhub quarantine ls"),
        (("cancel", "last"), "partnerhub runs ls"),
    ],
    ids=["discard", "cancel"],
)
def test_an_act_that_meets_nothing_is_no_success(
    run: Any, folder: Path, arguments: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    said = run(*arguments, "--json")
    assert (said.code, told in said.json["error"]["do"]) == (1, True)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_backup_that_cannot_be_written_or_read_names_the_way_out(
    run: Any, folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    said = run(command, "nowhere/hub.db", "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "warehouse_error")
    assert "nowhere" in said.json["error"]["happened"]


@pytest.mark.parametrize("group", ["runs", "cursor", "quarantine", "drift", "alerts"])
def test_a_group_of_commands_alone_is_its_list_as_json_too(
    run: Any, folder: Path, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    listed = "get" if group == "cursor" else "ls"
    assert run(group, "--json").json == run(group, listed, "--json").json
    assert run(group, "--json", listed).code == 2

"""Every command a text of the program tells can be run: it exists, has those options, and lacks no argument."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import pytest
import typer

from partnerhub.cli.app import app
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("connectors", "mappings", "pipelines", "warehouse", "partnerhub")
TOLD = re.compile(r"`partnerhub ([a-z][^`]*)`")
HELD = "X"
"""What stands for values that are only known at run time."""


def texts(tree: ast.Module) -> Iterator[str]:
    """Every text of a module but what documents it."""
    documents = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else HELD for part in node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documents | parts
        ):
            yield node.value


def told() -> list[str]:
    """Every command in the texts of the program, once."""
    files = (path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))
    sources = (text for path in files if "`partnerhub " in (text := path.read_text(encoding="utf-8")))
    found = (TOLD.findall(text) for source in sources for text in texts(ast.parse(source)))
    return sorted({command for each in found for command in each})


def wrong_with(command: str) -> str:
    """What keeps a command from being run; empty when nothing does."""
    words, group = command.split(), typer.main.get_command(app)
    while commands := getattr(group, "commands", None):
        if not words or words[0] not in commands:
            if words[:1] == [HELD]:
                return ""
            stands_alone = getattr(group, "invoke_without_command", False)
            if stands_alone and all(word.startswith("--") for word in words[:1]):
                return wrong_arguments(group, words)
            return f"there is no {words[:1]} in {group.name}"
        group = commands[words.pop(0)]
    return wrong_arguments(group, words)


def wrong_arguments(command: Any, words: list[str]) -> str:
    """An option the command does not have, or an argument that lacks."""
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    values = iter(words)
    given = 0
    for word in values:
        if word.startswith("--"):
            option = options.get(word.partition("=")[0])
            if option is None and word != "--help":
                return f"it has no {word}"
            if option is not None and not option.is_flag and "=" not in word:
                next(values, None)
        else:
            given += 1
    wanted = [each.name for each in command.params if each.param_type_name == "argument" and each.required]
    enough = given >= len(wanted) or words[-1:] == [HELD] or "--help" in words
    return "" if enough else f"it lacks {wanted[given:]}"


def test_every_command_that_is_told_can_be_run() -> None:
    commands = told()
    assert len(commands) > 60
    assert {command: why for command in commands if (why := wrong_with(command))} == {}


@pytest.mark.parametrize(
    "command", ["sources", "runs shown X", "sync --fully", "restore", "runs show --json"]
)
def test_one_that_cannot_is_noticed(command: str) -> None:
    assert wrong_with(command)

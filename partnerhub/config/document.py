"""YAML with line numbers: a file as a tree in which every value knows its line.

Scalars follow YAML 1.2 (`NO` and `on` are text, `007` stays `007`, dates are text), because the older rules turn a
country into `false` and a postcode into another one. Keys given twice are refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias, Union

import yaml

from partnerhub.config.problems import InvalidConfig, Problem

Plain: TypeAlias = Union[str, int, float, bool, list["Plain"], dict[str, "Plain"], None]  # noqa: UP007  # recursive

MAX_DEPTH: Final = 12
NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER: Final = re.compile(r"[-+]?(0|[1-9]\d*)")
FLOAT: Final = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d+)?")
LEADING_ZERO: Final = re.compile(r"[-+]?0\d")


class Marked(NamedTuple):
    """One value with the line (from 1) on which it, or its key, stands. Collections hold marked values."""

    value: str | int | float | bool | list[Marked] | dict[str, Marked] | None
    line: int

    def plain(self) -> Plain:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


def read_document(path: Path) -> Marked:
    """The file as a tree. Raises InvalidConfig when it is absent, is not YAML, or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        do = "Run `partnerhub init` to write one, or name it with --config."
        raise InvalidConfig(path, [Problem(1, "", "There is no such file.", do)]) from error
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(
            1, "", f"It cannot be read ({type(error).__name__}).", "Save it as a UTF-8 text file."
        )
        raise InvalidConfig(path, [problem]) from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise InvalidConfig(path, [syntax_problem(error, text)]) from error
    problems: list[Problem] = []
    tree = marked(node, 1, "", problems) if node else Marked({}, 1)
    if problems:
        raise InvalidConfig(path, problems)
    return tree


def syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    """Where YAML gave up, with the usual cause for that place."""
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown:
        do = "Indent with spaces; YAML does not allow tabs."
    elif "*" in shown:
        do = 'Put values that begin with * into quotes: "*/15 * * * *".'
    else:
        do = "Check indentation, colons and quotes here and on the line above."
    return Problem(line, "", "This is not valid YAML.", do)


def marked(node: yaml.Node, line: int, where: str, problems: list[Problem]) -> Marked:
    """A YAML node as a marked value; problems found on the way are added to the list."""
    if where.count(".") > MAX_DEPTH:
        problems.append(Problem(line, where, "This is nested too deeply.", "Remove the reference to itself."))
        return Marked(None, line)
    if isinstance(node, yaml.MappingNode):
        return Marked(marked_entries(node, where, problems), line)
    if isinstance(node, yaml.SequenceNode):
        items = [
            marked(item, item.start_mark.line + 1, f"{where}.{number}", problems)
            for number, item in enumerate(node.value, 1)
        ]
        return Marked(items, line)
    return Marked(scalar(node), line)


def marked_entries(node: yaml.MappingNode, where: str, problems: list[Problem]) -> dict[str, Marked]:
    """The entries of a mapping; each value carries its key's line."""
    entries: dict[str, Marked] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        place = f"{where}.{key}" if where else key
        if key in entries:
            do = f"Keep one of them; the first stands on line {entries[key].line}."
            problems.append(Problem(line, place, "This key is given twice.", do))
            continue
        entries[key] = marked(value_node, line, place, problems)
    return entries


def scalar(node: yaml.Node) -> str | int | float | bool | None:
    """A scalar by the rules of YAML 1.2; quoted and block values are always text."""
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text) and not LEADING_ZERO.match(text):
        return float(text)
    return text

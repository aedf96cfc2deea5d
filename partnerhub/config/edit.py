"""Adding a source to a configuration file without touching anything else in it, comments included."""

from __future__ import annotations

from typing import Any, Final

import yaml

from connectors.errors import FixSetup

INDENT: Final = 2


def with_source(text: str, name: str, source: dict[str, Any], *, partners: bool) -> str:
    """The file's text with one more source, and a rule that all of it are partners where `partners` says so.

    Raises FixSetup with the lines to add by hand when the section is written in a form that cannot be extended.
    """
    changed = insert_first(text, "sources", dumped({name: source}))
    return insert_first(changed, "partners", dumped([{"source": name}])) if partners else changed


def dumped(value: Any) -> list[str]:
    """A value as lines of YAML in block style."""
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000)).splitlines()


def insert_first(text: str, key: str, block: list[str]) -> str:
    """`text` with a block as the first thing under a top-level key, which is added when it is not there."""
    lines = text.splitlines()
    found = section(text, key)
    if found is None:
        return "\n".join([*lines, "", f"{key}:", *indented(block, INDENT)]) + "\n"
    line, value = found
    if is_empty(value):
        lines[line] = f"{key}:"
        return "\n".join([*lines[: line + 1], *indented(block, INDENT), *lines[line + 1 :]]) + "\n"
    if getattr(value, "flow_style", True):
        shown = "; ".join(part.strip() for part in block)
        raise FixSetup(
            code="cannot_extend",
            do=f"Add this under `{key}:` by hand: {shown}",
            happened=f"`{key}:` is written in braces or brackets, which are left as they are.",
        )
    depth = value.start_mark.column
    return "\n".join([*lines[: line + 1], *indented(block, depth), *lines[line + 1 :]]) + "\n"


def section(text: str, key: str) -> tuple[int, yaml.Node] | None:
    """Where a top-level key stands (line from 0), and its value; None when it is not there."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for key_node, value_node in root.value if isinstance(root, yaml.MappingNode) else ():
        if key_node.value == key:
            return key_node.start_mark.line, value_node
    return None


def is_empty(node: yaml.Node) -> bool:
    """Nothing behind the key, or an empty pair of braces or brackets."""
    if isinstance(node, yaml.ScalarNode):
        return node.value in {"", "null", "~"}
    return not node.value


def indented(block: list[str], depth: int) -> list[str]:
    """The lines moved to the right."""
    return [" " * depth + line for line in block]

"""Write the parts of the documentation that the program itself knows: settings, streams, tables, commands, error codes.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. `make docs` writes all of them;
tests/test_docs.py fails when one is out of date.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
# Started as a file, Python looks for modules beside it only; those below are found by the name of their folder.
sys.path.insert(0, str(ROOT))

from docs.error_codes import errors, reasons
from docs.markdown_table import first_paragraph, table
from docs.warehouse_tables import change_kinds, marts, rebuild, stream_views, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PART = re.compile(r"(<!-- generated: ([\w-]+)(?: ([\w-]+))? -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Rewrite every page whose generated parts have changed, and name it."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        current = rendered(text)
        if current != text:
            page.write_text(current, encoding="utf-8")
            print(f"wrote {page.relative_to(ROOT)}")


def pages() -> list[Path]:
    """Every page of the documentation."""
    return sorted((ROOT / "docs").rglob("*.md"))


def rendered(text: str) -> str:
    """The text with its generated parts as the program has them now. Raises KeyError for an unknown part."""

    def part(match: re.Match[str]) -> str:
        lines = PARTS[match[2]](*([match[3]] if match[3] else []))
        return match[1] + "\n" + "\n".join(lines).strip() + "\n\n" + match[4]

    return PART.sub(part, text)


# ---------------------------------------------------------------- connectors


def connectors() -> list[str]:
    """A line per connector: its page, by the page's own title."""
    from connectors.registry import connector_names

    places = [ROOT / "docs" / "connect" / f"{name}.md" for name in connector_names()]
    found = [
        (place.read_text(encoding="utf-8").partition("\n")[0], place) for place in places if place.exists()
    ]
    return [f"- [{title.lstrip('# ')}](connect/{place.name})" for title, place in found]


def settings(name: str) -> list[str]:
    """The settings of one connector."""
    from connectors.registry import connector_class

    fields = connector_class(name).model_fields
    rows = [
        (f"`{key}`", default(field), field.description or "")
        for key, field in fields.items()
        if key != "source"
    ]
    return table(("setting", "default", "meaning"), rows)


def default(field: Any) -> str:
    """A setting's default as it would be written in YAML."""
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}, []):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# ---------------------------------------------------------------- command line


def commands() -> list[str]:
    """Every command with its options, as `--help` says it."""
    import typer

    from partnerhub.cli.app import app

    lines: list[str] = []
    for name, command in walked(typer.main.get_command(app), ""):
        lines += [f"### `partnerhub {name}`", "", first_paragraph(command.help or ""), ""]
        lines += [*table(("option", "meaning"), options(command)), ""] if list(options(command)) else []
    return lines


def walked(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Commands below a group, in the order of `--help`."""
    for name, command in group.commands.items():
        if getattr(command, "commands", None):
            yield from walked(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield prefix + name, command


def options(command: Any) -> Iterator[tuple[str, str]]:
    """Arguments and options of one command."""
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        spelled = ", ".join(parameter.opts) if parameter.opts[0].startswith("-") else parameter.name.upper()
        yield f"`{spelled}`", getattr(parameter, "help", None) or ""


def thresholds() -> list[str]:
    """Every threshold of the rules that find signals."""
    from dataclasses import fields

    from partnerhub.config.signals import Thresholds

    rows = (
        (f"`{each.name}`", "none" if each.default == () else f"`{each.default}`", each.metadata["means"])
        for each in fields(Thresholds)
    )
    return table(("setting", "default", "meaning"), rows)


def rules() -> list[str]:
    """Every rule that finds signals, by what its file says."""
    from partnerhub.config.signals import RULES, rule_names

    folder = ROOT.joinpath(*RULES.split("."))
    found = {name: ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")) for name in rule_names()}
    rows = ((f"`{name}`", first_paragraph(ast.get_docstring(tree) or "")) for name, tree in found.items())
    return table(("rule", "what it tells"), rows)


PARTS: dict[str, Callable[..., list[str]]] = {
    "change-kinds": change_kinds,
    "connectors": connectors,
    "settings": settings,
    "tables": tables,
    "marts": marts,
    "stream-views": stream_views,
    "commands": commands,
    "errors": errors,
    "reasons": reasons,
    "thresholds": thresholds,
    "rules": rules,
    "rebuild": rebuild,
}


if __name__ == "__main__":
    main()

"""`${NAME}` and `${FILE:/path}` in values: how secrets reach a setting without standing in the file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

REFERENCE: Final = re.compile(r"\$\{([^}]*)\}?")
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Report = Callable[[str, str], None]
"""Called with what happened and what to do, for every reference that leads nowhere."""


def resolve(value: Any, folder: Path, report: Report) -> Any:
    """`value` with every reference in every text replaced, at any depth; unresolved ones are reported and left."""
    if isinstance(value, str):
        return REFERENCE.sub(lambda found: resolve_one(found, folder, report), value)
    if isinstance(value, list):
        return [resolve(item, folder, report) for item in value]
    if isinstance(value, dict):
        return {key: resolve(item, folder, report) for key, item in value.items()}
    return value


def resolve_one(found: re.Match[str], folder: Path, report: Report) -> str:
    """What one reference stands for; the reference itself when it leads nowhere."""
    inside = found.group(1).strip()
    if inside.startswith("FILE:"):
        return read_secret_file(found.group(0), folder / inside.removeprefix("FILE:").strip(), report)
    if not NAME.fullmatch(inside) or not found.group(0).endswith("}"):
        report(
            "This reference cannot be read.",
            "Write ${NAME} for an environment variable or ${FILE:/path} for a file.",
        )
        return found.group(0)
    value = os.environ.get(inside)
    if not value:
        state = "empty" if value == "" else "not set"
        report(f"The environment variable {inside} is {state}.", f"Run `export {inside}=…` first.")
        return found.group(0)
    return value


def read_secret_file(reference: str, path: Path, report: Report) -> str:
    """The text of a secret's file without the line break at its end."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        report(f"The file {path} cannot be read ({type(error).__name__}).", "Create it, or correct its path.")
        return reference

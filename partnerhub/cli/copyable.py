"""Commands in what the hub says, so that they work when copied: called as this one was, over the same configuration.

Texts name commands as `partnerhub sync`, wherever they were written, an error of last night's run included. Who calls
the program by a path, or names a configuration, is shown them with that path and that `--config`.
"""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Final

NAME: Final = "partnerhub"
COMMAND: Final = re.compile(rf"`{NAME} (?=[a-z])(?![^`]*--(?:config|help))")
"""The beginning of a command in backticks that names no configuration itself."""


@dataclass(slots=True)
class Called:
    """How a command has to begin."""

    start: str = NAME


CALLED: Final = Called()


def called_with(config: Path | None) -> None:
    """Note how this command was called. config: as it was named by `--config`; None where copies need not name it."""
    CALLED.start = program() + (f" --config {shlex.quote(str(config))}" if config else "")


def copyable(text: str) -> str:
    """A text whose commands begin as this one did."""
    if CALLED.start == NAME or f"`{NAME} " not in text:
        return text
    return COMMAND.sub(lambda _: f"`{CALLED.start} ", text)


def program() -> str:
    """How this program was called, so that the commands shown can be copied."""
    called = Path(sys.argv[0])
    if called.name != NAME or not called.parent.name:
        return NAME
    there, found = called.absolute(), which(NAME)
    if found and Path(found).absolute() == there:
        return NAME
    here = Path.cwd()
    return shlex.quote(str(there.relative_to(here) if there.is_relative_to(here) else there))

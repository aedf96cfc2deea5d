"""What is wrong with a configuration file: every problem with its line and what to write instead, raised together."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from connectors.errors import FixSetup


class Problem(NamedTuple):
    """One mistake. `line` counts from 1; `where` is the dotted place; neither sentence holds a secret."""

    line: int
    where: str
    happened: str
    do: str

    def __str__(self) -> str:
        """`12: sources.hubspot.tokn: … …`, ready to be put behind a file name."""
        return f"{self.line}: {self.where + ': ' if self.where else ''}{self.happened} {self.do}".rstrip()


class InvalidConfig(FixSetup):
    """The configuration file cannot be used. `problems` lists everything that was found, in the file's order."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        """Keep the problems; the summary names the first one."""
        self.path = path
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        super().__init__(
            code="invalid_configuration",
            do="Change what is listed, then run `partnerhub check`.",
            happened=f"{path.name} has {count} problem{'s' if count > 1 else ''}: "
            + "; ".join(f"{path.name}:{problem}" for problem in self.problems),
        )


def closest(word: str, known: Iterable[str]) -> str:
    """What to write instead of `word`: the nearest known word, else all of them."""
    names = sorted(known)
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"Write `{near[0]}`."
    return f"Write one of: {', '.join(names)}." if names else "Remove it."

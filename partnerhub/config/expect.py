"""Taking typed values out of a marked tree. Each method returns the value, or reports what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from partnerhub.config.document import Marked
from partnerhub.config.problems import Problem, closest


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the file: its value, its dotted name, and the list to which its problems are added.

    Reading goes on after a problem, so that all of them are reported in one go.
    """

    item: Marked
    where: str
    findings: list[Problem]

    def note(self, happened: str, do: str) -> None:
        """Report a problem here."""
        self.findings.append(Problem(self.item.line, self.where, happened, do))

    def child(self, key: str, item: Marked | None = None) -> Place:
        """The place called `key` inside this one; without an item, a place that is not in the file."""
        where = f"{self.where}.{key}" if self.where else key
        return Place(item or Marked(None, self.item.line), where, self.findings)

    def entries(self, example: str) -> dict[str, Place]:
        """The entries of a mapping; nothing (a key without a value) counts as an empty one."""
        if isinstance(self.item.value, dict):
            return {key: self.child(key, item) for key, item in self.item.value.items()}
        if self.item.value is not None:
            self.note("This must hold keys and values.", f"Write it as `{example}`.")
        return {}

    def known_entries(self, known: Iterable[str], example: str) -> dict[str, Place]:
        """The entries whose key is known; the others are reported with the nearest known one."""
        names, found = tuple(known), self.entries(example)
        for key, place in found.items():
            if key not in names:
                place.note(f"`{key}` is not a known key here.", closest(key, names))
        return {key: place for key, place in found.items() if key in names}

    def elements(self) -> list[Place]:
        """The items of a list, numbered from 1; a single value counts as a list of one."""
        if self.item.value is None:
            return []
        if isinstance(self.item.value, list):
            return [self.child(str(number), item) for number, item in enumerate(self.item.value, 1)]
        if isinstance(self.item.value, dict):
            self.note("This must be a list.", "Begin each item with `- `.")
            return []
        return [self]

    def text(self, example: str) -> str | None:
        """One text; numbers are taken as written."""
        value = self.item.value
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self.note("This must be text.", f"Write for example `{example}`.")
        return None

    def texts(self, example: str) -> tuple[str, ...]:
        """A list of texts, each once, in order."""
        found = (each.text(example) for each in self.elements())
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def whole_number(self, example: int) -> int | None:
        """One whole number."""
        value = self.item.value
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.note("This must be a whole number.", f"Write for example `{example}`.")
        return None

    def one_of(self, known: Iterable[str], kind: str) -> str | None:
        """One of the known names; `kind` is what to call them."""
        names = tuple(known)
        if self.item.value in names:
            return str(self.item.value)
        if self.item.value is None:
            self.note(f"No {kind} is named here.", f"Write one of: {', '.join(names)}." if names else "")
        else:
            self.note(f"There is no {kind} `{self.item.value}`.", closest(str(self.item.value), names))
        return None

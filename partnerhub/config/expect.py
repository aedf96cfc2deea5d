"""Taking typed values out of a marked tree: each function returns the value, or reports what to write and returns less."""

from __future__ import annotations

from collections.abc import Iterable

from partnerhub.config.document import Marked
from partnerhub.config.problems import Problem, closest


class Findings(list[Problem]):
    """Problems found so far. Reading goes on after each, so that all are reported in one go."""

    def note(self, line: int, where: str, happened: str, do: str) -> None:
        """Add one problem."""
        self.append(Problem(line, where, happened, do))


def mapping(item: Marked, where: str, findings: Findings, example: str = "key: value") -> dict[str, Marked]:
    """The entries of a mapping; nothing (a key without a value) counts as an empty one."""
    if item.value is None:
        return {}
    if isinstance(item.value, dict):
        return item.value
    findings.note(item.line, where, "This must hold keys and values.", f"Write it as `{example}`.")
    return {}


def entries(item: Marked, where: str, findings: Findings) -> list[Marked]:
    """The items of a list; a single value counts as a list of one."""
    if item.value is None:
        return []
    if isinstance(item.value, list):
        return item.value
    if isinstance(item.value, dict):
        findings.note(item.line, where, "This must be a list.", "Begin each item with `- `.")
        return []
    return [item]


def text(item: Marked, where: str, findings: Findings, example: str) -> str | None:
    """One text; numbers are taken as written."""
    if isinstance(item.value, str) and item.value.strip():
        return item.value.strip()
    if isinstance(item.value, int | float) and not isinstance(item.value, bool):
        return str(item.value)
    findings.note(item.line, where, "This must be text.", f"Write for example `{example}`.")
    return None


def texts(item: Marked, where: str, findings: Findings, example: str) -> tuple[str, ...]:
    """A list of texts, each once, in order."""
    found = (text(each, where, findings, example) for each in entries(item, where, findings))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def whole_number(item: Marked, where: str, findings: Findings, example: int) -> int | None:
    """One whole number."""
    if isinstance(item.value, int) and not isinstance(item.value, bool):
        return item.value
    findings.note(item.line, where, "This must be a whole number.", f"Write for example `{example}`.")
    return None


def known_keys(
    found: dict[str, Marked], known: Iterable[str], where: str, findings: Findings
) -> dict[str, Marked]:
    """The entries whose key is known; the others are reported with the nearest known one."""
    names = tuple(known)
    for key, item in found.items():
        if key not in names:
            place = f"{where}.{key}" if where else key
            findings.note(item.line, place, f"`{key}` is not a known key here.", closest(key, names))
    return {key: item for key, item in found.items() if key in names}

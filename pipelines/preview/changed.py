"""A configuration with a change laid over it: a file, or single keys; every mistake with its file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from partnerhub.config.document import Marked, marked, read_document
from partnerhub.config.load import KEYS, config_of
from partnerhub.config.problems import InvalidConfig, Problem, closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnerhub.config import HubConfig
    from partnerhub.config.document import Plain

OF_FILE: Final = 1_000_000
OF_SET: Final = 2_000_000
"""Added to the lines of what is laid over, so that a problem says which of the texts it is in."""
ON_THE_LINE: Final = Path("--set")
SOURCES: Final = "sources"
SHOWN_OF_SOURCES: Final = frozenset({"fields", "priority", "streams", "columns", "mail_visibility"})
"""Of a source's settings, those that can hold no secret."""
EXAMPLE: Final = "matching.auto=0.9"


class InvalidChange(InvalidConfig):
    """The change cannot be tried; nothing was."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        """Say what to run once it is mended."""
        super().__init__(path, problems)
        self.do = "Change what is listed, then run `partnerhub preview` again."


def changed_config(
    config: HubConfig, file: Path | None, settings: Sequence[str]
) -> tuple[HubConfig, list[str]]:
    """The configuration as it would be, on the warehouse that is; and what differs, a line for each key.

    file: YAML: a whole configuration, or only the keys that change, or only sources with their `fields`. settings:
    `key.of.a.place=value`. Raises InvalidConfig, naming the file, the line and what to write.
    """
    base = read_document(config.path)
    tree = base if file is None else with_file(base, file)
    for number, each in enumerate(settings, 1):
        tree = laid_over(tree, assignment(each, number))
    try:
        found = config_of(config.path, tree)
    except InvalidConfig as error:
        raise in_its_file(error, file) from None
    if found.warehouse_url != config.warehouse_url:
        found = replace(found, warehouse_url=config.warehouse_url)
    return found, list(difference(base.plain(), tree.plain(), ()))


def with_file(base: Marked, file: Path) -> Marked:
    """The configuration with a file in its place, or laid over it."""
    written = read_document(file)
    if not isinstance(written.value, dict) or not written.value:
        raise InvalidChange(
            file, [Problem(1, "", "It holds no keys.", "Write what is to change, for example `matching:`.")]
        )
    change = in_place(base, written, file)
    moved = shifted(change, OF_FILE)
    return moved if is_whole(change) else laid_over(base, moved)


def in_place(base: Marked, written: Marked, file: Path) -> Marked:
    """The change as keys of a configuration; a file may begin with the names of sources right away."""
    known = entries(entries(base).get(SOURCES))
    keys = entries(written)
    if not set(keys) & set(KEYS) and set(keys) & set(known):
        written = Marked({SOURCES: written}, written.line)
    if not is_whole(written):
        unknown = [
            Problem(each.line, f"{SOURCES}.{name}", f"There is no source `{name}`.", closest(name, known))
            for name, each in entries(entries(written).get(SOURCES)).items()
            if name not in known and "connector" not in entries(each)
        ]
        if unknown:
            raise InvalidChange(file, unknown)
    return written


def is_whole(written: Marked) -> bool:
    """Whether it is a configuration by itself: it has sources, and each names its connector."""
    sources = entries(entries(written).get(SOURCES))
    return bool(sources) and all("connector" in entries(each) for each in sources.values())


def entries(item: Marked | None) -> dict[str, Marked]:
    """The keys of a place; none where it holds something else."""
    return item.value if item is not None and isinstance(item.value, dict) else {}


def assignment(written: str, number: int) -> Marked:
    """`a.b=value` as the tree it stands for."""
    key, equals, value = written.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise InvalidChange(
            ON_THE_LINE,
            [Problem(number, written, "This is no key with a value.", f"Write `--set {EXAMPLE}`.")],
        )
    problems: list[Problem] = []
    try:
        node = yaml.compose(value, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise InvalidChange(
            ON_THE_LINE, [Problem(number, key, "The value is not valid YAML.", "Put it into quotes.")]
        ) from None
    item = marked(node, 1, key, problems) if node else Marked(None, 1)
    tree = shifted(item, OF_SET + number - 1)
    for part in reversed(parts):
        tree = Marked({part: tree}, OF_SET + number)
    return tree


def laid_over(base: Marked, change: Marked) -> Marked:
    """The base with every key of the change in place of its own; what is no mapping is replaced as a whole."""
    if not isinstance(base.value, dict) or not isinstance(change.value, dict):
        return change
    found = dict(base.value)
    for key, item in change.value.items():
        found[key] = laid_over(found[key], item) if key in found else item
    return Marked(found, base.line)


def shifted(item: Marked, by: int) -> Marked:
    """The same tree with other line numbers."""
    if isinstance(item.value, dict):
        return Marked({key: shifted(each, by) for key, each in item.value.items()}, item.line + by)
    if isinstance(item.value, list):
        return Marked([shifted(each, by) for each in item.value], item.line + by)
    return Marked(item.value, item.line + by)


def in_its_file(error: InvalidConfig, file: Path | None) -> InvalidConfig:
    """The same problems with the lines of the text they are in; those of one text at a time."""
    for path, least in ((ON_THE_LINE, OF_SET), (file, OF_FILE)):
        found = [each._replace(line=each.line - least) for each in error.problems if each.line >= least]
        if found and path is not None:
            return InvalidChange(path, found)
    return error


def difference(before: Plain, after: Plain, place: tuple[str, ...]) -> Iterator[str]:
    """`matching.auto: 0.43 → 0.9` for every key that is not the same; of a source's settings the name alone."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from difference(before.get(key), after.get(key), (*place, key))
    elif before != after:
        name = ".".join(place)
        hidden = place[:1] == (SOURCES,) and place[2:3] and place[2] not in SHOWN_OF_SOURCES
        yield f"{name}: {spelled(before)} → {spelled(after)}" if not hidden else name


def spelled(value: Plain) -> str:
    """A value in one line; a dash for none."""
    if value is None:
        return "–"
    return (
        value
        if isinstance(value, str)
        else yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("\n...\n").strip()
    )

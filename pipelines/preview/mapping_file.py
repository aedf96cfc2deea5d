"""A mapping module that is not in its place yet: loaded from its file, checked, and used instead for a while."""

from __future__ import annotations

import ast
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connectors.errors import FixSetup
from mappings.compile import compile_stream
from mappings.rows import Mapping
from partnerhub.config.problems import Problem, closest
from pipelines.preview.changed import InvalidChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PACKAGE: Final = "mappings"
"""A tried module goes by the name it would have in its place, so that its rules are known by what they would be."""
NAME: Final = "MAPPING"
INIT: Final = "__init__.py"


def load_mapping(file: Path, connectors: Collection[str]) -> Mapping:
    """The mapping of a file, every stream of it compiled. connectors: those this hub reads from.

    A mapping of several files is named by its folder, or any file in it. Raises InvalidChange with the line that is
    wrong and what to write instead.
    """
    module = module_of(file)
    try:
        text = module.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = f"It cannot be read ({type(error).__name__})."
        raise problem(file, 1, said, "Name a mapping module or a YAML file.") from None
    found = run(module)
    if not isinstance(found, Mapping):
        do = f"End the file with `{NAME} = Mapping(connector=…, streams=…)`, as the modules in mappings/ do."
        raise problem(module, line_of(text, NAME), f"It holds no `{NAME}`.", do)
    if found.connector not in connectors:
        said = f"No source here is read by `{found.connector}`."
        raise problem(module, line_of(text, found.connector), said, closest(found.connector, connectors))
    for stream in streams_of(found):
        try:
            compile_stream(stream)
        except FixSetup as error:
            raise problem(*row_of(module, error.happened), error.happened, error.do) from None
    return found


def streams_of(found: Mapping) -> Iterator[Any]:
    """Every stream's mapping."""
    yield from found.streams.values()
    if found.default:
        yield found.default


def module_of(file: Path) -> Path:
    """The module to load: a folder that is a package stands for its `__init__.py`, and so does each of its files."""
    folder = file if file.is_dir() else file.parent
    package = folder / INIT
    return package if file.is_dir() or package.is_file() else file


def run(file: Path) -> object:
    """What the module calls MAPPING. Its code runs, as that of every mapping does."""
    inside = file.name == INIT
    name = f"{PACKAGE}.{file.parent.name if inside else file.stem}"
    if not inside and name in file.read_text(encoding="utf-8"):
        name = f"changed_{file.stem}"  # it builds on the one that stands
    stands = {each: sys.modules.pop(each) for each in list(sys.modules) if f"{each}.".startswith(f"{name}.")}
    try:
        spec = spec_from_file_location(
            name, file, submodule_search_locations=[str(file.parent)] if inside else None
        )
        if spec is None or spec.loader is None:
            raise problem(file, 1, "It is no Python module.", "Name a file that ends in .py or .yaml.")
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    except SyntaxError as error:
        wrong = Path(error.filename) if error.filename else file
        said = f"This is not valid Python: {error.msg}."
        raise problem(wrong, error.lineno or 1, said, "Mend the line.") from None
    except InvalidChange:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a module raises while it is loaded is a mistake in it
        said = f"Loading it fails here: {type(error).__name__}: {error}."
        raise problem(*place_in(error, file), said, "Mend the line, or what it names.") from None
    finally:
        for each in [each for each in sys.modules if f"{each}.".startswith(f"{name}.")]:
            del sys.modules[each]
        sys.modules.update(stands)
    return getattr(module, NAME, None)


def place_in(error: Exception, file: Path) -> tuple[Path, int]:
    """The last line that ran of the file, or of the others in its folder."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == file.parent]
    return (Path(own[-1].filename), own[-1].lineno or 1) if own else (file, 1)


def row_of(module: Path, said: str) -> tuple[Path, int]:
    """The file and line of the row that a complaint is about: the last name it quotes, in the module or beside it."""
    named = said.replace('"', "'").split("'")[1::2]
    files = [module, *sorted(module.parent.glob("*.py"))] if module.name == INIT else [module]
    for name in reversed(named):
        for file in files:
            line = line_of(file.read_text(encoding="utf-8"), name, 0)
            if line:
                return file, line
    return module, 1


def line_of(text: str, name: str, otherwise: int = 1) -> int:
    """The first line with a name or a text constant of that name; else the given one."""
    found = [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Constant) and node.value == name)
        or (isinstance(node, ast.Name) and node.id == name)
    ]
    return min(found, default=otherwise)


def problem(file: Path, line: int, happened: str, do: str) -> InvalidChange:
    """One mistake of the file."""
    return InvalidChange(file, [Problem(line, "", happened, do)])

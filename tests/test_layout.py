"""The shape of the repository: sizes, names, places, and nothing of the machine it was written on."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.registry import connector_names
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("connectors", "mappings", "pipelines", "warehouse", "partnerhub")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
LOCKS = ("requirements.lock", "requirements-dev.lock")
SPARK_LOCK = "requirements-spark.lock"
HISTORY_LOCK = "requirements-dagster-postgres.lock"
PIN = re.compile(
    r'[a-z0-9-]+==[0-9][0-9a-z.+]*( ; python_version == "3\.\d+"( or python_version == "3\.\d+")*)?'
)
TEXT_ENDINGS = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".lock",
    ".txt",
    ".cfg",
    ".ini",
    ".html",
    ".css",
    ".csv",
    "",
}


def code_files() -> Iterator[Path]:
    """Every Python file of ours except tests."""
    for folder in (*PACKAGES, "benchmarks", "docs", ".ci"):
        yield from sorted((REPOSITORY / folder).rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def repository_files() -> list[Path]:
    """Every text file that is, or would be, committed; without git (an unpacked archive), every text file of ours."""
    listing = ["git", "-C", str(REPOSITORY), "ls-files", "-co", "--exclude-standard"]
    said = subprocess.run(listing, capture_output=True, text=True, check=False)
    names = said.stdout.splitlines() if said.returncode == 0 else [shown(path) for path in code_files()]
    paths = [REPOSITORY / name for name in names]
    return [path for path in paths if path.is_file() and path.suffix in TEXT_ENDINGS]


# ---------------------------------------------------------------- sizes and names


def test_the_walk_finds_code_in_every_room() -> None:
    rooms = {path.relative_to(REPOSITORY).parts[0] for path in code_files()}
    assert rooms >= set(PACKAGES)


def test_no_file_is_longer_than_a_person_reads() -> None:
    files = [*code_files(), *(REPOSITORY / "tests").rglob("*.py")]
    lengths = {shown(path): len(path.read_text().splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {
        f"{shown(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in code_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    vague = [shown(path) for path in code_files() if NAMES_THAT_SAY_NOTHING & {path.stem, path.parent.name}]
    assert vague == []


def test_every_package_says_what_belongs_in_it() -> None:
    folders = {path.parent for path in code_files() if path.relative_to(REPOSITORY).parts[0] in PACKAGES}
    # Alembic reads its revisions by path; they are not a package.
    silent = [shown(folder) for folder in folders if folder.name != "versions" and not says_something(folder)]
    assert sorted(silent) == []


def says_something(folder: Path) -> bool:
    init = folder / "__init__.py"
    return init.exists() and bool(ast.get_docstring(tree_of(init)))


def test_every_module_says_what_it_is() -> None:
    silent = [shown(path) for path in code_files() if not ast.get_docstring(tree_of(path))]
    assert silent == []


def test_no_test_folder_shadows_a_package() -> None:
    assert list((REPOSITORY / "tests").rglob("__init__.py")) == []


# ---------------------------------------------------------------- places


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_come_from_this_checkout(package: str) -> None:
    found = importlib.import_module(package).__file__
    assert found
    assert Path(found).is_relative_to(REPOSITORY)


@pytest.mark.parametrize("name", connector_names())
def test_a_connector_brings_mapping_simulator_and_rig(name: str) -> None:
    assert missing_parts(name) == []


def missing_parts(name: str) -> list[str]:
    """What a connector of this name still needs, by the places where the hub looks for it."""
    wanted = (f"mappings/{name}", f"partnerhub/simulator/{name}", f"tests/connectors/conformance/{name}_rig")
    return [
        part
        for part in wanted
        if not any((REPOSITORY / (part + end)).exists() for end in (".py", "/__init__.py"))
    ]


def test_a_connector_that_brings_nothing_is_noticed() -> None:
    assert len(missing_parts("nowhere")) == 3


@pytest.mark.parametrize("entry", ["partnerhub.cli.app", "partnerhub.config", "warehouse.database"])
def test_what_everybody_starts_loads_neither_dagster_nor_splink(entry: str) -> None:
    program = f"import sys, {entry}; print([name for name in ('dagster', 'splink', 'pandas') if name in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert said.stdout.strip() == "[]"


# ---------------------------------------------------------------- nothing of this machine, nothing unpinned


def test_no_file_names_this_machine() -> None:
    traces = [str(REPOSITORY), f"{Path.home()}/", *registry_hosts()]
    found = {
        shown(path): trace
        for path in repository_files()
        for trace in traces
        if trace in path.read_text(errors="replace")
    }
    assert found == {}


def registry_hosts() -> list[str]:
    """Hosts of the package registries this machine is set up with."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    hosts = set(re.findall(r"https?://(?:[^@/\s']*@)?([^/:\s']+)", said))
    return sorted(hosts - {"localhost", "127.0.0.1"})


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_no_address(lock: str) -> None:
    lines = [line for line in (REPOSITORY / lock).read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert len(lines) > 50


def test_the_lock_of_spark_pins_what_its_extra_declares_and_nothing_that_is_locked_already() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lines = [line for line in (REPOSITORY / SPARK_LOCK).read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    locked = locked_names(REPOSITORY / SPARK_LOCK)
    assert declared_names(project["optional-dependencies"]["spark"]) <= locked
    assert locked & locked_names(REPOSITORY / "requirements-dev.lock") == set()


def test_the_lock_of_dagsters_history_pins_what_its_extra_declares_and_nothing_a_hub_has_already() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    locked = locked_names(REPOSITORY / HISTORY_LOCK)
    assert declared_names(project["optional-dependencies"]["dagster-postgres"]) <= locked
    assert locked & locked_names(REPOSITORY / "requirements.lock") == set()


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    runtime, development = (locked_names(REPOSITORY / lock) for lock in LOCKS)
    assert declared_names(project["dependencies"]) - runtime == set()
    assert declared_names(project["optional-dependencies"]["dev"]) - development == set()
    assert runtime - development == set()


def test_every_package_the_program_imports_is_declared() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    brought = {"pydantic-core", "starlette"}  # one release with pydantic, FastAPI's own foundation
    extra = declared_names(project["optional-dependencies"]["spark"])
    undeclared = imported_distributions() - declared_names(project["dependencies"]) - extra - brought
    assert undeclared == set()


def imported_distributions() -> set[str]:
    """The packages, by the names they are installed under, that modules of ours import."""
    modules = {
        name.split(".")[0]
        for path in code_files()
        if path.relative_to(REPOSITORY).parts[0] in PACKAGES
        for node in ast.walk(tree_of(path))
        for name in imported_names(node)
    }
    known = packages_distributions()
    return {known[name][0].lower().replace("_", "-") for name in modules - set(PACKAGES) if name in known}


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def locked_names(lock: Path) -> set[str]:
    return {line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line and line[0] != "#"}


def declared_names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-") for line in requirements}

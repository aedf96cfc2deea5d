"""Every commit site of the program, read from its source: the functions that open a transaction.

A site's failpoints are called after it (`warehouse.failpoints`), so finding the sites is finding the failpoints.
"""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("pipelines", "warehouse", "partnerhub", "connectors", "mappings")
PASSED_ON = frozenset({"warehouse/database.py"})
"""Where transactions are made, not used."""


def sites() -> dict[str, int]:
    """Name of every commit site → how many transactions its function opens."""
    found: dict[str, int] = {}
    for path in program_files():
        name = (
            path.relative_to(REPOSITORY)
            .with_suffix("")
            .as_posix()
            .replace("/", ".")
            .removesuffix(".__init__")
        )
        for qualname, calls in calls_by_function(ast.parse(path.read_text()), "transaction").items():
            found[f"{name}.{qualname}"] = calls
    return found


def bare_commits() -> set[str]:
    """`file: function` of everything that commits by other means than `Connection.transaction`."""
    found = set()
    for path in program_files():
        place = path.relative_to(REPOSITORY).as_posix()
        tree = ast.parse(path.read_text())
        for attribute in ("commit", "begin_transaction"):
            found |= {f"{place}: {name or 'module'}" for name in calls_by_function(tree, attribute)}
    return found


def program_files() -> list[Path]:
    """The program's own modules, the simulator aside: it is not the hub."""
    files = (path for room in ROOMS for path in sorted((REPOSITORY / room).rglob("*.py")))
    return [
        path
        for path in files
        if "simulator" not in path.parts and path.relative_to(REPOSITORY).as_posix() not in PASSED_ON
    ]


def calls_by_function(tree: ast.AST, attribute: str) -> dict[str, int]:
    """Qualified name of a function → how often it calls a method of the given name itself."""
    found: dict[str, int] = {}

    def walk(node: ast.AST, inside: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            if isinstance(child, ast.Call) and getattr(child.func, "attr", "") == attribute:
                name = ".".join(inside)
                found[name] = found.get(name, 0) + 1
            walk(child, (*inside, child.name) if named else inside)  # type: ignore[attr-defined]

    walk(tree, ())
    return found

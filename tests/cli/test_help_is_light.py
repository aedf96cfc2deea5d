"""`--help` answers at once because nothing heavy is imported for it."""

import subprocess
import sys

HEAVY = (
    "dagster",
    "pandas",
    "splink",
    "duckdb",
    "sqlalchemy",
    "sqlmodel",
    "fastapi",
    "uvicorn",
    "hubspot",
    "connectors",
)

PROGRAM = """
import sys
from partnerhub.cli.app import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(*arguments: str) -> set[str]:
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return set(said.stdout.rpartition("LOADED")[2].split())


def test_help_loads_nothing_heavy():
    loaded = loaded_by("--help")
    assert "typer" in loaded
    assert not loaded & set(HEAVY)


def test_help_of_a_command_loads_nothing_heavy():
    assert not loaded_by("sync", "--help") & set(HEAVY)

"""Write the locks: every package of the closure, pinned, without any address.

One is for running the hub, one for developing it, and one each holds what the extras spark and dagster-postgres add.
Asks pip what it would install, once per Python version found, and merges the answers; a package that only some
versions need gets a marker. Versions already in the lock stay unless `--upgrade` is given. Used by `make lock`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
EXTRAS = ("spark", "dagster-postgres")
"""Their locks hold what they add to requirements.lock, by its versions."""
# PyICU is published as source only and needs a C++ compiler and ICU's headers. rigour pulls it in for
# transliteration, which the hub never calls: mappings/icu_stand_in.py.
LEFT_OUT = {"pyicu": "source only, needs a compiler; mappings/icu_stand_in.py does without"}
# Published as source only, but nothing in it is compiled.
BUILT_WITHOUT_COMPILER = {"pyspark"}
HEADER = """\
# Written by `make lock`. Installed with --no-deps: this is the whole closure of pyproject.toml.
# Tried with Python {pythons}.
"""


def main() -> None:
    """Write both files next to pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime = project["dependencies"]
    extras = project["optional-dependencies"]
    pythons = {version: path for version in PYTHONS if (path := interpreter(version))}
    wants = {
        "requirements.lock": runtime,
        "requirements-dev.lock": runtime + extras["dev"],
        **{f"requirements-{extra}.lock": extras[extra] for extra in EXTRAS},
    }
    for name, wanted in wants.items():
        old = [] if "--upgrade" in sys.argv else pins(ROOT / name)
        base = pins(ROOT / "requirements.lock") if wanted not in (runtime, runtime + extras["dev"]) else []
        there = {re.split(r"[=;\s]", line, maxsplit=1)[0] for line in base}
        closures = {
            version: {p: v for p, v in closure(python, wanted, [*old, *base]).items() if p not in there}
            for version, python in pythons.items()
        }
        text = HEADER.format(pythons=", ".join(pythons))
        text += "".join(f"# Left out: {package} ({why}).\n" for package, why in LEFT_OUT.items())
        (ROOT / name).write_text(text + "\n".join(merged(closures)) + "\n")
        print(f"{name}: {len(set().union(*closures.values()))} packages for Python {', '.join(pythons)}")


def interpreter(version: str) -> str | None:
    """A Python of this version that runs and has venv, or None."""
    for candidate in (
        f"python{version}",
        *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")),
    ):
        try:
            subprocess.run([candidate, "-c", "import venv, ensurepip"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    return None


def pins(path: Path) -> list[str]:
    """The pinned lines of an existing lock."""
    if not path.exists():
        return []
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def closure(python: str, wanted: list[str], constraints: list[str]) -> dict[str, str]:
    """Package name to version: what pip would install into an empty environment of this Python."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        report, limits = Path(folder, "report.json"), Path(folder, "constraints.txt")
        limits.write_text("\n".join(constraints))
        pip = [f"{folder}/bin/pip", "install", "-qq", "--dry-run", "--ignore-installed"]
        subprocess.run([*pip, "--report", str(report), "-c", str(limits), *wanted], check=True)
        return named_versions(json.loads(report.read_text()))


def named_versions(report: dict[str, Any]) -> dict[str, str]:
    """The closure of one of pip's reports; stops at a package without wheels that nobody excused."""
    found: dict[str, str] = {}
    for item in report["install"]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        if name in LEFT_OUT:
            continue
        if not item["download_info"]["url"].endswith(".whl") and name not in BUILT_WITHOUT_COMPILER:
            sys.exit(f"{name} comes as source only: `make demo` would need a compiler.")
        found[name] = item["metadata"]["version"]
    return found


def merged(closures: dict[str, dict[str, str]]) -> list[str]:
    """Lines `name==version`, with a marker where not every Python has the same."""
    lines = []
    for name in sorted(set().union(*closures.values())):
        versions = {python: found[name] for python, found in closures.items() if name in found}
        for version in sorted(set(versions.values())):
            pythons = [python for python, one in versions.items() if one == version]
            marker = " or ".join(f'python_version == "{python}"' for python in pythons)
            lines.append(f"{name}=={version}" + ("" if len(pythons) == len(closures) else f" ; {marker}"))
    return lines


if __name__ == "__main__":
    main()

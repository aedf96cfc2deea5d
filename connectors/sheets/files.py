"""Which files a sheet source reads, and how it knows whether they changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from connectors.errors import FixSetup, RetryLater
from connectors.record import JsonObject

TEXT_SUFFIXES: Final = frozenset({".csv", ".tsv", ".tab", ".txt"})
WORKBOOK_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xltx"})
OLD_SUFFIXES: Final = frozenset({".xls", ".xlsb", ".ods", ".numbers"})
WILDCARDS: Final = frozenset("*?[")
BLOCK_BYTES: Final = 1 << 20


def find_files(path: Path) -> list[Path]:
    """The files a path means: itself, everything readable in a folder, or all that match a pattern; sorted by name.

    Raises `FixSetup` when there is none. Lock files of spreadsheet programs (`~$…`) and hidden files are left out.
    """
    if path.is_file():
        return [path]
    if path.is_dir():
        found = [each for each in path.iterdir() if each.suffix.lower() in TEXT_SUFFIXES | WORKBOOK_SUFFIXES]
    elif WILDCARDS & set(path.name):
        found = list(path.parent.glob(path.name))
    else:
        raise missing(path)
    kept = sorted(each for each in found if each.is_file() and not each.name.startswith(("~$", ".")))
    if not kept:
        raise missing(path)
    return kept


def missing(path: Path) -> FixSetup:
    """The error for a path under which nothing lies."""
    return FixSetup(
        code="missing_file",
        do="Put the file there, or correct `path` in partnerhub.yaml.",
        happened=f"There is no spreadsheet at {path}.",
    )


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook rather than text. Raises `FixSetup` for formats the hub does not read."""
    suffix = path.suffix.lower()
    if suffix in OLD_SUFFIXES:
        raise FixSetup(
            code="old_excel_format" if suffix == ".xls" else "unknown_file_format",
            do="Open it in a spreadsheet program and save it as .xlsx or CSV.",
            happened=f"{path.name} is a {suffix} file.",
        )
    with path.open("rb") as file:
        start = file.read(4)
    # By content first: a workbook renamed to .csv is common, and so is the reverse.
    return start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or (
        suffix in WORKBOOK_SUFFIXES and start != b""
    )


def fingerprint(files: list[Path]) -> dict[str, JsonObject]:
    """Size, modification time and sha256 of every file by name. Raises `FixSetup` for files that may not be read."""
    return {path.name: {**stamp(path), "sha256": sha256_of(path)} for path in files}


def stamp(path: Path) -> JsonObject:
    """Size in bytes and modification time in nanoseconds."""
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def demand_unchanged(files: list[Path], before: dict[str, JsonObject]) -> None:
    """Raise `RetryLater` when a file was written to while it was read: half of each state would be neither."""
    for path in files:
        now = stamp(path) if path.exists() else {}
        if any(now.get(name) != before[path.name][name] for name in ("size", "mtime_ns")):
            raise RetryLater(
                code="file_changed_while_reading",
                do="Nothing; the next sync reads it again.",
                happened=f"{path.name} was saved while it was being read.",
            )

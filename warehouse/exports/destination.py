"""Where an export goes: made aside, then put in place, so that a reader finds the former export whole or this one.

A folder of this machine is exchanged in one step. Anywhere else (any URL fsspec knows, or a folder that is a mount and
cannot be renamed) the former manifest goes first, then the files are put, the new manifest last: a place without
`manifest.json` is being written.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST: Final = "manifest.json"
LOCAL: Final = "file://"
ASIDE: Final = ".partnerhub-export-"
ABANDONED_AFTER: Final = timedelta(days=1)
"""How old a folder of an export that never ended is when the next one takes it away."""
AT_FDCWD, EXCHANGE = -100, 2
SECRET: Final = re.compile(r"(?<=://)(?:[^/@]*|[^@]*:[^@]*)@|[?#].*", re.DOTALL)
"""What of a URL may open its place: who signs in, and what is said after the path (a signature, a token)."""
CANNOT_MOVE: Final = frozenset({errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS})


class NotAnExport(WarehouseError):
    """The place holds files that no export made."""

    def __init__(self, place: str) -> None:
        """Name the place as it was given."""
        super().__init__(
            f"{place} holds files, and no manifest.json of an export among them.",
            "Name a new or an empty folder: an export replaces what is there.",
        )


class NoPlace(WarehouseError):
    """A place cannot be read or written."""

    def __init__(self, place: str, why: str) -> None:
        """Name the place, and why; what signs in to a URL is left out."""
        super().__init__(
            f"{without_secret(place) or 'No folder'} cannot be read or written: {why}.",
            "Make room or give this account access there, or name another folder or URL; then run it again."
            " A former export there is as it was, unless it has no manifest.json any more.",
        )


@contextmanager
def aside(place: str) -> Iterator[Path]:
    """A folder to write into, which takes the place of `place` when the block ends without an error.

    Raises NotAnExport before anything is written where the place holds something else, NoPlace where the disk is full
    or the place cannot be written.
    """
    with reached(place):
        yield from made_aside(place)


@contextmanager
def reached(place: str) -> Iterator[None]:
    """Say in words what the system or a driver says of a place. Raises NoPlace."""
    try:
        yield
    except OSError as error:
        raise NoPlace(place, error.strerror or type(error).__name__) from error


def made_aside(place: str) -> Iterator[Path]:
    """The folder of `aside`, as a step before it is used and one after."""
    folder = local_folder(place)
    refuse_what_is_no_export(place, folder)
    near = folder.parent if folder and is_writable(folder.parent) else None
    if near:
        clear_abandoned(near)
    made = Path(tempfile.mkdtemp(prefix=ASIDE, dir=near))
    try:
        yield made
        if folder is None or not exchanged(made, folder):
            put(made, place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def clear_abandoned(near: Path) -> None:
    """Take away what exports that were killed left beside."""
    latest = datetime.now(UTC) - ABANDONED_AFTER
    for left in near.glob(f"{ASIDE}*"):
        if datetime.fromtimestamp(left.stat().st_mtime, UTC) < latest:
            shutil.rmtree(left, ignore_errors=True)


def without_secret(place: str) -> str:
    """A folder as it is; a URL without what signs in to it."""
    return SECRET.sub("", place) if "://" in place else place


def local_folder(place: str) -> Path | None:
    """The folder a place names on this machine; None for a URL of another kind."""
    if place.startswith(LOCAL):
        return Path(place.removeprefix(LOCAL))
    return None if "://" in place else Path(place).absolute()


def is_writable(folder: Path) -> bool:
    """Whether something can be made in a folder; makes the folder where it is not there yet."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def refuse_what_is_no_export(place: str, folder: Path | None) -> None:
    """Raise NotAnExport for a place with files and no manifest."""
    if folder is not None and folder.is_file():
        raise NoPlace(place, "it is a file")
    if folder is not None:
        holds = folder.exists() and any(folder.iterdir())
        is_export = (folder / MANIFEST).is_file()
    else:
        files, root = remote(place)
        holds = bool(files.exists(root) and files.ls(root, detail=False))
        is_export = bool(files.exists(f"{root}/{MANIFEST}"))
    if holds and not is_export:
        raise NotAnExport(place)


def remote(place: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it. Raises WarehouseError where its driver is not installed."""
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as error:
        raise WarehouseError(
            f"Nothing can be read or written at {place.partition('://')[0]}://: {error}",
            "Install the driver that fsspec names (s3fs, gcsfs, adlfs, …), or name a folder.",
        ) from None
    return files, str(root).rstrip("/")


def exchanged(made: Path, folder: Path) -> bool:
    """Put a folder in another's place in one step; False where the system does not let it be moved."""
    made.chmod(0o755)
    try:
        if not folder.exists():
            made.rename(folder)
        elif not swapped(made, folder):
            folder.rename(former := made.with_name(f"{made.name}-former"))
            made.rename(folder)
            shutil.rmtree(former)
    except OSError as error:
        if error.errno not in CANNOT_MOVE:
            raise
        return False
    return True


def swapped(one: Path, other: Path) -> bool:
    """Exchange two folders' names at once, as Linux can; False elsewhere."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        done = library.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), EXCHANGE)
    except (OSError, AttributeError):
        return False
    return int(done) == 0


def put(made: Path, place: str) -> None:
    """Copy every file to its place, the manifest last, and take away files of the former export that are no more."""
    folder = local_folder(place)
    files, root = remote(place if folder is None else f"{LOCAL}{folder}")
    former = read_manifest(files, root)
    if former:
        files.rm(f"{root}/{MANIFEST}")
    names = sorted(str(each.relative_to(made)) for each in made.rglob("*") if each.is_file())
    for name in [*(each for each in names if each != MANIFEST), MANIFEST]:
        files.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
        files.put_file(str(made / name), f"{root}/{name}")
    for name in files_of(former) - set(names):
        if files.exists(f"{root}/{name}"):
            files.rm(f"{root}/{name}")


def read_manifest(files: Any, root: str) -> dict[str, Any]:
    """The manifest that stands in a place; empty where there is none."""
    if not files.exists(f"{root}/{MANIFEST}"):
        return {}
    found: dict[str, Any] = json.loads(files.cat_file(f"{root}/{MANIFEST}"))
    return found


def files_of(manifest: dict[str, Any]) -> set[str]:
    """The files a manifest names, itself left out."""
    tables = manifest.get("tables", [])
    return {each["path"] for table in tables for each in table["files"]} | set(manifest.get("beside", []))

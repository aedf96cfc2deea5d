"""The folder behind a URL: which decks lie in it, and their bytes. Any fsspec file system; its failures by remedy."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from fsspec.core import url_to_fs
from fsspec.registry import known_implementations
from fsspec.spec import AbstractFileSystem

from connectors.errors import FixSetup, SkipStream, SyncError
from connectors.record import utc_text
from connectors.transport import Patience, TryAgain, persist

TITLE: Final = "The folder of decks"
DECKS: Final = (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm")
OLD: Final = (".ppt", ".pps", ".pot")
"""Listed too, so that a deck in the format before 2007 is reported instead of overlooked."""
NOT_DECKS: Final = ("~$", ".")
"""How names of lock files and hidden files begin."""
RESOURCE_FORKS: Final = "__MACOSX"
WILDCARDS: Final = frozenset("*?[")
VERSIONS: Final = ("ETag", "etag", "md5", "md5Hash", "content_md5", "checksum", "generation", "version_id")
"""Where file systems keep a mark of the content; the first one there counts, beside the time."""
TIMES: Final = ("LastModified", "last_modified", "mtime", "updated", "modified", "modify", "created")
INODE: Final = "ino"
REFUSALS: Final = (
    "credential",
    "unauthorized",
    "authentication",
    "invalidtoken",
    "expiredtoken",
    "accesskeyid",
)
"""Words in the names of exceptions by which drivers refuse credentials."""

Result = TypeVar("Result")


class Listed(NamedTuple):
    """One file as the listing shows it. path: relative to the folder, with `/`; stamp: changes with the file."""

    path: str
    size: int
    stamp: str
    modified: str | None


class Missing(Exception):
    """The file was there when the folder was listed, and is not any more."""


class Locked(Exception):
    """This file may not be read, though its folder may."""


class Folder:
    """One folder, file or pattern. Lists and fetches.

    locked: the folders below that the last listing was not let into, as paths relative to this one.
    """

    def __init__(self, url: str, options: Mapping[str, Any], patience: Patience) -> None:
        """Open no connection yet where the driver does not insist. Raises `FixSetup` for a URL nobody can read."""
        self._patience = patience
        self.locked: tuple[str, ...] = ()
        check_url(url)
        self._files, root = self._asked(
            lambda: url_to_fs(url, **dict(options)), lambda failure: misfit(failure, url)
        )
        self.root = str(root).rstrip("/") or "/"

    @property
    def account(self) -> str:
        """What this folder is, without credentials: protocol and path; of a local folder only its name."""
        protocol = self._files.protocol
        first = protocol if isinstance(protocol, str) else protocol[0]
        return (
            f"file:{posixpath.basename(self.root)}" if first in {"file", "local"} else f"{first}:{self.root}"
        )

    def list(self) -> list[Listed]:
        """Every deck, sorted by path. Raises `FixSetup` without a folder, `SkipStream` where it may not be listed."""
        found = self._asked(self._find)
        return sorted(each for path, facts in found.items() if (each := self._listed(path, facts)))

    def fetch(self, file: Listed) -> bytes:
        """A file's bytes. Raises `Missing` and `Locked`; one that arrives cut short is asked for again."""
        name = file.path if self._is_absolute(file.path) else posixpath.join(self._base(), file.path)

        def once() -> bytes:
            try:
                content: bytes = self._files.cat_file(name)
            except FileNotFoundError:
                raise Missing from None
            except PermissionError:
                raise Locked from None
            if len(content) != file.size:
                raise TryAgain("truncated", f"{len(content)} of {file.size} bytes of a deck arrived.")
            return content

        return self._asked(once)

    def _find(self) -> dict[str, Any]:
        """Path → facts of everything below the folder, whatever it is."""
        self._files.invalidate_cache()
        self.locked = ()
        try:
            if self._is_pattern():
                return dict(self._files.glob(self.root, detail=True))
            root = self._files.info(self.root)
            if root["type"] == "file":
                return {self.root: root}
            if type(self._files).find is AbstractFileSystem.find:
                return self._walked()
            return dict(self._files.find(self.root, detail=True))
        except FileNotFoundError:
            raise FixSetup(
                code="missing_folder",
                do="Create it, mount it, or correct `url` in partnerhub.yaml.",
                happened="There is nothing at the folder's address.",
            ) from None

    def _walked(self) -> dict[str, Any]:
        """Everything below the folder. fsspec's own walk leaves out what it may not list, as if it were empty."""
        found: dict[str, Any] = {}
        waiting, locked = [self.root], []
        while waiting:
            place = waiting.pop()
            try:
                inside = self._files.ls(place, detail=True)
            except PermissionError:
                if place == self.root:
                    raise
                locked.append(place.removeprefix(self._base()).strip("/"))
                continue
            except FileNotFoundError:
                if place == self.root:
                    raise
                continue  # it went away meanwhile
            for facts in inside:
                path = str(facts["name"]).rstrip("/")
                if facts["type"] == "directory" and path != place:
                    waiting.append(path)
                else:
                    found[path] = facts
        self.locked = tuple(sorted(locked))
        return found

    def _listed(self, path: str, facts: Mapping[str, Any]) -> Listed | None:
        """A file as an entry of the list; None for what is no deck."""
        name = posixpath.basename(path)
        if facts.get("type") != "file" or not name.lower().endswith((*DECKS, *OLD)):
            return None
        relative = path.removeprefix(self._base()).lstrip("/")
        if name.startswith(NOT_DECKS) or RESOURCE_FORKS in relative.split("/"):
            return None
        moment = next((facts[each] for each in TIMES if facts.get(each)), None)
        version = next((str(facts[each]) for each in VERSIONS if facts.get(each)), "")
        stamp = f"{version}|{moment}|{facts.get(INODE, '')}"
        return Listed(relative, int(facts.get("size") or 0), stamp, time_text(moment))

    def _base(self) -> str:
        """The folder that paths are relative to."""
        if not self._is_pattern():
            return (
                self.root if not self.root.lower().endswith((*DECKS, *OLD)) else posixpath.dirname(self.root)
            )
        fixed = self.root[: min(self.root.index(each) for each in WILDCARDS if each in self.root)]
        return fixed.rpartition("/")[0]

    def _is_pattern(self) -> bool:
        return bool(WILDCARDS & set(self.root))

    def _is_absolute(self, path: str) -> bool:
        return path.startswith(self._base() + "/")

    def _asked(
        self, once: Callable[[], Result], meaning: Callable[[Exception], Exception] | None = None
    ) -> Result:
        """Try until the store answers; what it refuses for good becomes an error by remedy."""

        def judged() -> Result:
            try:
                return once()
            except (SyncError, TryAgain, Missing, Locked):
                raise
            except Exception as failure:  # noqa: BLE001  # a driver may raise anything
                judgment = (meaning or judge)(failure)
            raise judgment  # out here it drags no driver's exception along, whose text may hold keys

        return persist(judged, self._patience, TITLE)


def misfit(failure: Exception, url: str) -> Exception:
    """What it means that no file system can be made for a URL."""
    if isinstance(failure, ImportError):
        return FixSetup(
            code="missing_driver",
            do=f"Install the fsspec driver for it: {driver_of(url)}.",
            happened=f"No driver for {scheme_of(url)}:// is installed.",
        )
    if isinstance(failure, ValueError | TypeError):
        return FixSetup(
            code="unknown_protocol",
            do="Write an address fsspec knows, such as file:///srv/decks or s3://bucket/decks, with its `options`.",
            happened=f"Nothing here reads {scheme_of(url)}:// with these options.",
        )
    return judge(failure)


def judge(failure: Exception) -> Exception:
    """What a driver's exception means, by its class alone: its text may hold addresses and keys."""
    kind = type(failure).__name__
    if any(word in kind.casefold() for word in REFUSALS):
        return FixSetup(
            code="unauthorized",
            do="Check the credentials in the source's `options`.",
            happened=f"The store refused them ({kind}).",
        )
    if isinstance(failure, PermissionError):
        return SkipStream(
            code="forbidden",
            do="Give this user, or the credentials in `options`, the right to list and read the folder.",
            happened="The folder may not be read.",
        )
    if isinstance(failure, NotImplementedError | TypeError):
        return FixSetup(
            code="unlistable_folder",
            do="Use an address whose folders can be listed.",
            happened=f"The driver cannot list it ({kind}).",
        )
    return TryAgain("timeout" if "Timeout" in kind else "unreachable", f"The store failed ({kind}).")


def check_url(url: str) -> None:
    """Raise `FixSetup` for a password inside the address, which would be shown wherever the address is."""
    if urlsplit(url).password:
        raise FixSetup(
            code="secret_in_url",
            do="Move user and password into `options` (`username: …`, `password: ${FTP_PASSWORD}`).",
            happened="The folder's address holds a password.",
        )


def scheme_of(url: str) -> str:
    """The part of an address before ://, or `file`."""
    return url.partition("://")[0] if "://" in url else "file"


def driver_of(url: str) -> str:
    """What fsspec itself says is to be installed for an address."""
    known = known_implementations.get(scheme_of(url).partition("::")[0], {})
    return str(known.get("err", "see the list of fsspec's implementations")).rstrip(".")


def time_text(moment: object) -> str | None:
    """A file system's time as UTC text: seconds since 1970, a datetime, or ISO text."""
    try:
        if isinstance(moment, int | float):
            return utc_text(datetime.fromtimestamp(moment, UTC))
        read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if isinstance(read, datetime):
            return utc_text(read if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError, OSError):
        return None
    return None
